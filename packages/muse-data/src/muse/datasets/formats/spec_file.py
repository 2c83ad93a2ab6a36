"""The env spec of imported data as a config, ready for `%env_spec`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from muse.core.attrdict import AttrDict
from muse.datasets.formats.source import EpisodeSource
from muse.experiments.atomic import write_text


def spec_path(data: Path) -> Path:
    """Return where the spec of the data set `data` lies: `mine_spec.py` beside `mine.npz`."""
    return data.with_name(f"{data.stem}_spec.py")


def write_spec(source: EpisodeSource, data: Path) -> Path | None:
    """Write the env spec of `source` beside `data` and return its path; None if unknown."""
    params = source.spec_params()
    if params is None:
        return None
    path = spec_path(data)
    write_text(path, spec_text(params, str(source.path)))
    return path


def spec_text(params: AttrDict, origin: str) -> str:
    """Return the source of a config whose `export` is the env spec `params`."""
    lines = [f'"""Env spec of the episodes imported from {Path(origin).name}."""', ""]
    lines += ["from muse.core import AttrDict", "", "export = AttrDict("]
    for name, value in params.items():
        if isinstance(value, (list, tuple)):
            lines += [f"    {name}=[", *_items(value), "    ],"]
        else:
            lines.append(f"    {name}={value!r},")
    return "\n".join([*lines, ")", ""])


def _items(values: Iterable[object]) -> list[str]:
    return [f"        {value!r}," for value in values]
