"""What a store holds after its recorder was killed, or met a full disk.

`MUSE_STORE_KILLS=200` kills at so many moments instead of 40; the worst loss is printed (-s).
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import resource
import signal
import struct
import subprocess
import time
from contextlib import suppress

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import MuseError
from muse.datasets.store import Store, StoreRecorder, recover

FORK = multiprocessing.get_context("fork")
SYNC_EVERY = 7
KILLS = int(os.environ.get("MUSE_STORE_KILLS", "40"))


class Progress:
    """What the child was promised, in memory that outlives it: finished, open and synced."""

    def __init__(self):
        self._shared = mmap.mmap(-1, 24)

    def set(self, finished, opened, synced):
        self._shared[:] = struct.pack("<3q", finished, opened, synced)

    def get(self):
        return struct.unpack("<3q", self._shared[:])


def episode_length(i):
    return 5 + (i * 13) % 29


def value(episode, step):
    return episode * 1000 + step


def one_step(episode, step):
    v = value(episode, step)
    return AttrDict(
        state=np.full((1, 3), v, np.float32),
        arm=AttrDict(joint=np.full((1, 2), v, np.float32)),
        image=np.full((1, 4, 5, 3), v % 251, np.uint8),
        action=np.full((1, 2), 0.5, np.float32),
        reward=np.full((1, 1), v, np.float32),
        done=np.array([step == episode_length(episode) - 1]),
    )


def record_for_ever(path, spec, progress, pause=0.0):
    recorder = StoreRecorder(path, spec, sync_every=SYNC_EVERY, fold_every=3)
    progress.set(recorder.num_episodes, 0, 0)
    while True:
        number = recorder.num_episodes
        for step in range(episode_length(number)):
            recorder.add(one_step(number, step))
            opened = recorder.open_steps
            progress.set(recorder.num_episodes, opened, opened - opened % SYNC_EVERY)
            time.sleep(pause)


def check_episode(store, i, length):
    """Every step is the one that was recorded."""
    values = value(i, np.arange(length))
    np.testing.assert_array_equal(store.read("state", i)[:, 0], values)
    np.testing.assert_array_equal(store.read("image", i)[:, 3, 4, 2], values % 251)


def check_finished(store, count):
    for i in range(count):
        assert store.lengths[i] == episode_length(i)
        check_episode(store, i, episode_length(i))


def killed_after(seconds, target, *args):
    child = FORK.Process(target=target, args=args)
    child.start()
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.join()


def test_a_killed_recorder_loses_only_unsynced_steps(spec, tmp_path):
    rng = np.random.default_rng(20)
    worst = 0
    for number in range(KILLS):
        path = tmp_path / str(number)
        StoreRecorder(path, spec).close()
        progress = Progress()
        killed_after(rng.uniform(0.002, 0.12), record_for_ever, path, spec, progress)
        finished, opened, synced = progress.get()
        seen = Store.open(path)  # a reader after the crash, before any recovery
        assert len(seen.lengths) >= finished
        check_finished(seen, len(seen.lengths))
        if number % 3 == 0:
            killed_after(rng.uniform(0.0, 0.01), recover, path)
        recover(path)
        store = Store.open(path)
        store.verify()
        cut_short = store.manifest.salvaged
        check_finished(store, len(store.lengths) - len(cut_short))
        assert len(store.lengths) - len(cut_short) >= finished
        saved = 0
        for i in cut_short:
            assert i == len(store.lengths) - 1
            saved = int(store.lengths[i])
            check_episode(store, i, saved)
        if len(store.lengths) - len(cut_short) == finished:
            assert saved >= synced
            worst = max(worst, opened - saved)
        assert not recover(path).salvaged
    assert worst <= SYNC_EVERY
    print(f"{KILLS} kills: no finished episode lost, at most {worst} of {SYNC_EVERY} steps")


def test_a_recorder_goes_on_after_each_crash(spec, tmp_path):
    rng = np.random.default_rng(21)
    path = tmp_path / "demos"
    StoreRecorder(path, spec).close()
    for _ in range(6):
        progress = Progress()
        killed_after(rng.uniform(0.03, 0.1), record_for_ever, path, spec, progress)
        recover(path)
        assert len(Store.open(path).lengths) >= progress.get()[0]
    Store.open(path).verify()


def test_a_reader_sees_whole_episodes_only_and_never_fewer(spec, tmp_path):
    path = tmp_path / "demos"
    StoreRecorder(path, spec).close()
    progress = Progress()
    child = FORK.Process(target=record_for_ever, args=(path, spec, progress, 0.0002))
    child.start()
    try:
        seen, opened = 0, 0
        deadline = time.monotonic() + 20
        while seen < 25 and time.monotonic() < deadline:
            promised = progress.get()[0]
            store = Store.open(path)
            assert len(store.lengths) >= max(promised, seen)
            check_finished(store, len(store.lengths))
            seen, opened = len(store.lengths), opened + 1
    finally:
        child.kill()
        child.join()
    assert seen >= 25 and opened > 5


def record_until_full(path, spec, result):
    """Record until the disk is full, and say in `result` what was promised."""
    recorder = StoreRecorder(path, spec, sync_every=SYNC_EVERY, fold_every=4)
    try:
        while True:
            number = recorder.num_episodes
            for step in range(episode_length(number)):
                recorder.add(one_step(number, step))
    except MuseError as error:
        result.put(
            (recorder.num_episodes, recorder.open_steps - recorder._log.unsynced, str(error))
        )


def limited_in_file_size(path, spec, result):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    record_until_full(path, spec, result)


def check_full(path, target, spec):
    result = FORK.Queue()
    child = FORK.Process(target=target, args=(path, spec, result))
    child.start()
    finished, synced, message = result.get(timeout=60)
    child.join()
    assert "the disk is full or a size limit was met" in message
    seen = Store.open(path)
    assert len(seen.lengths) >= finished
    check_finished(seen, finished)
    return finished, synced


def check_recovered(path, finished, synced):
    recover(path)
    store = Store.open(path)
    store.verify()
    check_finished(store, finished)
    if synced:
        assert store.lengths[finished] >= synced
        check_episode(store, finished, int(store.lengths[finished]))


def test_a_limit_of_file_sizes_loses_nothing(spec, tmp_path):
    path = tmp_path / "demos"
    StoreRecorder(path, spec).close()
    check_recovered(path, *check_full(path, limited_in_file_size, spec))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 300 KiB, which only root can make."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NO FULL DISK TRIED: cannot mount a small tmpfs: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_loses_nothing(spec, small_disk):
    path = small_disk / "demos"
    StoreRecorder(path, spec).close()
    finished, synced = check_full(path, record_until_full, spec)
    assert finished > 3
    with suppress(OSError):
        (small_disk / "filler").write_bytes(b"x" * (1 << 20))
    with suppress(MuseError):  # nothing left to write with
        recover(path)
    check_finished(Store.open(path), finished)
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    check_recovered(path, finished, synced)


def test_the_steps_wait_while_the_disk_is_full(spec, small_disk):
    path = small_disk / "demos"
    recorder = StoreRecorder(path, spec, sync_every=5)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * (1 << 20))
    with pytest.raises(MuseError, match="the disk is full"):
        for step in range(5):
            recorder.add(one_step(0, step))
    filler.unlink()
    recorder.end_episode()
    recorder.close()
    store = Store.open(path)
    assert store.lengths.tolist() == [5]
    check_episode(store, 0, 5)
