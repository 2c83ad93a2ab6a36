"""The env spec of a store."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, DataError, SpecError
from muse.core.params import instantiate
from muse.core.spec import EnvSpec
from muse.datasets.store.manifest import Manifest

_MOST_NUMBERS = 1 << 27  # of one entry


def spec_of(path: str | os.PathLike[str]) -> EnvSpec:
    """Return the env spec that the store at `path` was written with.

    Raises:
        DataError: it was written without one, or with a class that is not Muse's.
    """
    params = Manifest.read(Path(path)).spec
    if params is None:
        raise DataError(f"{path} was written without an env spec; hand the dataset a spec")
    # A file must not choose what code is imported, so only Muse's own names are followed.
    for key in ("cls", "wp_dynamics_fn"):
        target = params.get(key)
        if target is not None and not (isinstance(target, str) and target.startswith("muse.")):
            raise DataError(
                f"{path}: its env spec has {key}={target!r}, expected a name in muse; hand the "
                "dataset a spec instead"
            )
    _refuse_absurd_shapes(path, params)
    try:
        spec: EnvSpec = instantiate(AttrDict(params), base=EnvSpec)
    except (ConfigError, SpecError, ImportError, TypeError) as error:
        raise DataError(f"{path}: its env spec cannot be built: {error}") from error
    return spec


def _refuse_absurd_shapes(path: str | os.PathLike[str], params: Mapping[str, Any]) -> None:
    """A spec holds the limits of every entry, so a shape alone can ask for any memory."""
    rows = params.get("names_shapes_limits_dtypes")
    for row in rows if isinstance(rows, list) else []:
        shape = row[1] if isinstance(row, list) and len(row) > 1 else []
        sizes = [n for n in shape if isinstance(n, int)] if isinstance(shape, list) else []
        if math.prod(abs(n) for n in sizes) > _MOST_NUMBERS:
            raise DataError(
                f"{path}: its env spec has a row of shape {str(shape)[:60]}, expected that of one "
                "entry; hand the dataset a spec instead"
            )
