"""Damaged and hostile stores: a `DataError` each time, no code run, no unbounded memory."""

from __future__ import annotations

import io
import json
import os
import shutil
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import StoreDataset
from muse.datasets.store import Store, StoreRecorder, recover, spec_of

LENGTHS = [5, 18, 3]
MOST_BYTES = 64 << 20
SEARCH = settings(
    max_examples=60, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)
JUNK = [
    None, -1, 0, 1, 3, 10**15, 2**63, 10**30, 1.5, True, "", "x", "../../../etc/passwd",
    "/etc/passwd", "columns/../..", "columns/1", "|O", "<f8", "<U999999", "step", "episode",
    "jpeg", "video", "raw", [], [[]], [0], [[0, 1]], [10**9, 10**9, 3], {}, {"a": []}, "os.system",
    "steps.records",
]  # fmt: skip


def codecs():
    try:
        import av  # noqa: F401
        import PIL  # noqa: F401
    except ImportError:
        return ["raw"]
    return ["raw", "jpeg", "video"]


@pytest.fixture(params=codecs())
def store(request, spec, write_store):
    sizes = np.arange(3, dtype=np.float32)[:, None]
    path, _ = write_store(
        LENGTHS, spec, request.param, extra={"param/size": sizes}, filters={"train": [0, 2]}
    )
    return path


def read_all(path, verify=True):
    """Read whatever there is, in every way; return the arrays."""
    opened = Store.open(path)
    if verify:
        opened.verify()
    arrays = {
        (c.name, i): opened.read(c.name, i)
        for c in opened.columns()
        for i in range(len(opened.lengths))
    }
    for name in opened.manifest.filters:
        opened.filter(name)
    if opened.manifest.spec is not None:
        data = StoreDataset(AttrDict(file=str(path), horizon=2, batch_size=3, allow_missing=True))
        data.get_batch([0, len(data) - 1])
        data.get_episode(0)
    return arrays


def bounded(action, *args):
    """Return what `action` does, None for a DataError; other errors and much memory fail."""
    tracemalloc.start()
    try:
        return action(*args)
    except DataError as error:
        assert "\n" not in str(error) and str(error)
        return None
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MOST_BYTES, f"{peak >> 20} MiB"


def damage(data, draw):
    """Return `data` cut short, with bits flipped, overwritten or emptied."""
    kind = draw(st.sampled_from(["cut", "flip", "overwrite", "empty"]))
    place = draw(st.integers(0, max(len(data) - 1, 0)))
    if kind == "cut":
        return data[:place]
    if kind == "empty" or not data:
        return b""
    changed = bytearray(data)
    if kind == "flip":
        changed[place] ^= 1 << draw(st.integers(0, 7))
    else:
        junk = draw(st.binary(min_size=1, max_size=16))
        changed[place : place + len(junk)] = junk
    return bytes(changed)


def test_damaged_files_are_told_or_harmless(store, tmp_path):
    whole = read_all(store)
    files = sorted(p.relative_to(store) for p in store.rglob("*") if p.is_file())
    copy = tmp_path / "copy"

    @SEARCH
    @given(st.data())
    def check(data):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        file = copy / data.draw(st.sampled_from(files))
        before = file.read_bytes()
        file.write_bytes(damage(before, data.draw))
        bounded(read_all, copy, False)
        found = bounded(read_all, copy)
        if found is not None:  # verified: then nothing that counts was changed
            assert found.keys() == whole.keys()
            assert all(np.array_equal(found[key], whole[key]) for key in whole)

    check()


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        children = enumerate(value[:4])
    for key, child in children:
        yield from places(child, (*path, key))


def test_manifests_of_any_content_are_told(store, tmp_path):
    original = json.loads((store / "manifest.json").read_text())
    del original["crc32"]
    everywhere = [p for p in places(original) if p]
    copy = tmp_path / "copy"
    shutil.copytree(store, copy)

    @settings(SEARCH, max_examples=150)
    @given(st.sampled_from(everywhere), st.sampled_from(JUNK), st.booleans())
    def check(place, junk, delete):
        value = json.loads(json.dumps(original))
        parent = value
        for key in place[:-1]:
            parent = parent[key]
        if delete:
            del parent[place[-1]]
        else:
            parent[place[-1]] = junk
        write_manifest(copy, value)
        bounded(read_all, copy, False)

    check()


def write_manifest(store, value):
    """Write a manifest whose checksum is right, as an attacker would."""
    crc = zlib.crc32(json.dumps(value, sort_keys=True).encode())
    (store / "manifest.json").write_text(json.dumps({**value, "crc32": crc}))


def edited(store, **changes):
    value = json.loads((store / "manifest.json").read_text())
    del value["crc32"]
    value.update(changes)
    write_manifest(store, value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', "[" * 100_000, '{"format": 1}', "\x00", "9" * 10_000]
)
def test_text_that_is_no_manifest_is_told(text, store):
    (store / "manifest.json").write_text(text)
    with pytest.raises(DataError, match=r"manifest\.json"):
        Store.open(store)


def test_a_version_to_come_says_what_to_do(store):
    edited(store, version=2)
    with pytest.raises(DataError, match="schema version 2, expected 1.*update Muse"):
        Store.open(store)


