from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def human_demos() -> Any:
    """Return a function: folder -> [(states (T, n), model MJCF)] of recorded human episodes."""
    h5py = pytest.importorskip("h5py", reason="reading the human demonstrations needs h5py")
    root = _root()

    def read(folder: str) -> list[tuple[np.ndarray, str]]:
        episodes = []
        with h5py.File(root / folder / "demo.hdf5") as file:
            for episode in file["data"].values():
                model = episode.attrs["model_file"]
                if not model.startswith("<"):
                    model = (root / folder / "models" / model).read_text(encoding="utf-8")
                episodes.append((episode["states"][:], model))
        return episodes

    return read


def _root() -> Path:
    roots = [Path(os.environ["MUSE_TEST_DATA"])] if "MUSE_TEST_DATA" in os.environ else []
    here = Path(__file__).resolve()
    roots += [parent / "shared" / "data" for parent in here.parents]
    for root in roots:
        if (root / "robosuite_demos").is_dir():
            return root / "robosuite_demos"
    pytest.skip("no human robosuite data: put it into ../shared/data or set MUSE_TEST_DATA")
