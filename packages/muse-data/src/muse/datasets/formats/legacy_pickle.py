"""Object arrays of plain values out of the pickles that old `.npz` files hold.

A pickle is a program. Here it may put together strings, bytes, numbers, lists and dicts, and one
numpy array of them; every other name it asks for is refused, and the three functions numpy's own
arrays need are stand-ins that only note what they are given.
"""

from __future__ import annotations

import io
import json
import math
import pickle
import pickletools
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_BYTES = 64 << 20
_PLAIN = (str, bytes, int, float, bool, type(None))


class _Array:
    """Stands in for an array that is being unpickled."""

    shape: tuple[int, ...] = ()
    items: list[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, _, _, items = state
        if not isinstance(items, list) or not all(isinstance(n, int) for n in shape):
            raise ValueError("expected an array of objects")
        self.shape, self.items = tuple(shape), items


class _Dtype:
    """Stands in for the dtype of such an array, which is always `object`."""

    def __setstate__(self, state: Any) -> None:
        pass


class _Name:
    """Stands in for the class `ndarray`, which is named but not called."""


def _reconstruct(*args: Any) -> _Array:
    return _Array()


def _dtype(*args: Any) -> _Dtype:
    return _Dtype()


def _encode(text: str, encoding: str) -> bytes:
    return text.encode("latin1")  # how Python 2 and protocol 2 write bytes


_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _Name,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _encode,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _NAMES:
            raise ValueError(f"it asks for {module}.{name}, expected plain values alone")
        return _NAMES[module, name]


def plain_array(data: bytes, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the object array pickled in `data` as one of text, numbers or flags.

    Values of unlike kinds, lists and dicts become their JSON text.

    Raises:
        ValueError: it holds anything but plain values, or is damaged.
    """
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{len(data)} bytes of pickle, expected at most {_MOST_BYTES}")
    _refuse_large_memo(data)
    try:
        found = _Unpickler(io.BytesIO(data)).load()  # noqa: S301 - every name is checked above
    except (pickle.UnpicklingError, AttributeError, IndexError, TypeError) as error:
        raise ValueError(f"not a pickle of plain values ({error})") from error
    if not isinstance(found, _Array) or found.items is None or found.shape != shape:
        raise ValueError(f"expected an object array of shape {shape}")
    if len(found.items) != math.prod(shape):
        raise ValueError(f"{len(found.items)} values for shape {shape}")
    return _typed(found.items).reshape(shape)


def _refuse_large_memo(data: bytes) -> None:
    """Raise where a pickle numbers more remembered values than it has bytes: that takes memory."""
    for opcode, argument, _ in pickletools.genops(data):
        if "PUT" in opcode.name and isinstance(argument, int) and argument > len(data):
            raise ValueError("it reserves memory for more values than it holds")


def _typed(items: list[Any]) -> NDArray[Any]:
    if all(isinstance(x, str) for x in items):
        return np.array(items, np.str_)
    for kinds, dtype in (((bool,), np.bool_), ((int, bool), np.int64), ((int, float), np.float64)):
        if items and all(isinstance(x, kinds) for x in items):
            return np.array(items, dtype)
    budget = [_MOST_BYTES]
    return np.array([json.dumps(_jsonable(x, budget)) for x in items], np.str_)


def _jsonable(value: Any, budget: list[int], depth: int = 0) -> Any:
    """Return `value` with bytes as text; a list that repeats itself is paid for each time."""
    budget[0] -= len(value) if isinstance(value, (str, bytes)) else 8
    if budget[0] < 0 or depth > 20:
        raise ValueError("values nested too deep or repeated too often")
    if isinstance(value, bytes):
        return value.decode("latin1")
    if type(value) in _PLAIN:
        return value
    if type(value) in (list, tuple):
        return [_jsonable(x, budget, depth + 1) for x in value]
    if type(value) is dict:
        return {str(k): _jsonable(v, budget, depth + 1) for k, v in value.items()}
    raise ValueError(f"it holds a {type(value).__name__}, expected plain values alone")
