"""Where SimHive is: the models RoboHive draws on, which its wheel leaves out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from muse.core.errors import EnvError
from muse.core.params import Param

#: The environment variable that names SimHive's folder.
_VARIABLE = "MUSE_SIMHIVE"
#: The parameter of all that builds RoboHive's models.
SIMHIVE = Param(
    "simhive",
    str | None,
    None,
    help=f"SimHive's folder, for RoboHive; None: the one {_VARIABLE} names, else RoboHive's own",
)
_HOME = "https://github.com/vikashplus"
#: SimHive's folders that the tasks here use -> the commit RoboHive 0.7.0 asks for.
COMMITS = {
    "Adroit": "2ef4b752e85782f84fa666fce10de5231cc5c917",
    "franka_sim": "82aaf3bebfa29e00133a6eebc7684e793c668fc1",
    "furniture_sim": "afb802750acb97f253b2f6fc6e915627d04fcf67",
    "scene_sim": "e2eb354dce9aa1797dda081ab2dedf734a8761e6",
}


def find_simhive(given: str | None, package: Path, needed: Sequence[str]) -> Path:
    """Return SimHive's folder: `given`, else the variable's, else the one in RoboHive's package.

    Args:
        given: the folder; None when it is not given.
        package: RoboHive's folder; `robohive_init` puts SimHive into it.
        needed: the folders a task uses.

    Raises:
        EnvError: when it, or a folder needed, is not there; it says what to clone, and where.
    """
    named = given or os.environ.get(_VARIABLE)
    folder = Path(named).expanduser().resolve() if named else package / "simhive"
    for name in needed:
        if not any((folder / name).glob("*")):
            target = folder if named else Path("~/simhive")
            then = "" if named else f"; then export {_VARIABLE}={target}"
            raise EnvError(
                f"RoboHiveEnv: SimHive's folder {name} is not in {folder}. Run: git clone "
                f"{_HOME}/{name} {target / name} && git -C {target / name} checkout "
                f"{COMMITS[name][:12]}{then} (this task needs {', '.join(needed)})"
            )
    return folder
