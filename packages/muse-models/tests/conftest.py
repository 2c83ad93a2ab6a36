"""A spec, a data set that only knows statistics, and batches to go with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.core.spec import ParamEnvSpec

B, H = 3, 6


@pytest.fixture(autouse=True)
def seed_torch() -> None:
    torch.manual_seed(0)


def make_spec(**changes: Any) -> ParamEnvSpec:
    rows = [
        ("pos", (2,), (-1, 1), np.float32),
        ("pose", (2, 3), (-10, 10), np.float32),
        ("grip", (), (0, 1), np.float32),
        ("image", (24, 32, 3), (0, 255), np.uint8),
        ("side", (24, 32, 3), (0, 255), np.uint8),
        ("action", (3,), (-1, 1), np.float32),
        ("target", (2,), (0, 512), np.float32),
        ("reward", (1,), (-np.inf, np.inf), np.float32),
    ]
    params = AttrDict(
        names_shapes_limits_dtypes=rows,
        observation_names=["pos", "pose", "grip"],
        output_observation_names=["reward"],
        action_names=["action"],
    )
    return ParamEnvSpec(params & AttrDict(changes))


class FakeDataset:
    """Statistics of every name, mean i + 1 and deviation 2 for the i-th name asked for."""

    def __init__(self, spec: ParamEnvSpec) -> None:
        self.spec = spec
        self.asked: list[list[str]] = []

    def get_statistics(self, names: list[str]) -> AttrDict:
        self.asked.append(list(names))
        stats = AttrDict()
        for name in names:
            zeros = np.zeros(self.spec.shape(name))
            low, high = self.spec.limits(name)
            stats[name] = AttrDict(
                mean=zeros + 1,
                std=zeros + 2,
                min=np.where(np.isfinite(low), low, 0.0),
                max=np.where(np.isfinite(high), high, 4.0),
            )
        return stats


def make_batch(spec: ParamEnvSpec, batch: int = B, horizon: int = H) -> tuple[AttrDict, AttrDict]:
    generator = torch.Generator().manual_seed(1)
    inputs = AttrDict()
    for name in (*spec.input_names,):
        shape = (batch, horizon, *spec.shape(name))
        if spec.dtype(name) == np.uint8:
            inputs[name] = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
        else:
            low, high = spec.limits(name)
            unit = torch.rand(shape, generator=generator)
            low, high = (torch.from_numpy(np.asarray(x, np.float32)) for x in (low, high))
            inputs[name] = low + (high - low) * unit
    inputs["padding_mask"] = torch.zeros(batch, horizon, dtype=torch.bool)
    return inputs, AttrDict(done=torch.zeros(batch, horizon, dtype=torch.bool))


@pytest.fixture
def spec() -> ParamEnvSpec:
    return make_spec()


@pytest.fixture
def dataset(spec: ParamEnvSpec) -> FakeDataset:
    return FakeDataset(spec)


@pytest.fixture
def batch(spec: ParamEnvSpec) -> tuple[AttrDict, AttrDict]:
    return make_batch(spec)


class Tools:
    """What tests make more of than one of."""

    make_spec = staticmethod(make_spec)
    make_batch = staticmethod(make_batch)
    FakeDataset = FakeDataset


@pytest.fixture
def tools() -> type[Tools]:
    return Tools
