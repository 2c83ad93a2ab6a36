"""Where RoboHive is imported: only when an environment that needs it is built."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.errors import EnvError, MissingExtraError

EXTRA = "robohive"
_VERSION = "0.7.0"
#: RoboHive's own requirements cannot be met beside today's MuJoCo; the extra brings what it uses.
_SECOND_LINE = f"pip install --no-deps robohive=={_VERSION}"


def robohive_folder() -> Path:
    """Return RoboHive's folder without importing it.

    Raises:
        MissingExtraError: when what it needs is not installed.
        EnvError: when only RoboHive itself is missing.
    """
    for name in ("dm_control", "flatten_dict", "git", "gymnasium", "skvideo", "termcolor"):
        if importlib.util.find_spec(name) is None:
            raise MissingExtraError("RoboHiveEnv", "muse-envs", EXTRA)
    found = importlib.util.find_spec("robohive")
    if found is None or found.origin is None:
        raise EnvError(f"RoboHiveEnv: RoboHive is not installed; run: {_SECOND_LINE}")
    return Path(found.origin).parent


def load_robohive() -> Any:
    """Return the module `robohive`, its environments registered in gymnasium, silently.

    Raises:
        MissingExtraError: when what it needs is not installed.
        EnvError: when RoboHive itself is missing, or is another version.
    """
    folder = robohive_folder()
    # GitPython refuses to be imported where there is no git, unless told so; nothing clones here.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    with redirect_stdout(io.StringIO()), np.printoptions():  # it prints, and sets numpy's printing
        if "robohive" not in sys.modules:
            _skip_the_check_for_simhive(folder)
        try:
            module = importlib.import_module("robohive")
        except ImportError as error:
            raise MissingExtraError("RoboHiveEnv", "muse-envs", EXTRA) from error
    if module.__version__ != _VERSION:
        raise EnvError(
            f"RoboHiveEnv: RoboHive is {module.__version__}, expected {_VERSION}; run: "
            f"{_SECOND_LINE}"
        )
    if not hasattr(np, "product"):
        kitchen: Any = importlib.import_module("robohive.envs.multi_task.multi_task_base_v1")
        kitchen.np = _NumpyWithProduct()
    return module


class _NumpyWithProduct:
    """numpy for the kitchen's rewards, with the name that numpy 2 took away."""

    product = staticmethod(np.prod)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _skip_the_check_for_simhive(folder: Path) -> None:
    """Let RoboHive's import pass without a SimHive inside its package: ours is elsewhere."""
    name = "robohive.utils.import_utils"
    spec = importlib.util.spec_from_file_location(name, folder / "utils" / "import_utils.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.simhive_isavailable = lambda robohive_version: None  # type: ignore[attr-defined]
    sys.modules[name] = module
