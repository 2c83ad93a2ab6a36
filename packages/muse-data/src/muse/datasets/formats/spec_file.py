"""The env spec of imported data as a config, ready for `%env_spec`."""

from __future__ import annotations

import json
from pathlib import Path

from muse.core.attrdict import AttrDict
from muse.core.params import instantiate
from muse.core.spec import EnvSpec
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
    spec: EnvSpec = instantiate(params)
    lines = [f'"""Env spec of the episodes imported from {Path(origin).name}."""', ""]
    lines += ["from muse.core import AttrDict", "", "export = AttrDict("]
    for name, value in spec.params.items():
        if name == "names_shapes_limits_dtypes":
            rows = [f"        {json.dumps(row)},  # {_meaning(spec, row[0])}" for row in value]
            lines += [f"    {name}=[", *rows, "    ],"]
        elif value:
            lines.append(f"    {name}={json.dumps(value)},")
    return "\n".join([*lines, ")", ""])


def _meaning(spec: EnvSpec, name: str) -> str:
    """Return the group a name is in, in words."""
    groups = [g for g in spec.groups if name in getattr(spec, g)]
    return groups[0].removesuffix("_names").replace("_", " ") if groups else "kept, in no group"
