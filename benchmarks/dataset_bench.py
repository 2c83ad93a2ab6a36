"""Batches a second of `NpSequenceDataset`, against a bare gather, robomimic 0.3 and TorchRL.

200 episodes of 150 steps, 5 keys of 3 to 14 float32 numbers, horizon 10, batch 100, everything in
memory. The bare gather is one `numpy.take` of the same bytes: rows of one matrix that holds what
our batch holds, the five keys, the timestep and done, side by side. robomimic's `SequenceDataset`
runs in torch's `DataLoader`, in each of its cache modes with 0 and 2 workers; the best counts.
TorchRL's `ReplayBuffer` draws windows with its `SliceSampler` from a `LazyTensorStorage` of the
same data.
Rounds of all contenders alternate, so that a busy machine slows all alike; the table shows medians.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from harness import Step, calibrate, endless, print_ratios, ratio_row, timed
from robomimic_peer import ACTIONS, robomimic_seconds, write_hdf5

EPISODES, STEPS, HORIZON, BATCH = 200, 150, 10, 100
KEYS = {"eef_pos": 3, "eef_quat": 4, "gripper": 9, "object": 14, "actions": 7}
ROUNDS = 15
ROUND_S = 0.05  # length of one timed round
PEER_BATCHES = 60


def main(json_path: str | Path | None = None) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    data = make_data()
    with tempfile.TemporaryDirectory() as folder:
        dataset = make_dataset(data, Path(folder))
        contenders = our_steps(dataset)
        contenders["bare numpy.take"] = bare_gather(data, dataset)
        contenders |= torchrl_step(data)
        samples: dict[str, list[float]] = {name: [] for name in contenders}
        counts = {name: calibrate(step, ROUND_S) for name, step in contenders.items()}
        for _ in range(ROUNDS):
            for name, step in contenders.items():
                samples[name].append(timed(step, counts[name]))
        seconds = {name: statistics.median(times) for name, times in samples.items()}
        images = image_share()
        file = write_hdf5({name: data[name] for name in KEYS}, STEPS, Path(folder) / "data.hdf5")
        modes = {"cache all": "all", "cache low_dim": "low_dim", "cache None": None}
        observations = {"low_dim": [name for name in KEYS if name != ACTIONS]}
        peer = robomimic_seconds(file, observations, modes, HORIZON, BATCH, PEER_BATCHES)
    rows = report(seconds, peer, images)
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def make_data() -> dict[str, np.ndarray]:
    """Return the arrays, (N, D) float32 for each key, and done (N,)."""
    rng = np.random.default_rng(0)
    rows = EPISODES * STEPS
    data = {name: rng.random((rows, size), np.float32) for name, size in KEYS.items()}
    data["done"] = np.zeros(rows, bool)
    data["done"][STEPS - 1 :: STEPS] = True
    return data


def make_dataset(data: dict[str, np.ndarray], folder: Path) -> Any:
    """Return our dataset of the data, through a file as a user would."""
    from muse.core.attrdict import AttrDict
    from muse.core.spec import ParamEnvSpec
    from muse.datasets import NpSequenceDataset

    limits = (-float("inf"), float("inf"))
    spec = ParamEnvSpec(
        AttrDict(
            names_shapes_limits_dtypes=[(n, (d,), limits, np.float32) for n, d in KEYS.items()],
            observation_names=[n for n in KEYS if n != "actions"],
            output_observation_names=[],
            action_names=["actions"],
        )
    )
    np.savez(folder / "data.npz", **data)
    params = AttrDict(file=str(folder / "data.npz"), horizon=HORIZON, batch_size=BATCH, frozen=True)
    return NpSequenceDataset(params, spec)


def our_steps(dataset: Any) -> dict[str, Step]:
    """Return what is timed of ours: given indices, drawn by the sampler, as tensors."""
    sampler = dataset.get_sampler()
    chosen = endless(list(window_sets(dataset)))
    steps: dict[str, Step] = {
        "muse get_batch(indices)": lambda: dataset.get_batch(next(chosen)),
        "muse sampler + get_batch": lambda: dataset.get_batch(sampler.get_indices()),
    }
    try:
        import torch  # noqa: F401
    except ImportError:
        return steps
    steps["muse sampler + tensors"] = lambda: dataset.get_batch(
        sampler.get_indices(), torch_device="cpu"
    )
    return steps


def bare_gather(data: dict[str, np.ndarray], dataset: Any) -> Step:
    """Return one `numpy.take` of the same windows from one matrix, rows worked out in advance."""
    columns = [data[name] for name in KEYS] + [dataset.get("rollout_timestep"), data["done"]]
    rows = len(data["done"])
    matrix = np.concatenate([c.view(np.uint8).reshape(rows, -1) for c in columns], axis=1)
    offsets = np.arange(HORIZON)
    chosen = endless([dataset.index.starts[w][:, None] + offsets for w in window_sets(dataset)])
    return lambda: np.take(matrix, next(chosen), axis=0)


def torchrl_step(data: dict[str, np.ndarray]) -> dict[str, Step]:
    """Return TorchRL's replay buffer drawing as many windows of as many steps, as tensors."""
    try:
        import torch
        from tensordict import TensorDict
        from torchrl.data import LazyTensorStorage, ReplayBuffer, SliceSampler
    except ImportError as error:
        print(f"TorchRL left out: {error}")
        return {}
    rows = EPISODES * STEPS
    tensors = {name: torch.from_numpy(data[name]) for name in KEYS}
    tensors["done"] = torch.from_numpy(data["done"])[:, None]
    sampler = SliceSampler(num_slices=BATCH, end_key="done", cache_values=True)
    buffer = ReplayBuffer(
        storage=LazyTensorStorage(rows), sampler=sampler, batch_size=BATCH * HORIZON
    )
    buffer.extend(TensorDict(tensors, [rows]))
    return {"TorchRL SliceSampler": lambda: buffer.sample().reshape(BATCH, HORIZON)}


