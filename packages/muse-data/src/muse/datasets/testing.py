"""`check_dataset`: does a dataset keep what `Dataset` promises?

For the tests of whoever writes a dataset class, and for a doubt about one's own data.
"""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.columns import HAS, PADDING, TIMESTEP, spec_rows
from muse.datasets.dataset import Dataset
from muse.datasets.samplers.sampler import Sampler


def check_dataset(dataset: Dataset, batches: int = 3) -> None:
    """Raise `DataError` at the first promise of the contract that `dataset` breaks.

    Args:
        dataset: one with at least one window.
        batches: how many batches to look at.
    """
    _require(dataset.get_num_episodes() > 0, "has no episodes", "add or load one to check it")
    _require(dataset.num_windows > 0, "has no windows", "lower the horizon to check it")
    sampler = dataset.get_sampler()
    for _ in range(batches):
        indices = sampler.get_indices()
        inputs, outputs = dataset.get_batch(indices)
        _check_shapes(dataset, inputs, outputs, len(indices))
        _check_done(dataset, inputs, outputs)
        _check_steps(dataset, inputs, outputs)
        _check_same_again(dataset, indices, inputs)
    _check_random_batch(dataset)
    _check_episodes(dataset, inputs)
    _check_sampler(dataset)
    _check_statistics(dataset)
    if importlib.util.find_spec("torch") is not None:
        _check_torch(dataset, sampler.get_indices())


def _require(holds: bool, broken: str, expected: str) -> None:
    if not holds:
        raise DataError(f"check_dataset: the dataset {broken}; expected: {expected}")


def _check_shapes(dataset: Dataset, inputs: AttrDict, outputs: AttrDict, batch: int) -> None:
    rows = spec_rows(dataset.env_spec)
    for name, array in (*inputs.leaf_items(), *outputs.leaf_items()):
        shape, dtype = rows.get(name, (None, None))
        front = (batch, dataset.extra_horizons.get(name.split("/")[0], dataset.horizon))
        _require(
            array.shape[:2] == front, f"gives {name!r} of shape {array.shape}", f"{front} in front"
        )
        if name in (dataset.done_key, TIMESTEP, PADDING) or shape is None:
            continue
        _require(array.shape[2:] == shape, f"gives {name!r} of shape {array.shape}", f"{shape}")
        _require(array.dtype == dtype, f"gives {name!r} of dtype {array.dtype}", f"{dtype}")
    both = set(inputs.leaf_keys()) & set(outputs.leaf_keys())
    _require(not both, f"gives {sorted(both)} twice", "each name in inputs or in outputs")


def _check_done(dataset: Dataset, inputs: AttrDict, outputs: AttrDict) -> None:
    _require(dataset.done_key in outputs, "gives no done", f"{dataset.done_key!r} in outputs")
    done = outputs[dataset.done_key]
    shape = (len(done), dataset.horizon)
    _require(
        done.shape == shape and done.dtype == np.bool_,
        f"gives done of shape {done.shape} and dtype {done.dtype}",
        f"bool {shape}",
    )
    mask = inputs.get(PADDING)
    if mask is None:
        early = done[:, :-1].any()
        _require(not early, "gives windows that run over an episode's end", "padding_mask")
        return
    _require(mask.shape == shape and mask.dtype == np.bool_, "gives an odd mask", f"bool {shape}")
    _require(not (mask[:, :-1] & ~mask[:, 1:]).any(), "pads within a window", "only at its end")
    _require(not mask[:, 0].any(), "gives windows of padding alone", "one real step at least")


def _check_steps(dataset: Dataset, inputs: AttrDict, outputs: AttrDict) -> None:
    if TIMESTEP not in inputs or dataset.horizon == 1:
        return
    steps = np.diff(inputs[TIMESTEP], axis=1)
    mask = inputs.get(PADDING)
    real = steps if mask is None else steps[~mask[:, 1:]]
    _require(bool((real > 0).all()), "gives steps out of order", "growing rollout_timestep")
    _require(len(np.unique(real)) <= 1, "skips steps unevenly", "the same stride everywhere")


def _check_same_again(dataset: Dataset, indices: Any, inputs: AttrDict) -> None:
    first = inputs.leaf_apply(np.array)
    for _, array in inputs.leaf_items():
        if array.flags.writeable and array.dtype.kind in "fiu":
            array[...] = 0
    again, _ = dataset.get_batch(indices)
    _require(first == again, "changes with its batches, or is random in given indices", "copies")


def _check_random_batch(dataset: Dataset) -> None:
    inputs, outputs = dataset.get_batch()
    _check_shapes(dataset, inputs, outputs, dataset.batch_size)


def _check_episodes(dataset: Dataset, batch_inputs: AttrDict) -> None:
    extra = dataset.extra_horizons
    for i in {0, dataset.get_num_episodes() - 1}:
        inputs, outputs = dataset.get_episode(i)
        length = dataset.episode_length(i)
        for name, array in (*inputs.leaf_items(), *outputs.leaf_items()):
            _require(len(array) == length, f"gives {len(array)} steps of {name!r}", str(length))
        done = outputs[dataset.done_key]
        ends = bool(done[-1]) and not done[:-1].any()
        _require(ends, f"has done elsewhere than at the end of episode {i}", "True at the end only")
        names = [n for n in batch_inputs.leaf_keys() if n.split("/")[0] not in extra]
        missing = set(names) - set(inputs.leaf_keys()) - {PADDING}
        _require(not missing, f"gives batches {sorted(missing)}, episodes not", "the same names")


def _check_sampler(dataset: Dataset) -> None:
    one, other = dataset.get_sampler(), dataset.get_sampler()
    for _ in range(3):
        same = np.array_equal(one.get_indices(), other.get_indices())
        _require(same, "has samplers that differ with equal seeds", "the same batches")
    _check_restore(one, dataset.get_sampler())


def _check_restore(sampler: Sampler, fresh: Sampler) -> None:
    fresh.restore(json.loads(json.dumps(sampler.state())))
    for _ in range(3):
        same = np.array_equal(sampler.get_indices(), fresh.get_indices())
        _require(same, "has samplers that restore() does not bring back", "the same batches")


def _check_statistics(dataset: Dataset) -> None:
    episode, _ = dataset.get_episode(0)
    numbers = [n for n, a in episode.leaf_items() if a.dtype.kind in "fiu" and n != PADDING]
    statistics = dataset.get_statistics(numbers)
    for name in numbers:
        for part in ("mean", "std", "min", "max"):
            value = statistics[name][part]
            shape = episode[name].shape[1:]
            _require(value.shape == shape, f"has {part} of {name!r} of {value.shape}", f"{shape}")
        low, high = statistics[name]["min"], statistics[name]["max"]
        values = episode[name][episode.get(f"{HAS}/{name}", slice(None))]
        outside = (values < low).any() or (values > high).any()
        _require(not outside, f"has {name!r} outside its min and max", "all within")
        _require(bool((statistics[name]["std"] > 0).all()), f"has a std of 0 in {name!r}", "> 0")


def _check_torch(dataset: Dataset, indices: Any) -> None:
    import torch

    plain, _ = dataset.get_batch(indices)
    tensors, _ = dataset.get_batch(indices, torch_device="cpu")
    for name, array in plain.leaf_items():
        tensor = tensors[name]
        _require(isinstance(tensor, torch.Tensor), f"gives {name!r} as no tensor", "torch.Tensor")
        same = np.array_equal(np.asarray(tensor), array)
        _require(same, f"gives {name!r} otherwise in torch", "the same numbers")
