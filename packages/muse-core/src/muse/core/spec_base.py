"""`Spec`: names with shapes, limits and dtypes, and the array operations that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from muse.core import spec_ops as ops
from muse.core.attrdict import AttrDict, is_array
from muse.core.errors import SpecError, suggest
from muse.core.spec_row import SpecRow

Limits = tuple[NDArray[np.float64], NDArray[np.float64]]
Names = str | Iterable[str]


class Spec:
    """Immutable rows of (name, shape, limits, dtype).

    `names` below is a name or an iterable of names; "flat" is the concatenation of the flattened
    arrays of `names`, in their order, along the last axis. Arrays are numpy arrays or torch
    tensors, `(*batch, *shape)` with any leading dimensions; results have the input's kind.
    Every method raises `SpecError` for a name that the spec does not have.
    """

    _rows: dict[str, SpecRow]

    def __init__(self, rows: Iterable[SpecRow]) -> None:
        by_name: dict[str, SpecRow] = {}
        for row in rows:
            if row.name in by_name:
                raise SpecError(f"spec row {row.name!r} appears twice; expected one row a name")
            by_name[row.name] = row
        for name in by_name:
            parts = name.split("/")
            for i in range(1, len(parts)):
                if (outer := "/".join(parts[:i])) in by_name:
                    raise SpecError(
                        f"spec rows {outer!r} and {name!r}: a name cannot lie below another; "
                        "rename one"
                    )
        self._keep("_rows", by_name)

    def _keep(self, attribute: str, value: Any) -> None:
        """Set an attribute, which only a constructor may do."""
        object.__setattr__(self, attribute, value)

    def _refuse(self, name: str, *value: Any) -> NoReturn:
        raise SpecError(
            f"cannot change {name!r}: a {type(self).__name__} is immutable; derive(…) a new one"
        )

    __setattr__ = __delattr__ = _refuse

    # -- rows --------------------------------------------------------------------------------

    @property
    def all_spec_names(self) -> tuple[str, ...]:
        """The name of every row."""
        return tuple(self._rows)

    def row(self, name: str) -> SpecRow:
        """Return the row of a name."""
        try:
            return self._rows[name]
        except (KeyError, TypeError):
            near = suggest(name, self._rows) or f" It has: {', '.join(self._rows)}."
            raise SpecError(f"{type(self).__name__} has no name {name!r}.{near}") from None

    def rows(self, names: Names) -> list[SpecRow]:
        """Return the rows of names, in their order."""
        return [self.row(n) for n in ((names,) if isinstance(names, str) else names)]

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def assert_has_names(self, names: Names) -> None:
        """Raise `SpecError` unless every name is here."""
        self.rows(names)

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of one array, without batch or horizon."""
        return self.row(name).shape

    def dtype(self, name: str) -> np.dtype[Any]:
        """Numpy dtype of one array."""
        return self.row(name).dtype

    def get_sld(self, name: str) -> tuple[tuple[int, ...], Limits, np.dtype[Any]]:
        """Return (shape, (low, high), dtype)."""
        row = self.row(name)
        return row.shape, (row.low, row.high), row.dtype

    def limits(self, names: Names, as_dict: bool = False, flat: bool = False) -> Any:
        """Return the limits, float64 and infinite where there is none.

        Returns:
            for one name (a str) its `(low, high)`, each of the name's shape; for several a list
            of those. With `as_dict`: an AttrDict name → (low, high). With `flat`: one
            `(low, high)`, each `(D,)`, of the concatenated arrays.
        """
        rows = self.rows(names)
        if as_dict:
            return AttrDict((r.name, (r.low, r.high)) for r in rows)
        if flat:
            sides = [[r.low.ravel() for r in rows], [r.high.ravel() for r in rows]]
            return tuple(np.concatenate(s) if s else np.zeros(0) for s in sides)
        pairs = [(r.low, r.high) for r in rows]
        return pairs[0] if isinstance(names, str) else pairs

    @property
    def names_to_shapes(self) -> AttrDict:
        return AttrDict((r.name, r.shape) for r in self._rows.values())

    @property
    def names_to_limits(self) -> AttrDict:
        return AttrDict((r.name, (r.low, r.high)) for r in self._rows.values())

    @property
    def names_to_dtypes(self) -> AttrDict:
        return AttrDict((r.name, r.dtype) for r in self._rows.values())

    def dims(self, names: Names) -> list[int]:
        """Numbers in one array of each name."""
        return [r.size for r in self.rows(names)]

    def dim(self, names: Names) -> int:
        """Length D of the flat concatenation of `names`."""
        return sum(self.dims(names))

    # -- making arrays -----------------------------------------------------------------------

    def get_zeros(
        self, names: Names, batch_size: int | tuple[int, ...], torch_device: Any = None
    ) -> AttrDict:
        """Return zeros `(*batch, *shape)` of the spec's dtypes; torch tensors given a device."""
        return self._make(names, batch_size, torch_device, lambda r, s: np.zeros(s, r.dtype))

    def get_ones(
        self, names: Names, batch_size: int | tuple[int, ...], torch_device: Any = None
    ) -> AttrDict:
        return self._make(names, batch_size, torch_device, lambda r, s: np.ones(s, r.dtype))

    def get_empty(
        self, names: Names, batch_size: int | tuple[int, ...], torch_device: Any = None
    ) -> AttrDict:
        """Return uninitialised arrays, to be filled."""
        return self._make(names, batch_size, torch_device, lambda r, s: np.empty(s, r.dtype))

    def get_midpoint(
        self, names: Names, batch_size: int | tuple[int, ...], torch_device: Any = None
    ) -> AttrDict:
        """Return the middle of the limits, which must be finite."""
        return self._make(names, batch_size, torch_device, ops.midpoint)

    def get_uniform(
        self,
        names: Names,
        batch_size: int | tuple[int, ...],
        rng: np.random.Generator,
        torch_device: Any = None,
    ) -> AttrDict:
        """Draw uniformly within the limits (integers: both ends included), which must be finite."""
        return self._make(names, batch_size, torch_device, lambda r, s: ops.uniform(r, s, rng))

    def _make(self, names: Names, batch_size: Any, torch_device: Any, make: Any) -> AttrDict:
        batch = (batch_size,) if isinstance(batch_size, (int, np.integer)) else tuple(batch_size)
        out = AttrDict()
        for row in self.rows(names):
            array = make(row, (*batch, *row.shape))
            out[row.name] = array if torch_device is None else ops.to_torch(array, torch_device)
        return out

    # -- changing arrays: all return a new AttrDict, other leaves handed on as they are ---------

    def map_to_types(self, data: AttrDict, skip_keys: bool = False) -> AttrDict:
        """Cast every array to its dtype; a leaf unknown here raises, or stays if `skip_keys`."""

        def cast(name: str, value: Any) -> Any:
            if skip_keys and name not in self._rows:
                return value
            return ops.cast(value, self.row(name).dtype)

        return data.leaf_kv_apply(cast)

    def clip(self, data: AttrDict, names: Names) -> AttrDict:
        """Clip into the limits; dtypes stay."""
        return self._change(data, names, ops.clip)

    def scale_to_unit_box(self, data: AttrDict, names: Names) -> AttrDict:
        """Map [low, high] to [-1, 1], as floats; where low = high the result is 0."""
        return self._change(data, names, ops.to_unit_box)

    def scale_from_unit_box(self, data: AttrDict, names: Names) -> AttrDict:
        """Map [-1, 1] to [low, high] in the spec's dtypes (integers rounded)."""
        return self._change(data, names, ops.from_unit_box)

    def _change(self, data: AttrDict, names: Names, f: Any) -> AttrDict:
        out = data.copy()
        for row in self.rows(names):
            out[row.name] = f(row, self._lookup(data, row.name))
        return out

    @staticmethod
    def _lookup(data: Mapping[str, Any], name: str) -> Any:
        if name not in data:
            known = data.leaf_keys() if isinstance(data, AttrDict) else data
            raise SpecError(f"{name!r} is missing from the data.{suggest(name, known)}")
        return data[name]

    # -- flat arrays -------------------------------------------------------------------------

    def concatenate_flat(self, data: AttrDict, names: Names) -> Any:
        """Flatten and concatenate arrays `(*batch, *shape)` into one `(*batch, D)`."""
        parts = [ops.flatten(r, self._lookup(data, r.name)) for r in self.rows(names)]
        if not parts:
            raise SpecError("concatenate_flat: got no names; expected at least one")
        return ops.concatenate(parts)

    def reshape_from_flat(self, data: AttrDict, names: Names) -> AttrDict:
        """Reshape each named array `(*batch, size)` into `(*batch, *shape)`."""
        return self._change(data, names, ops.unflatten)

    def parse_view_from_concatenated_flat(self, x: Any, names: Names) -> AttrDict:
        """Split `(*batch, D)` into arrays `(*batch, *shape)` without a change of dtype."""
        rows = self.rows(names)
        total = sum(r.size for r in rows)
        if x.ndim < 1 or x.shape[-1] != total:
            raise SpecError(
                f"flat array for {[r.name for r in rows]} has shape {tuple(x.shape)}, "
                f"expected last dimension {total}"
            )
        out, start = AttrDict(), 0
        for row in rows:
            out[row.name] = ops.unflatten(row, x[..., start : start + row.size])
            start += row.size
        return out

    def parse_from_concatenated_flat(self, x: Any, names: Names) -> AttrDict:
        """Split `(*batch, D)` into arrays `(*batch, *shape)` of the spec's dtypes."""
        return self.map_to_types(self.parse_view_from_concatenated_flat(x, names))

    def get_indices_for_flat(self, sub_names: Names, names: Names) -> NDArray[np.int64]:
        """Return where the numbers of `sub_names` lie in the flat concatenation of `names`."""
        starts, start = {}, 0
        for row in self.rows(names):
            starts[row.name] = start
            start += row.size
        out = []
        for row in self.rows(sub_names):
            if row.name not in starts:
                raise SpecError(f"{row.name!r} is not among {list(starts)}")
            out.append(np.arange(starts[row.name], starts[row.name] + row.size))
        return np.concatenate(out) if out else np.zeros(0, np.int64)

    # -- checking ----------------------------------------------------------------------------

    def get_front_size(self, data: AttrDict) -> tuple[int, ...] | None:
        """Return the leading dimensions shared by all arrays of known names, None if they differ
        (or there is no such array)."""
        fronts = set()
        for name, value in data.leaf_items():
            if name in self._rows and is_array(value):
                front = ops.front(self._rows[name], value)
                if front is None:
                    return None
                fronts.add(front)
        return fronts.pop() if len(fronts) == 1 else None

    def check(
        self, data: AttrDict, names: Names, batch_dims: int = 1, limits: bool = False
    ) -> None:
        """Raise `SpecError`, naming name, got and expected, unless the data fits.

        Args:
            data: holds every name as an array `(*batch, *shape)`, the batch the same for all, of
                a dtype that casts to the spec's within its kind (float64 → float32, int → float).
            batch_dims: number of leading dimensions, 1 for (B, …), 2 for (B, H, …).
            limits: also refuse NaN and numbers outside the limits.
        """
        batch: tuple[int, ...] | None = None
        first = ""
        for row in self.rows(names):
            value = self._lookup(data, row.name)
            front = ops.check_array(row, value, batch_dims)
            if batch is not None and front != batch:
                raise SpecError(
                    f"{row.name!r} has leading dimensions {front}, but {first!r} has {batch}; "
                    "expected the same for all names"
                )
            batch, first = front, first or row.name
            if limits:
                ops.check_limits(row, value)
