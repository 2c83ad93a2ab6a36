"""Gymnasium spaces as named arrays: each leaf of a nested space becomes one name of a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError


@dataclass(frozen=True)
class SpaceLeaf:
    """One array of a space.

    Attributes:
        name: its name in the spec, such as `obs` or `obs/position`.
        path: keys and indices that lead to it in the nested value.
        shape: without the batch dimension; a scalar has (1,).
        dtype: as in the space.
        low, high: limits, of `shape` or scalar.
        restore: turns the array (shape) back into what the space holds.
    """

    name: str
    path: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: np.dtype
    low: Any
    high: Any
    restore: Callable[[np.ndarray], Any]

    def row(self) -> tuple[str, tuple[int, ...], tuple[Any, Any], str]:
        """The row of `names_shapes_limits_dtypes`."""
        return self.name, self.shape, (_plain(self.low), _plain(self.high)), self.dtype.name

    def read(self, value: Any) -> np.ndarray:
        """Take the leaf out of a value of the whole space, a fresh (1, *shape)."""
        for key in self.path:
            value = value[key]
        array = np.empty((1, *self.shape), self.dtype)
        array[0] = value
        return array


def leaves(space: Any, name: str, path: tuple[Any, ...] = ()) -> Iterator[SpaceLeaf]:
    """Yield the leaves of a space; parts of Dict and Tuple spaces are named `name/part`.

    Raises:
        EnvError: for a space without a fixed shape (Text, Graph, Sequence, OneOf).
    """
    kind = type(space).__name__
    if kind == "Dict":
        for key, part in space.spaces.items():
            yield from leaves(part, f"{name}/{key}", (*path, key))
    elif kind == "Tuple":
        for index, part in enumerate(space.spaces):
            yield from leaves(part, f"{name}/{index}", (*path, index))
    elif kind in _LEAVES:
        shape, dtype, low, high, restore = _LEAVES[kind](space)
        yield SpaceLeaf(name, path, shape or (1,), np.dtype(dtype), low, high, restore)
    else:
        raise EnvError(
            f"GymEnv: {name!r} is a {kind} space, which has no fixed shape; it can hold "
            f"{', '.join(sorted(_LEAVES))}, Dict and Tuple"
        )


def restore(space: Any, parts: list[SpaceLeaf], batch: AttrDict) -> Any:
    """Return the value of `space` that the arrays (1, ...) in `batch` stand for."""
    if len(parts) == 1 and not parts[0].path:
        return parts[0].restore(batch[parts[0].name][0])
    values = {part.path: part.restore(batch[part.name][0]) for part in parts}
    return _nest(space, values, ())


def _nest(space: Any, values: dict[tuple[Any, ...], Any], path: tuple[Any, ...]) -> Any:
    if path in values:
        return values[path]
    if type(space).__name__ == "Dict":
        return {key: _nest(part, values, (*path, key)) for key, part in space.spaces.items()}
    return tuple(_nest(part, values, (*path, i)) for i, part in enumerate(space.spaces))


def _box(space: Any) -> tuple[Any, ...]:
    restore = _same if space.shape else lambda a: a.reshape(())
    return space.shape, space.dtype, space.low, space.high, restore


def _discrete(space: Any) -> tuple[Any, ...]:
    first = int(space.start)
    return (1,), np.int64, first, first + int(space.n) - 1, lambda a: int(a[0])


def _multi_discrete(space: Any) -> tuple[Any, ...]:
    start = np.asarray(getattr(space, "start", np.zeros_like(space.nvec)))
    return space.shape, space.dtype, start, start + space.nvec - 1, _same


def _multi_binary(space: Any) -> tuple[Any, ...]:
    return space.shape, space.dtype, 0, 1, _same


def _same(array: np.ndarray) -> np.ndarray:
    return array


_LEAVES: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "Box": _box,
    "Discrete": _discrete,
    "MultiDiscrete": _multi_discrete,
    "MultiBinary": _multi_binary,
}


def _plain(limit: Any) -> Any:
    """A limit as a number where it is one, else as nested lists, so that a spec can be JSON."""
    array = np.asarray(limit)
    if array.size and (array == array.flat[0]).all():
        return array.flat[0].item()
    return array.tolist()
