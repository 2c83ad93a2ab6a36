"""One row of a spec: what an array of a given name looks like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import SpecError


@dataclass(frozen=True, eq=False)
class SpecRow:
    """Name, shape (without batch or horizon), limits and dtype of one array.

    `low` and `high` are read-only float64 arrays of `shape`; infinite where there is no limit.
    """

    name: str
    shape: tuple[int, ...]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Numbers in one array, 1 for rank 0."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def is_bounded(self) -> bool:
        """Whether every limit is finite."""
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpecRow):
            return NotImplemented
        return (
            (self.name, self.shape, self.dtype) == (other.name, other.shape, other.dtype)
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.shape, str(self.dtype)))

    @classmethod
    def parse(cls, row: Any) -> SpecRow:
        """Read `(name, shape, (low, high), dtype)`; the limits are numbers, nested lists that
        broadcast to the shape, "inf", "-inf" or None (no limit).

        Raises:
            SpecError: naming the row, what was got and what was expected.
        """
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 4:
            raise SpecError(f"spec row {row!r}: expected (name, shape, (low, high), dtype)")
        name, shape, limits, dtype = row
        if not isinstance(name, str) or not name or not all(name.split("/")):
            raise SpecError(f"spec row {row!r}: name is {name!r}, expected a path such as 'a/b'")
        shape = _parse_shape(name, shape)
        try:
            parsed = np.dtype(dtype)
        except TypeError:
            raise SpecError(
                f"spec row {name!r}: dtype is {dtype!r}, expected a numpy dtype or its name"
            ) from None
        if limits is None:
            limits = (None, None)
        if not isinstance(limits, (Sequence, np.ndarray)) or len(limits) != 2:
            raise SpecError(f"spec row {name!r}: limits are {limits!r}, expected (low, high)")
        low = _parse_limit(name, limits[0], -np.inf, shape)
        high = _parse_limit(name, limits[1], np.inf, shape)
        if np.isnan(low).any() or np.isnan(high).any() or (low > high).any():
            raise SpecError(
                f"spec row {name!r}: limits are {limits!r}, expected low <= high and no NaN"
            )
        return cls(name, shape, low, high, parsed)

    def to_params(self) -> list[Any]:
        """Return the row as JSON-able data, the inverse of `parse`."""
        dtype = self.dtype.name if self.dtype.kind in "biufcO" else self.dtype.str
        limits = [_limit_to_params(self.low), _limit_to_params(self.high)]
        return [self.name, list(self.shape), limits, dtype]


def _parse_shape(name: str, shape: Any) -> tuple[int, ...]:
    try:
        if not isinstance(shape, Iterable):
            raise TypeError
        parsed = tuple(shape)
        sizes = tuple(int(n) for n in parsed)
        if any(a != b or b < 0 for a, b in zip(parsed, sizes, strict=True)):
            raise ValueError
    except (TypeError, ValueError):
        raise SpecError(
            f"spec row {name!r}: shape is {shape!r}, expected sizes such as (3,) or ()"
        ) from None
    return sizes


def _parse_limit(name: str, limit: Any, default: float, shape: tuple[int, ...]) -> Any:
    try:
        array = np.asarray(default if limit is None else limit).astype(np.float64)
        return np.broadcast_to(array, shape)  # read-only, and no memory for a single number
    except (TypeError, ValueError):
        raise SpecError(
            f"spec row {name!r}: limit is {limit!r}, expected numbers for shape {shape}"
        ) from None


def _limit_to_params(limit: NDArray[np.float64]) -> Any:
    """A number where all agree, else nested lists; strict JSON has no word for infinity."""
    if limit.size and (limit == limit.flat[0]).all():
        return _number(float(limit.flat[0]))
    return _nested(limit.tolist())


def _nested(value: Any) -> Any:
    return [_nested(v) for v in value] if isinstance(value, list) else _number(value)


def _number(value: float) -> float | str:
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value
