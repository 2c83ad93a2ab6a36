"""Small data sets, real files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from muse.core.attrdict import AttrDict
from muse.core.spec import ParamEnvSpec

INF = float("inf")

settings.register_profile("muse-data", deadline=None)  # other work may share the machine
settings.load_profile("muse-data")


def spec_of(**changes: Any) -> ParamEnvSpec:
    """State, image, a nested name, an action, a reward; goal and parameter names on demand."""
    params = AttrDict(
        names_shapes_limits_dtypes=[
            ("state", (3,), (-INF, INF), np.float32),
            ("arm/joint", (2,), (-INF, INF), np.float32),
            ("image", (4, 5, 3), (0, 255), np.uint8),
            ("action", (2,), (-1, 1), np.float32),
            ("reward", (1,), (-INF, INF), np.float32),
            ("goal/state", (3,), (-INF, INF), np.float32),
            ("param/size", (1,), (-INF, INF), np.float32),
            ("final/state", (3,), (-INF, INF), np.float32),
        ],
        observation_names=["state", "arm/joint", "image"],
        output_observation_names=["reward"],
        action_names=["action"],
    )
    for name, value in changes.items():
        params[name] = value
    return ParamEnvSpec(params)


def data_of(lengths: Sequence[int], seed: int = 0) -> dict[str, Any]:
    """Arrays of the spec's step names for episodes of these lengths."""
    rng = np.random.default_rng(seed)
    n = int(sum(lengths))
    done = np.zeros(n, bool)
    done[np.cumsum(lengths) - 1] = True
    return {
        "state": np.arange(n * 3, dtype=np.float32).reshape(n, 3),
        "arm/joint": rng.normal(size=(n, 2)).astype(np.float32),
        "image": rng.integers(0, 256, (n, 4, 5, 3), dtype=np.uint8),
        "action": rng.uniform(-1, 1, (n, 2)).astype(np.float32),
        "reward": rng.normal(size=(n, 1)).astype(np.float32),
        "done": done,
    }


@pytest.fixture
def spec() -> ParamEnvSpec:
    return spec_of()


@pytest.fixture(scope="session")
def make_spec() -> Callable[..., ParamEnvSpec]:
    return spec_of


@pytest.fixture(scope="session")
def make_data() -> Callable[..., dict[str, Any]]:
    return data_of


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write arrays to a file in the test's folder and return its path."""

    def write(data: dict[str, Any], name: str = "data.npz") -> str:
        path = tmp_path / name
        np.savez_compressed(path, **data)
        return str(path)

    return write


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The shared folder of real demonstrations."""
    places = [os.environ.get("MUSE_TEST_DATA"), Path(__file__).parents[4] / "shared" / "data"]
    for place in places:
        if place and Path(place).is_dir():
            return Path(place)
    pytest.skip("REAL DATA ABSENT: set MUSE_TEST_DATA to the folder that holds pusht/")