def window_sets(dataset: Any) -> Iterator[np.ndarray]:
    """Yield the windows of 64 batches, (B,) each."""
    rng = np.random.default_rng(1)
    for _ in range(64):
        yield rng.integers(0, len(dataset), BATCH)


def image_share() -> float:
    """Return bare gather over ours for windows of 96x96x3 images, horizon 10, batch 16."""
    from muse.datasets.storage.frozen import FrozenStore

    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (3000, 96, 96, 3), dtype=np.uint8)
    cutter = FrozenStore({"image": images}).cutter(["image"], HORIZON, 1)
    starts = [rng.integers(0, len(images) - HORIZON, 16) for _ in range(8)]
    rows = [s[:, None] + np.arange(HORIZON) for s in starts]
    ours, bare = endless(starts), endless(rows)
    pairs = [
        (
            timed(lambda: np.take(images, next(bare), axis=0), 8),
            timed(lambda: cutter.windows(next(ours)), 8),
        )
        for _ in range(ROUNDS)
    ]
    return statistics.median(b for b, _ in pairs) / statistics.median(o for _, o in pairs)


def report(
    seconds: dict[str, float], peer: dict[str, float], images: float
) -> list[dict[str, Any]]:
    """Print and return the rows."""
    ours, bare = seconds["muse get_batch(indices)"], seconds["bare numpy.take"]
    timings = {**seconds, **peer}
    for name, each in timings.items():
        print(f"{name:<36}{1 / each:>10.0f} batches/s{each * 1e6:>10.1f} us")
    rows = [ratio_row("bare numpy.take / muse, time", bare / ours, 0.5)]
    rows.append(ratio_row("image windows: numpy.take / muse, time", images, 0.5))
    if peer:
        # Its DataLoader draws the windows and gives tensors, so ours has to as well.
        whole = seconds["muse sampler + tensors"]
        rows.append(ratio_row("muse / robomimic's best, batches/s", min(peer.values()) / whole, 30))
    if "TorchRL SliceSampler" in seconds:
        theirs = seconds["TorchRL SliceSampler"]
        rows.append(
            ratio_row("muse / TorchRL, batches/s", theirs / seconds["muse sampler + tensors"], 2)
        )
    print_ratios(rows)
    return [*rows, *({"name": n, "seconds": s} for n, s in timings.items())]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
