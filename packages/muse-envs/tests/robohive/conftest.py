from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

os.environ.setdefault("MUJOCO_GL", "osmesa")  # before MuJoCo is imported for the first time
if importlib.util.find_spec("robohive") is None:  # importing it would start its prints
    pytest.importorskip("robohive", reason="these tests need RoboHive: docs/envs/robohive.md")


@pytest.fixture(scope="session", autouse=True)
def simhive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let RoboHive find its models, and keep the mended ones out of the user's cache."""
    folder = _simhive()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSE_SIMHIVE", str(folder))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield folder


def _simhive() -> Path:
    if "MUSE_SIMHIVE" in os.environ:
        return Path(os.environ["MUSE_SIMHIVE"])
    roots = [Path(os.environ["MUSE_TEST_DATA"])] if "MUSE_TEST_DATA" in os.environ else []
    here = Path(__file__).resolve()
    roots += [parent / "shared" / "data" for parent in here.parents]
    for root in roots:
        if (root / "simhive").is_dir():
            return root / "simhive"
    pytest.skip("no SimHive: put it into ../shared/data or set MUSE_SIMHIVE or MUSE_TEST_DATA")
