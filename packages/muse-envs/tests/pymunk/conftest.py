from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pymunk", reason="the 2-D environments need muse-envs[pymunk]")
pytest.importorskip("pygame", reason="the 2-D environments need muse-envs[pymunk]")


@pytest.fixture(scope="session")
def human_push_t() -> dict[str, np.ndarray]:
    """The recorded human Push-T episodes, without images; skips where they are absent."""
    group = _open_zarr()
    names = ("state", "action", "keypoint")
    low = {name: np.asarray(group[f"data/{name}"][:], np.float64) for name in names}
    low["ends"] = np.asarray(group["meta/episode_ends"][:])
    return low


@pytest.fixture(scope="session")
def human_push_t_images() -> np.ndarray:
    """Every 50th of the first 1000 recorded images, (20, 96, 96, 3)."""
    return np.asarray(_open_zarr()["data/img"][:1000])[::50]


def _open_zarr() -> Any:
    zarr = pytest.importorskip("zarr", reason="reading the human demonstrations needs zarr")
    roots = [Path(os.environ["MUSE_TEST_DATA"])] if "MUSE_TEST_DATA" in os.environ else []
    here = Path(__file__).resolve()
    roots += [parent / "shared" / "data" for parent in here.parents]
    for root in roots:
        store = root / "pusht" / "pusht_cchi_v7_replay.zarr"
        if store.is_dir():
            return zarr.open(str(store), mode="r")
    pytest.skip("no human Push-T data: put it into ../shared/data or set MUSE_TEST_DATA")