def test_an_edited_manifest_is_told(store):
    path = store / "manifest.json"
    path.write_text(
        path.read_text().replace("demos", "other").replace('"steps": 26', '"steps": 25')
    )
    with pytest.raises(DataError, match="does not match its checksum"):
        Store.open(store)


def test_absurd_sizes_are_refused_when_opened(store):
    edited(store, steps=10**15, episodes=10**15)
    with pytest.raises(DataError, match="truncated"):
        Store.open(store)


@pytest.mark.parametrize(
    "name", ["../outside.raw", "/etc/passwd", "a/b.raw", "..", "x.raw/../y.raw"]
)
def test_files_outside_the_store_are_refused(name, store):
    value = json.loads((store / "manifest.json").read_text())
    value["files"][0]["file"] = name
    edited(store, files=value["files"])
    with pytest.raises(DataError, match="damaged: file"):
        Store.open(store)
    edited(store, folder="../elsewhere")
    with pytest.raises(DataError, match="damaged"):
        Store.open(store)


def test_a_spec_cannot_import_what_it_likes(store):
    value = json.loads((store / "manifest.json").read_text())
    for key in ("cls", "wp_dynamics_fn"):
        edited(store, spec={**value["spec"], key: "antigravity.fly"})
        with pytest.raises(DataError, match="expected a name in muse"):
            spec_of(store)


def test_what_is_no_file_is_told(store, files_of):
    file = files_of(store)["steps.records"]
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(DataError, match="is no file"):
        Store.open(store)
    file.unlink()
    with pytest.raises(DataError, match=r"steps\.records cannot be read"):
        Store.open(store)


def test_a_truncated_column_is_refused_when_opened(store, files_of):
    files = files_of(store)
    for name in ("steps.records", "episode_ends.i64", "episodes.records"):
        whole = files[name].read_bytes()
        files[name].write_bytes(whole[:-1])
        with pytest.raises(DataError, match=r"truncated|does not match"):
            Store.open(store)
        files[name].write_bytes(whole)


def test_verify_says_which_episode_is_damaged(store, files_of):
    codec = Store.open(store).column("image")[0].codec
    # Images as small as these lie among the other small columns unless they are encoded.
    image = files_of(store)["steps.records" if codec == "raw" else f"image.{codec}"]
    data = bytearray(image.read_bytes())
    data[-1] ^= 1
    image.write_bytes(data)
    opened = Store.open(store)
    opened.verify([0, 1])
    with pytest.raises(DataError, match=f"{image.name} does not match its checksum in episode 2"):
        opened.verify()


def test_an_image_bomb_is_not_decoded(spec, write_store, files_of):
    pil = pytest.importorskip("PIL.Image")
    path, _ = write_store([1], spec, "jpeg")
    buffer = io.BytesIO()
    pil.new("RGB", (8, 8)).save(buffer, "JPEG")
    bomb = bytearray(buffer.getvalue())
    place = bomb.index(b"\xff\xc0") + 5  # the frame header's height and width
    bomb[place : place + 4] = (65000).to_bytes(2, "big") * 2
    plant(path, files_of(path), "image.jpeg", bytes(bomb))
    with pytest.raises(DataError, match="65000x65000|decompression bomb"):
        bounded_raises(Store.open(path).read, "image", 0)


def test_a_video_bomb_is_not_decoded(spec, write_store, files_of):
    pytest.importorskip("av")
    from muse.datasets.store.images import encode_video

    path, _ = write_store([1], spec, "video")
    bomb = encode_video(np.zeros((1, 2160, 3840, 3), np.uint8), 50)
    plant(path, files_of(path), "image.video", bomb)
    with pytest.raises(DataError, match="video data are damaged"):
        bounded_raises(Store.open(path).read, "image", 0)


def plant(store, files, name, data):
    """Put `data` in place of the only image of a store."""
    files[name].write_bytes(data)
    files[f"{name}.ends"].write_bytes(len(data).to_bytes(8, "little"))
    value = json.loads((store / "manifest.json").read_text())
    for file in value["files"]:
        if file["file"] == name:
            file["data_bytes"] = len(data)
    edited(store, files=value["files"])


def bounded_raises(action, *args):
    tracemalloc.start()
    try:
        action(*args)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MOST_BYTES


def test_damaged_recordings_are_told_or_salvaged(spec, make_data, tmp_path):
    source = tmp_path / "source"
    recorder = StoreRecorder(source, spec, sync_every=2)
    for length in (4, 7):
        data = make_data([length])
        recorder.add_episode(AttrDict(data))
    for i in range(5):
        recorder.add(AttrDict((n, a[i : i + 1]) for n, a in make_data([9]).items()))
    recorder.sync()
    copy = tmp_path / "copy"

    @SEARCH
    @given(st.data())
    def check(data):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        logs = sorted(p for p in (copy / "episodes").rglob("*") if p.is_file())
        file = data.draw(st.sampled_from(logs))
        file.write_bytes(damage(file.read_bytes(), data.draw))
        bounded(read_all, copy, False)
        if bounded(recover, copy) is not None:
            assert bounded(read_all, copy) is not None
            assert Store.open(copy).lengths.tolist()[:2] == [4, 7]

    check()
    recorder.close()
