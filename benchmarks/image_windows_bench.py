"""Windows of images: from memory and from disk, against robomimic 0.3 and LeRobot 0.4.

20 episodes of 100 steps, one image of 96x96x3 uint8 and 7 numbers of action a step, horizon 10,
batch 64, batches as tensors (images uint8). Ours: `NpSequenceDataset` from memory, `StoreDataset`
(a memory-mapped column, in the page cache as for the peers) and `Hdf5Dataset` without its cache
from disk. robomimic's `SequenceDataset` with its cache "all" is its memory: it then holds every
window ready made, ten times the data, so that a batch is one copy, and the bound for any
contender is the speed of memory, which the bare take shows. Without the cache it reads the disk.
LeRobot's `LeRobotDataset` holds images as PNG in parquet, the nearest it has to either, and is
read with `delta_timestamps`. Both run in torch's DataLoader with 0 and 2 workers; the best counts,
as it does for ours from memory with 0 and 2 threads.

LeRobot asks for another torch: it is measured by the Python that MUSE_BENCH_LEROBOT names, in a
process of its own, by this same file.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from harness import Step, loader_seconds, print_ratios, ratio_row
from robomimic_peer import robomimic_seconds, write_hdf5

EPISODES, STEPS, HORIZON, BATCH, SIDE = 20, 100, 10, 64, 96
ROUNDS, ROUND_S = 7, 0.4
PEER_BATCHES = 4
FPS = 10


def main(json_path: str | Path | None = None) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    data = make_data()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        steps = our_steps(data, place)
        steps["bare numpy.take"] = bare_gather(data)
        seconds = measured(steps)
        modes = {"memory": "all", "disk": None}
        file, observations = place / "data.hdf5", {"rgb": ["image"]}
        peers = robomimic_seconds(file, observations, modes, HORIZON, BATCH, PEER_BATCHES)
        peers |= lerobot_seconds(place)
    rows = report(seconds, peers)
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def make_data() -> dict[str, np.ndarray]:
    """Return the arrays, with a picture that PNG can compress about as a real one."""
    rng = np.random.default_rng(0)
    rows = EPISODES * STEPS
    ramp = np.linspace(0, 200, SIDE, dtype=np.float32)
    shift = rng.random((rows, 1, 1, 3), np.float32) * 40
    noise = rng.integers(0, 8, (rows, SIDE, SIDE, 3), dtype=np.uint8)
    image = (ramp[:, None, None] * 0.5 + ramp[None, :, None] * 0.5 + shift).astype(np.uint8) + noise
    done = np.zeros(rows, bool)
    done[STEPS - 1 :: STEPS] = True
    return {"image": image, "action": rng.random((rows, 7), np.float32), "done": done}


def our_steps(data: dict[str, np.ndarray], folder: Path) -> dict[str, Step]:
    """Return what is timed of ours: drawn by the sampler, as tensors."""
    from muse.core.attrdict import AttrDict
    from muse.core.spec import ParamEnvSpec
    from muse.datasets import Hdf5Dataset, NpSequenceDataset, PrefetchLoader, StoreDataset
    from muse.datasets.formats.catalogue import open_source, target_for

    spec = ParamEnvSpec(
        AttrDict(
            names_shapes_limits_dtypes=[
                ("image", (SIDE, SIDE, 3), (0, 255), np.uint8),
                ("action", (7,), (-1, 1), np.float32),
            ],
            observation_names=["image"],
            output_observation_names=[],
            action_names=["action"],
        )
    )
    np.savez(folder / "data.npz", **data)
    arrays = {"image": data["image"], "actions": data["action"]}
    write_hdf5(arrays, STEPS, folder / "data.hdf5")
    with open_source(folder / "data.npz") as source:
        target_for(folder / "store").write(source, folder / "store")
    given = AttrDict(horizon=HORIZON, batch_size=BATCH)
    datasets = {
        "muse NpSequenceDataset, memory": NpSequenceDataset(
            given & AttrDict(file=str(folder / "data.npz"), frozen=True), spec
        ),
        "muse StoreDataset, disk": StoreDataset(given & AttrDict(file=str(folder / "store")), spec),
        "muse Hdf5Dataset, disk": Hdf5Dataset(
            given & AttrDict(file=str(folder / "data.hdf5"), cache=False, pad_end_sequence=False),
            spec,
        ),
    }
    memory = datasets["muse NpSequenceDataset, memory"]
    loader = PrefetchLoader(memory, params=AttrDict(workers=2), torch_device="cpu")
    steps = {name: batches_of(dataset) for name, dataset in datasets.items()}
    return {**steps, "muse PrefetchLoader, memory, 2 threads": loader.batch}


def batches_of(dataset: Any) -> Step:
    """Return what gives the next batch of a dataset's own sampler, as tensors."""
    sampler = dataset.get_sampler()
    return lambda: dataset.get_batch(sampler.get_indices(), torch_device="cpu")


