"""A collected tiny dataset and a tiny trained run, made once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
TINY = Path(__file__).parent / "data" / "tiny.py"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As in the subprocesses, so that numbers compare bit for bit."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A $MUSE_DIR with data/tiny.npz."""
    pytest.importorskip("pymunk")
    from muse.configs import load_config
    from muse.trainers.collection import CollectOptions, collect

    base = tmp_path_factory.mktemp("muse")
    params = load_config(str(TINY)).params
    collect(
        CollectOptions(
            env=params.env_train,
            policy=params.expert,
            episodes=10,
            save_file=base / "data" / "tiny.npz",
            workers=0,
        )
    )
    return base


@pytest.fixture
def muse(base_dir: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the `muse` command as a user would."""

    def run(*words: str, **kwargs: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "MUSE_DIR": str(base_dir), "OMP_NUM_THREADS": "1"}
        environment.update(kwargs.pop("env", {}))  # type: ignore[call-overload]
        return subprocess.run(
            [sys.executable, "-m", "muse.cli", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            **kwargs,  # type: ignore[call-overload]
        )

    return run


@pytest.fixture(scope="session")
def trained(base_dir: Path) -> Path:
    """Folder of a tiny run, trained in this process without interruption for 60 steps."""
    from muse.configs import load_config
    from muse.trainers.training import TrainOptions, train

    config = load_config(str(TINY), ["--extra_exp_name", "whole"])
    _, files = train(config, TrainOptions(use_env=False, base_dir=base_dir))
    return files.exp_dir
