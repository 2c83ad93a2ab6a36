"""Names of a spec as a gymnasium space, and values there and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import MissingExtraError
from muse.core.spec import EnvSpec
from muse.core.spec_row import SpecRow

try:
    from gymnasium import spaces
except ImportError as error:
    raise MissingExtraError("muse.envs.gymnasium", "muse-envs", "gym") from error


class SpecSpace:
    """The space of some names: of one name its own, of several a Dict keyed by name.

    Numbers become Box, one bounded integer Discrete, several MultiDiscrete, bools MultiBinary.

    Args:
        env_spec: where shapes, limits and dtypes come from.
        names: key in the Dict -> name in the spec.

    Attributes:
        space: the gymnasium space of one row.
    """

    def __init__(self, env_spec: EnvSpec, names: Mapping[str, str]) -> None:
        self._names = list(names)
        self._shapes = {key: env_spec.shape(name) for key, name in names.items()}
        self._dtypes = {key: np.dtype(env_spec.dtype(name)) for key, name in names.items()}
        parts = {key: _space(env_spec.row(name)) for key, name in names.items()}
        self._scalars = {key for key, part in parts.items() if isinstance(part, spaces.Discrete)}
        self.space: Any = spaces.Dict(parts)
        if len(parts) == 1:
            self.space = parts[self._names[0]]

    def row(self, batch: Mapping[str, Any], row: int = 0) -> Any:
        """Return one row of leaves (B, ...) as a value of `space`."""
        return self._pack(
            {
                key: np.int64(batch[key][row].item()) if key in self._scalars else batch[key][row]
                for key in self._names
            }
        )

    def rows(self, batch: Mapping[str, Any]) -> Any:
        """Return leaves (B, ...) as a value of the batched space."""
        return self._pack(
            {key: batch[key][:, 0] if key in self._scalars else batch[key] for key in self._names}
        )

    def batch(self, value: Any, rows: int) -> AttrDict:
        """Return a value of the space (`rows` = 1) or of the batched one as leaves (rows, ...)."""
        parts = value if len(self._names) > 1 else {self._names[0]: value}
        return AttrDict(
            (key, np.asarray(parts[key], self._dtypes[key]).reshape(rows, *self._shapes[key]))
            for key in self._names
        )

    def _pack(self, parts: dict[str, Any]) -> Any:
        return parts if len(self._names) > 1 else parts[self._names[0]]


def _space(row: SpecRow) -> Any:
    if row.dtype.kind == "b":
        return spaces.MultiBinary(row.shape)
    if row.dtype.kind in "iu" and row.is_bounded and row.dtype != np.uint8:
        start = row.low.astype(np.int64)
        count = row.high.astype(np.int64) - start + 1
        if row.shape == (1,):
            return spaces.Discrete(int(count[0]), start=int(start[0]))
        return spaces.MultiDiscrete(count, dtype=row.dtype, start=start.astype(row.dtype))
    low, high = row.low, row.high
    if row.dtype.kind in "iu":
        info = np.iinfo(row.dtype)
        low, high = np.maximum(low, info.min), np.minimum(high, info.max)
    return spaces.Box(low.astype(row.dtype), high.astype(row.dtype), row.shape, row.dtype)