def bare_gather(data: dict[str, np.ndarray]) -> Step:
    """Return one `numpy.take` of as many windows of the images alone."""
    rng = np.random.default_rng(1)
    starts = rng.integers(0, STEPS - HORIZON + 1, (64, BATCH))
    starts += rng.integers(0, EPISODES, (64, BATCH)) * STEPS
    rows = iter([each[:, None] + np.arange(HORIZON) for each in starts] * 1000)
    return lambda: np.take(data["image"], next(rows), axis=0)


def measured(steps: dict[str, Step]) -> dict[str, float]:
    """Return the median seconds of each, the rounds of all alternating."""
    counts = {}
    for name, step in steps.items():
        step()
        start = time.perf_counter()
        step()
        counts[name] = max(2, min(200, round(ROUND_S / (time.perf_counter() - start))))
    samples: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(counts[name]):
                step()
            samples[name].append((time.perf_counter() - start) / counts[name])
    return {name: statistics.median(times) for name, times in samples.items()}


def lerobot_seconds(folder: Path) -> dict[str, float]:
    """Return seconds a batch of LeRobot for 0 and 2 workers, measured by its own Python."""
    python = os.environ.get("MUSE_BENCH_LEROBOT")
    if not python:
        print("LeRobot left out: MUSE_BENCH_LEROBOT names no Python that has it")
        return {}
    out = folder / "lerobot.json"
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf")}
    command = [python, __file__, "--lerobot", str(folder / "lerobot"), str(out)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"LeRobot left out: it ended with an error\n{done.stderr[-2000:]}")
        return {}
    return dict(json.loads(out.read_text(encoding="utf-8")))


def measure_lerobot(place: Path, out: Path) -> None:
    """Write LeRobot's seconds; run by the Python that has it."""
    shim = os.environ.get("MUSE_BENCH_TORCHVISION_SHIM")
    if shim:  # a stock torchvision beside a CPU torch needs it
        sys.path.insert(0, str(Path(shim).parent))
        __import__(Path(shim).stem)
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    data = make_data()
    features = {
        "observation.image": {
            "dtype": "image",
            "shape": (SIDE, SIDE, 3),
            "names": ["height", "width", "channels"],
        },
        "action": {"dtype": "float32", "shape": (7,), "names": None},
    }
    dataset = LeRobotDataset.create("muse/bench", FPS, features, root=place, use_videos=False)
    for i in range(EPISODES):
        for row in range(i * STEPS, (i + 1) * STEPS):
            frame = {"observation.image": data["image"][row], "action": data["action"][row]}
            dataset.add_frame({**frame, "task": "bench"})
        dataset.save_episode()
    if hasattr(dataset, "finalize"):
        dataset.finalize()
    deltas = [i / FPS for i in range(HORIZON)]
    timestamps = {"observation.image": deltas, "action": deltas}
    dataset = LeRobotDataset("muse/bench", root=place, delta_timestamps=timestamps)
    seconds = {
        f"LeRobot, {n} workers": loader_seconds(dataset, BATCH, n, PEER_BATCHES) for n in (0, 2)
    }
    out.write_text(json.dumps(seconds), encoding="utf-8")


def report(seconds: dict[str, float], peers: dict[str, float]) -> list[dict[str, Any]]:
    """Print and return the rows."""
    for name, each in {**seconds, **peers}.items():
        print(f"{name:<36}{1 / each:>10.1f} batches/s{each * 1e3:>10.2f} ms")
    alone, disk = seconds["muse NpSequenceDataset, memory"], seconds["muse StoreDataset, disk"]
    memory = min(alone, seconds["muse PrefetchLoader, memory, 2 threads"])
    rows = [
        ratio_row("images: numpy.take / muse from memory", seconds["bare numpy.take"] / alone, 0.5)
    ]
    for ours, place in ((memory, "memory"), (disk, "disk")):
        theirs = [s for n, s in peers.items() if n.startswith(f"robomimic {place}")]
        if theirs:
            rows.append(ratio_row(f"images from {place}: muse / robomimic", min(theirs) / ours, 5))
        theirs = [s for n, s in peers.items() if n.startswith("LeRobot")]
        if theirs:
            rows.append(ratio_row(f"images from {place}: muse / LeRobot", min(theirs) / ours, 5))
    print_ratios(rows)
    return [*rows, *({"name": n, "seconds": s} for n, s in {**seconds, **peers}.items())]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--lerobot"]:
        measure_lerobot(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else None)
