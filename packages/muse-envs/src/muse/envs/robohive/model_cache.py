"""RoboHive's models, mended for today's MuJoCo, in a cache of the user.

RoboHive's XML files look for SimHive beside them, and a few of both no longer compile. The cache
holds a tree as they expect it: XML files as mended copies, all else as links. Neither RoboHive's
package nor SimHive is written to.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from muse.core.errors import EnvError

#: Changes when a mend does, so that no tree of an older Muse is used.
_VERSION = "1"
_CODE = {".py", ".pyc"}


def mended_models(package: Path, simhive: Path) -> Path:
    """Return the folder `envs` of RoboHive's models, mended; made at first and kept.

    Args:
        package: RoboHive's folder.
        simhive: SimHive's folder.

    Raises:
        EnvError: when the cache cannot be written.
    """
    files = [*_files(package / "envs", "envs"), *_files(simhive, "simhive")]
    tree = _cache_folder() / _key(files)
    if not tree.exists():
        try:
            _fill(tree, files)
        except OSError as error:
            raise EnvError(
                f"RoboHiveEnv: its mended models cannot be kept in {tree.parent}: "
                f"{error.strerror}; set XDG_CACHE_HOME to a folder that can be written"
            ) from error
    return tree / "envs"


def _fill(tree: Path, files: list[tuple[Path, str]]) -> None:
    """Put the files where models look for them; `tree` is there as a whole or not at all."""
    tree.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=tree.parent, prefix=".unfinished-"))
    try:
        for source, place in files:
            _put(source, unfinished / place, place)
        unfinished.rename(tree)
    except OSError:
        if not tree.exists():  # else another process was faster
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "muse" / "robohive"


def _files(root: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Yield (file, place in the tree) of every model file below `root`."""
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")) and f != "myo")
        for file in sorted(names):
            source = Path(folder, file)
            if source.suffix not in _CODE:
                yield source, f"{name}/{source.relative_to(root).as_posix()}"


def _key(files: list[tuple[Path, str]]) -> str:
    """Return a name for what the files are, where they are and when they last changed."""
    digest = hashlib.sha256(_VERSION.encode())
    for source, place in files:
        seen = source.stat()
        digest.update(f"{place}\0{source}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def _put(source: Path, target: Path, place: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix != ".xml":
        target.symlink_to(source.resolve())
        return
    text = source.read_text(encoding="utf-8", errors="surrogateescape")
    text = _without_apirate(text)
    if place in _MENDS:
        text = _MENDS[place](text)
    target.write_text(text, encoding="utf-8", errors="surrogateescape")


def _without_apirate(text: str) -> str:
    """Drop an option of the hand's models that MuJoCo 3.2 took away; it had no effect."""
    return re.sub(r'\s+apirate="[^"]*"', "", text)


def _nested_kettle(text: str) -> str:
    """Nest the kettle's default class: only `main` may stand at the top now."""
    text = text.replace('<default class="kettle">', '<default>\n    <default class="kettle">')
    return re.sub(r"</default>(\s*</mujocoinclude>)", r"</default>\n    </default>\1", text)


def _own_kettle_joints(text: str) -> str:
    """Give the scene's kettle class, which had the asset's name, a name of its own.

    MuJoCo 3.1 merged the two: joints without damping and friction, with the asset's armature.
    """
    text = text.replace('<default class="kettle">', '<default class="kettle_joints">')
    text = text.replace('<joint class="kettle"', '<joint class="kettle_joints"')
    return text.replace('<joint damping="0" frictionloss="0" pos', '<joint damping="0" '
                        'frictionloss="0" armature="0.01" pos')  # fmt: skip


#: Place in the tree -> what to do to that file.
_MENDS: Mapping[str, Callable[[str], str]] = {
    "simhive/furniture_sim/kettle/kettle_asset.xml": _nested_kettle,
    "envs/multi_task/common/kitchen/franka_kitchen.xml": _own_kettle_joints,
}
