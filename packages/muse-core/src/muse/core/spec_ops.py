"""What a `Spec` does to one array, numpy or torch, without importing torch.

Everywhere `row` is the array's `SpecRow` and `x` the array, `(*batch, *shape)`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from muse.core.attrdict import is_array
from muse.core.errors import MissingExtraError, SpecError
from muse.core.spec_row import SpecRow

Array = np.ndarray[Any, Any]


def is_torch(x: Any) -> bool:
    """Whether `x` is a torch tensor."""
    torch = sys.modules.get("torch")
    kind = getattr(torch, "Tensor", None)
    return kind is not None and isinstance(x, kind)


def to_torch(array: Array, device: Any) -> Any:
    """Move a numpy array to a torch device."""
    try:
        import torch
    except ImportError:
        raise MissingExtraError("torch_device=…", "muse-data", "torch") from None
    return torch.as_tensor(array, device=device)


def cast(x: Any, dtype: np.dtype[Any]) -> Any:
    """Return `x` in a numpy dtype or its torch equivalent; not copied when it already is."""
    if is_torch(x):
        return x.to(getattr(sys.modules["torch"], dtype.name))
    return np.asarray(x).astype(dtype, copy=False)


def like(array: Array, x: Any) -> Any:
    """Return a float array as the kind, dtype and device of `x`."""
    if is_torch(x):
        return sys.modules["torch"].as_tensor(array.copy(), device=x.device).to(x.dtype)
    return array.astype(x.dtype)


def limits_like(row: SpecRow, x: Any) -> tuple[Any, Any]:
    """Return the limits in the dtype of `x`; infinite ones of an integer are its extremes."""
    low, high = row.low, row.high
    kind = np.dtype(str(x.dtype).removeprefix("torch."))
    if kind.kind in "iu":
        return like(_whole(np.ceil(low), kind), x), like(_whole(np.floor(high), kind), x)
    if kind.kind == "b":
        return like(low > 0, x), like(high >= 1, x)
    return like(low, x), like(high, x)


def _whole(limit: Array, dtype: np.dtype[Any]) -> Array:
    """Cast whole or infinite floats to an integer dtype, those beyond it to its extremes."""
    info = np.iinfo(dtype)
    out = np.full(limit.shape, info.min, dtype)
    out[limit >= float(info.max)] = info.max
    inside = (limit > float(info.min)) & (limit < float(info.max))
    out[inside] = limit[inside].astype(dtype)
    return out


# -- making --------------------------------------------------------------------------------------


def bounded(row: SpecRow, what: str) -> None:
    """Raise `SpecError` unless every limit is finite."""
    if not row.is_bounded:
        raise SpecError(
            f"{what} of {row.name!r}: its limits {row.to_params()[2]} are not finite; "
            "give it finite limits in the spec"
        )


def midpoint(row: SpecRow, shape: tuple[int, ...]) -> Array:
    """The middle of the limits, broadcast to `shape`."""
    bounded(row, "midpoint")
    middle = row.low + (row.high - row.low) / 2
    return np.broadcast_to(_round_to(middle, row.dtype), shape).copy()


def uniform(row: SpecRow, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw uniformly within the limits."""
    bounded(row, "uniform draw")
    if row.dtype.kind in "iub":
        low, high = np.ceil(row.low).astype(np.int64), np.floor(row.high).astype(np.int64)
        return rng.integers(low, high, size=shape, endpoint=True).astype(row.dtype)
    drawn = np.asarray(rng.uniform(row.low, row.high, size=shape)).astype(row.dtype)
    return np.asarray(clip(row, drawn))  # the cast may round up, out of the limits


def _round_to(x: Array, dtype: np.dtype[Any]) -> Array:
    return (np.rint(x) if dtype.kind in "iub" else x).astype(dtype)


# -- changing ------------------------------------------------------------------------------------


def clip(row: SpecRow, x: Any) -> Any:
    """Clip into the limits, NaN staying NaN."""
    low, high = limits_like(row, x)
    if is_torch(x):
        return x.clamp(low, high) if x.dtype.is_floating_point else x.maximum(low).minimum(high)
    return np.minimum(np.maximum(x, low), high)


