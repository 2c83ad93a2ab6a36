"""The columnar store: opening, memory, cost of a batch by size, durable recording.

Large stores are sparse files: their sizes are real, their bytes are zeros that take no disk. A
batch is cut from the same 64 sets of windows over and over, as in `dataset_bench`, so the pages are
in memory and what is timed is the store, not the disk; a row without a bar gives the time of a
batch of windows never seen before. Bare takes are `numpy.take` of the same bytes out of the same
memory map, rows worked out in advance.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from harness import Step, calibrate, endless, timed

HORIZON, BATCH, IMAGE_BATCH, EPISODE = 10, 100, 64, 200
KEYS = {"eef_pos": 3, "eef_quat": 4, "gripper": 9, "object": 14, "action": 7}
IMAGE = (96, 96, 3)
SIZES = [10**n for n in range(4, 9)]
ROUNDS, ROUND_S = 11, 0.05
CODECS = ("raw", "jpeg", "video")

Row = dict[str, Any]


def main(json_path: str | Path | None = None) -> list[Row]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = [
            *opening(folder / "large"),
            *curve(folder, "low-dim", [], BATCH),
            *curve(folder, "one camera", ["image"], IMAGE_BATCH),
            *taking(folder),
            *recording(folder),
        ]
    for each in rows:
        mark = "" if each.get("met", True) else "  MISSED"
        print(f"{each['measure']:<58}{each['ours']:>14}   {each.get('bar', '')}{mark}")
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def sparse_store(path: Path, steps: int, images: list[str]) -> Path:
    """Make a store of zeros, in episodes of `EPISODE` steps, that takes next to no disk."""
    from muse.datasets.formats.source import Column
    from muse.datasets.store import StoreWriter
    from muse.datasets.store.manifest import Manifest

    columns = [Column(n, "", (d,), np.dtype("f4")) for n, d in KEYS.items()]
    columns += [Column(n, "", IMAGE, np.dtype("u1")) for n in images]
    with StoreWriter(path, columns, spec=make_spec(images).params):
        pass
    manifest = Manifest.read(path)
    ends = np.arange(EPISODE, steps + 1, EPISODE, dtype="<i8")
    place = path / manifest.folder
    (place / "episode_ends.i64").write_bytes(ends.tobytes())
    for file in manifest.files:
        os.truncate(place / file.file, steps * file.row_bytes)
    crc = zlib.crc32(ends.tobytes())
    manifest.grown(episodes=len(ends), steps=steps, ends_crc32=crc).write(path)
    return path


def make_spec(images: list[str]) -> Any:
    """Return the env spec of the low-dimensional keys and `images`."""
    from muse.core.attrdict import AttrDict
    from muse.core.spec import ParamEnvSpec

    rows: list[Any] = [(n, (d,), (None, None), "float32") for n, d in KEYS.items()]
    rows += [(n, IMAGE, (0, 255), "uint8") for n in images]
    names = [n for n in (*KEYS, *images) if n != "action"]
    return ParamEnvSpec(
        AttrDict(names_shapes_limits_dtypes=rows, observation_names=names, action_names=["action"])
    )


def open_dataset(path: Path, batch: int) -> Any:
    """Open the dataset as a user would."""
    from muse.core.attrdict import AttrDict
    from muse.datasets import StoreDataset

    return StoreDataset(AttrDict(file=str(path), horizon=HORIZON, batch_size=batch))


def opening(path: Path) -> list[Row]:
    """Open 50 GB of two cameras, and watch the memory while batches are sampled."""
    from muse.datasets.store import Store

    steps = 50 * 2**30 // (2 * int(np.prod(IMAGE))) // EPISODE * EPISODE
    sparse_store(path, steps, ["front", "wrist"])
    seconds = statistics.median(timed(lambda: Store.open(path), 1) for _ in range(ROUNDS))
    dataset_seconds = statistics.median(
        timed(lambda: open_dataset(path, IMAGE_BATCH), 1) for _ in range(ROUNDS)
    )
    dataset = open_dataset(path, IMAGE_BATCH)
    sampler = dataset.get_sampler()
    for _ in range(600):  # 20 GB of images
        dataset.get_batch(sampler.get_indices())
    before = resident_bytes()
    for _ in range(600):
        dataset.get_batch(sampler.get_indices())
    grown = max(resident_bytes() - before, 0)
    return [
        row("opening a 50 GB store", f"{seconds * 1e3:.1f} ms", "< 100 ms", seconds < 0.1),
        row(
            "opening it as a dataset",
            f"{dataset_seconds * 1e3:.1f} ms",
            "< 100 ms",
            dataset_seconds < 0.1,
        ),
        row(
            "resident memory gained from batch 600 to 1200 (20 GB)",
            f"{grown / 2**20:.0f} MiB",
            "< 64 MiB",
            grown < 64 << 20,
        ),
        million_episodes(path.with_name("episodes")),
    ]


def million_episodes(path: Path) -> Row:
    """Open a store of a million episodes."""
    from muse.datasets.store import Store

    sparse_store(path, EPISODE * 10**6, [])
    seconds = statistics.median(timed(lambda: Store.open(path), 1) for _ in range(ROUNDS))
    return row("opening a million episodes", f"{seconds * 1e3:.1f} ms", "< 100 ms", seconds < 0.1)


def curve(folder: Path, title: str, images: list[str], batch: int) -> list[Row]:
    """Return the time of a batch at each size, and the shares of a bare take."""
    datasets, seconds, shares, fresh = {}, {}, {}, {}
    for size in SIZES:
        dataset = open_dataset(sparse_store(folder / f"{title}{size}", size, images), batch)
        datasets[size] = dataset
        fresh[size] = unseen_seconds(dataset)
        ours, bare = contenders(dataset, images, batch)
        counts = [calibrate(ours, ROUND_S), calibrate(bare, ROUND_S)]
        pairs = [(timed(ours, counts[0]), timed(bare, counts[1])) for _ in range(ROUNDS)]
        seconds[size] = statistics.median(o for o, _ in pairs)
        shares[size] = statistics.median(b for _, b in pairs) / seconds[size]
    rows = []
    for size in SIZES:
        text = f"{seconds[size] * 1e6:.0f} us, {shares[size]:.0%} of numpy.take"
        rows.append(row(f"{title}: a batch of {batch} from {size:.0e} steps", text))
        rows.append(row(f"{title}: the same, windows never seen", f"{fresh[size] * 1e6:.0f} us"))
    slower = seconds[SIZES[-1]] / seconds[SIZES[0]]
    rows.append(row(f"{title}: 1e8 steps / 1e4 steps", f"{slower:.2f}x", "<= 2x", slower <= 2))
    return rows


def taking(folder: Path) -> list[Row]:
    """Return the share of a bare take for stores of real bytes: low-dim, and one camera."""
    from muse.datasets.formats.source import Column
    from muse.datasets.store import StoreWriter

    rng = np.random.default_rng(3)
    rows = []
    for title, images, batch in (("low-dim", [], BATCH), ("one camera", ["image"], IMAGE_BATCH)):
        columns = [Column(n, "", (d,), np.dtype("f4")) for n, d in KEYS.items()]
        columns += [Column(n, "", IMAGE, np.dtype("u1")) for n in images]
        path = folder / f"real {title}"
        with StoreWriter(path, columns, spec=make_spec(images).params) as writer:
            for _ in range(100):
                episode = {n: rng.random((EPISODE, d), np.float32) for n, d in KEYS.items()}
                for name in images:
                    episode[name] = rng.integers(0, 256, (EPISODE, *IMAGE), np.uint8)
                writer.add_episode(episode)
        ours, bare = contenders(open_dataset(path, batch), images, batch)
        counts = [calibrate(ours, ROUND_S), calibrate(bare, ROUND_S)]
        pairs = [(timed(ours, counts[0]), timed(bare, counts[1])) for _ in range(ROUNDS)]
        share = statistics.median(b for _, b in pairs) / statistics.median(o for o, _ in pairs)
        rows.append(row(f"{title}: share of numpy.take", f"{share:.0%}", ">= 50 %", share >= 0.5))
    return rows


def contenders(dataset: Any, images: list[str], batch: int) -> tuple[Step, Step]:
    """Return a batch of ours from given windows, and the bare take of as many bytes."""
    store = dataset.store.store
    rng = np.random.default_rng(1)
    sets = [rng.integers(0, len(dataset), batch) for _ in range(64 if not images else 8)]
    chosen = endless(sets)
    if images:
        flat = store.reader(store.column(images[0])[0]).mapped
    else:  # records of the five keys, the timestep and done, in 4-byte numbers
        flat = store.records.records.view(np.float32).reshape(len(store.records.records), -1)
    offsets = np.arange(HORIZON)
    starts = [dataset.index.locate(windows)[1] for windows in sets]
    rows = endless([each[:, None] + offsets for each in starts])
    return (
        lambda: dataset.get_batch(next(chosen)),
        lambda: np.take(flat, next(rows), axis=0),
    )


def unseen_seconds(dataset: Any) -> float:
    """Return the median seconds of a batch that its sampler draws for the first time."""
    sampler = dataset.get_sampler()
    dataset.get_batch(sampler.get_indices())
    return statistics.median(
        timed(lambda: dataset.get_batch(sampler.get_indices()), 1) for _ in range(30)
    )


def recording(folder: Path) -> list[Row]:
    """Return the time until an episode with two cameras is on the disk, and until it is folded."""
    from muse.core.attrdict import AttrDict
    from muse.datasets.store import StoreRecorder

    rng = np.random.default_rng(2)
    cameras = ["front", "wrist"]
    episode = AttrDict((n, rng.random((EPISODE, d), np.float32)) for n, d in KEYS.items())
    for name in cameras:
        episode[name] = smooth_images(rng)
    rows = []
    for codec in CODECS:
        recorder = StoreRecorder(folder / codec, make_spec(cameras), codec=codec, fold_every=1000)
        recorder.add_episode(episode)
        add = partial(recorder.add_episode, episode)
        added = statistics.median(timed(add, 1) for _ in range(ROUNDS))
        count = recorder.num_episodes
        folded = timed(recorder.fold, 1) / count
        recorder.close()
        size = sum(p.stat().st_size for p in (folder / codec / "columns").rglob("*.*")) / count
        bar = ("< 50 ms", added < 0.05) if codec == "raw" else (None, None)
        rows.append(row(f"recording: an episode durable ({codec})", f"{added * 1e3:.1f} ms", *bar))
        text = f"{folded * 1e3:.1f} ms, {size / 2**20:.1f} MiB"
        rows.append(row(f"recording: folding it into the array files ({codec})", text))
    return rows


def smooth_images(rng: np.random.Generator) -> np.ndarray:
    """Return (EPISODE, H, W, 3) images that change slowly, as cameras see."""
    height, width, _ = IMAGE
    y, x, t = np.ogrid[:height, :width, :EPISODE]
    waves = [
        127 + 80 * np.sin(x / rng.uniform(9, 30) + t / 20) * np.cos(y / rng.uniform(9, 30))
        for _ in range(3)
    ]
    return np.ascontiguousarray(np.stack(waves, -1).transpose(2, 0, 1, 3).astype(np.uint8))


def resident_bytes() -> int:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def row(measure: str, ours: str, bar: str | None = None, met: bool | None = None) -> Row:
    """Return a row of the table; one without a bar is there to be seen."""
    return {"measure": measure, "ours": ours} | ({} if bar is None else {"bar": bar, "met": met})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
