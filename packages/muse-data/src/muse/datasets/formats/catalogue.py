"""Every format that can be read or written, and the one door to each side."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from muse.core.errors import DataError, UsageError, suggest
from muse.core.params import import_object
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.target import EpisodeTarget
from muse.experiments.file_manager import default_base_dir

_HERE = "muse.datasets.formats"

#: Format name -> class, in the order in which `auto` asks them.
SOURCES: Mapping[str, str] = {
    "pusht_zarr": f"{_HERE}.pusht_zarr.PushTZarr",
    "npz": f"{_HERE}.npz_source.NpzSource",
    "plain_npz": f"{_HERE}.plain_npz.PlainNpz",
    "zarr": f"{_HERE}.diffusion_zarr.DiffusionZarr",
    "robomimic": f"{_HERE}.robomimic_hdf5.RobomimicHdf5",
    "robosuite": f"{_HERE}.robosuite_hdf5.RobosuiteHdf5",
    "d4rl": f"{_HERE}.d4rl_hdf5.D4rlHdf5",
    "lerobot": f"{_HERE}.lerobot_source.LeRobotSource",
    "minari": f"{_HERE}.minari_hdf5.MinariHdf5",
    "minari_arrow": f"{_HERE}.minari_arrow.MinariArrow",
    "store": f"{_HERE}.store_source.StoreSource",
    "numpy": f"{_HERE}.numpy_folder.NumpyFolder",
    "numpy_episodes": f"{_HERE}.episode_folders.EpisodeFolders",
}

#: Format name -> class.
TARGETS: Mapping[str, str] = {
    "npz": f"{_HERE}.npz_target.NpzTarget",
    "store": f"{_HERE}.store_target.StoreTarget",
    "robomimic": f"{_HERE}.robomimic_target.RobomimicTarget",
    "d4rl": f"{_HERE}.d4rl_target.D4rlTarget",
    "zarr": f"{_HERE}.zarr_target.ZarrTarget",
    "minari": f"{_HERE}.minari_target.MinariTarget",
    "lerobot": f"{_HERE}.lerobot_target.LeRobotTarget",
    "lerobot_v2.1": f"{_HERE}.lerobot_v21_target.LeRobotV21Target",
}


def open_source(
    path: str | Path, format: str = "auto", options: Mapping[str, Any] | None = None
) -> EpisodeSource:
    """Open episodes of any format.

    Args:
        path: the file or folder, as given or below data/, there also without `.npz`.
        format: a name of `SOURCES`; auto: the first that recognises the path.
        options: arguments of that format's class beside the path.

    Raises:
        DataError: nothing is there, it is damaged, or no format fits.
        UsageError: no such format, or an option it does not have.
    """
    where = _find(Path(path))
    source: EpisodeSource = _make(_source_class(where, format), f"{where}", options, where)
    return source


def target_for(
    path: str | Path, format: str | None = None, options: Mapping[str, Any] | None = None
) -> EpisodeTarget:
    """Return the writer for `path`: `.npz` by its suffix, otherwise a store, or by name.

    Args:
        path: what is to be written.
        format: a name of `TARGETS`; None: by the path.
        options: arguments of that format's class.

    Raises:
        UsageError: no such format, or an option it does not have.
    """
    if format is None:
        format = "npz" if Path(path).suffix == ".npz" else "store"
    if format not in TARGETS:
        raise UsageError(
            f"no format {format!r} to write; expected one of {', '.join(TARGETS)}."
            f"{suggest(format, TARGETS)}"
        )
    target: EpisodeTarget = _make(import_object(TARGETS[format]), f"{format}", options)
    return target


def _make(cls: Any, what: str, options: Mapping[str, Any] | None, *args: Any) -> Any:
    known = list(inspect.signature(cls).parameters)[len(args) :]
    for name in options or {}:
        if name not in known:
            flag = "--" + name.replace("_", "-")
            raise UsageError(
                f"{what}: {cls.__name__} has no option {flag}; it has: "
                f"{', '.join(known) or 'none'}; leave it out, or name another --format"
            )
    return cls(*args, **(options or {}))


def _source_class(path: Path, format: str) -> Any:
    if format != "auto":
        if format not in SOURCES:
            raise UsageError(
                f"no format {format!r}; expected auto or one of {', '.join(SOURCES)}."
                f"{suggest(format, SOURCES)}"
            )
        return import_object(SOURCES[format])
    for target in SOURCES.values():
        cls = import_object(target)
        if cls.recognises(path):
            return cls
    raise DataError(
        f"{path} is of no format known here; expected one of {', '.join(SOURCES)}; name it with "
        "--format if it is one of them"
    )


def _find(path: Path) -> Path:
    below = default_base_dir() / "data"
    tried = [path, below / path, below / f"{path}.npz"]
    for place in tried:
        if place.exists():
            return place
    beside = [p.name for place in tried if place.parent.is_dir() for p in place.parent.iterdir()]
    raise DataError(
        f"{path} not found, here or in {below}; expected a file or folder of episodes."
        f"{suggest(path.name, beside)}"
    )