def to_unit_box(row: SpecRow, x: Any) -> Any:
    """Map [low, high] to [-1, 1]; 0 where low = high."""
    bounded(row, "scale_to_unit_box")
    x = _as_float(x)
    half = (row.high - row.low) / 2
    inverse = np.divide(1.0, half, out=np.zeros_like(half), where=half > 0)
    return (x - like(row.low + half, x)) * like(inverse, x)


def from_unit_box(row: SpecRow, x: Any) -> Any:
    """Map [-1, 1] to [low, high] in the dtype of the row."""
    bounded(row, "scale_from_unit_box")
    x = _as_float(x)
    half = (row.high - row.low) / 2
    scaled = x * like(half, x) + like(row.low + half, x)
    if row.dtype.kind in "iub":
        scaled = scaled.round()
    return cast(scaled, row.dtype)


def _as_float(x: Any) -> Any:
    if is_torch(x):
        return x if x.dtype.is_floating_point else x.float()
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float32)


# -- flat arrays ---------------------------------------------------------------------------------


def flatten(row: SpecRow, x: Any) -> Any:
    """`(*batch, *shape)` → `(*batch, size)`."""
    batch = front(row, x)
    if batch is None:
        raise SpecError(
            f"{row.name!r} has shape {tuple(x.shape)}, expected it to end in {row.shape}"
        )
    return x.reshape((*batch, row.size))


def unflatten(row: SpecRow, x: Any) -> Any:
    """`(*batch, size)` → `(*batch, *shape)`."""
    if x.ndim < 1 or x.shape[-1] != row.size:
        raise SpecError(
            f"{row.name!r} has shape {tuple(x.shape)}, expected last dimension {row.size}"
        )
    return x.reshape((*x.shape[:-1], *row.shape))


def concatenate(parts: list[Any]) -> Any:
    """Concatenate along the last axis."""
    if is_torch(parts[0]):
        return sys.modules["torch"].cat(parts, dim=-1)
    return np.concatenate(parts, axis=-1)


# -- checking ------------------------------------------------------------------------------------


def front(row: SpecRow, x: Any) -> tuple[int, ...] | None:
    """Return the leading dimensions before the row's shape, None if it does not end in that."""
    shape, rank = tuple(x.shape), len(row.shape)
    if len(shape) < rank or shape[len(shape) - rank :] != row.shape:
        return None
    return shape[: len(shape) - rank]


def check_array(row: SpecRow, x: Any, batch_dims: int) -> tuple[int, ...]:
    """Return the leading dimensions of a fitting array, or raise `SpecError`."""
    if not is_array(x):
        raise SpecError(
            f"{row.name!r} is a {type(x).__name__}, expected an array of shape "
            f"{_wanted(row, batch_dims)}"
        )
    batch = front(row, x)
    if batch is None or len(batch) != batch_dims:
        raise SpecError(
            f"{row.name!r} has shape {tuple(x.shape)}, expected {_wanted(row, batch_dims)}"
        )
    got = np.dtype(str(x.dtype).removeprefix("torch.")) if is_torch(x) else x.dtype
    if not np.can_cast(got, row.dtype, "same_kind"):
        raise SpecError(f"{row.name!r} has dtype {got}, expected {row.dtype}")
    return batch


def check_limits(row: SpecRow, x: Any) -> None:
    """Raise `SpecError` for the first number that is NaN or outside the limits."""
    values = x.detach().cpu().numpy() if is_torch(x) else x
    if values.dtype.kind not in "biuf":
        return
    low, high = limits_like(row, values)
    bad = ~((values >= low) & (values <= high))
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        inner = where[len(where) - len(row.shape) :]
        raise SpecError(
            f"{row.name!r} is {values[where].item()} at index {where}, "
            f"expected a number from {row.low[inner].item():g} to {row.high[inner].item():g}"
        )


def _wanted(row: SpecRow, batch_dims: int) -> str:
    """The shape expected, in letters and numbers: "(B, H, 3)"."""
    sizes = [*("B", "H", *"NMLKJI")[:batch_dims], *map(str, row.shape)]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
