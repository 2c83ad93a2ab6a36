"""The env spec of a store."""

from __future__ import annotations

import os
from pathlib import Path

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, DataError, SpecError
from muse.core.params import instantiate
from muse.core.spec import EnvSpec
from muse.datasets.store.manifest import Manifest


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
    try:
        spec: EnvSpec = instantiate(AttrDict(params), base=EnvSpec)
    except (ConfigError, SpecError, ImportError, TypeError) as error:
        raise DataError(f"{path}: its env spec cannot be built: {error}") from error
    return spec
