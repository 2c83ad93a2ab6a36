"""Checking and reading values against the type of a parameter declaration.

A type is what one would write as an annotation: `int`, `float | None`, `list[str]`,
`Literal["a", "b"]`, `Callable`, `type`, a class, or `Any`.
"""

from __future__ import annotations

import ast
import collections.abc
import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

_NO_VALUE = object()


def type_name(expected: Any) -> str:
    """Return the words for a type in help and errors: "int", "float or None", "list of str"."""
    origin, args = get_origin(expected), get_args(expected)
    if expected is None or expected is type(None):
        return "None"
    if expected is Any:
        return "anything"
    if origin is Literal:
        return "one of " + ", ".join(repr(a) for a in args)
    if origin in (Union, types.UnionType):
        return " or ".join(type_name(a) for a in args)
    if origin in (list, tuple, set):
        inner = ", ".join(type_name(a) for a in args if a is not Ellipsis)
        return f"{origin.__name__} of {inner}"
    if expected is type:
        return "class"
    if _is_callable_type(expected):
        return "function"
    return getattr(expected, "__name__", str(expected))


def coerce(value: Any, expected: Any) -> Any:
    """Return `value` as `expected`, converting only where nothing is lost.

    An integral float serves as an int (`1e3`), an int as a float, a list as a tuple and back,
    numpy scalars as Python numbers. Raises TypeError when the value does not fit.
    """
    result = _coerce(value, expected)
    if result is _NO_VALUE:
        raise TypeError(f"expected {type_name(expected)}, got {value!r}")
    return result


def parse(text: str, expected: Any) -> Any:
    """Read a command-line word as `expected`; raises TypeError when it cannot be read so."""
    candidates: list[Any] = []
    try:
        candidates.append(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        lowered = text.strip().lower()
        named = {"true": True, "false": False, "none": None, "null": None}
        if lowered in named:
            candidates.append(named[lowered])
        elif lowered.lstrip("+-") in ("inf", "nan"):
            candidates.append(float(lowered))
    if _accepts_text(expected):
        # A word for a `str` parameter stays a word (`--dataset 7`), unless None is allowed too.
        if not (candidates and candidates[0] is None and _accepts(expected, type(None))):
            candidates.insert(0, text)
    else:
        candidates.append(text)
    for candidate in candidates:
        result = _coerce(candidate, expected)
        if result is not _NO_VALUE:
            return result
    raise TypeError(f"expected {type_name(expected)}, got {text!r}")


def _accepts(expected: Any, kind: type) -> bool:
    if get_origin(expected) in (Union, types.UnionType):
        return any(_accepts(a, kind) for a in get_args(expected))
    return expected is kind or (expected is None and kind is type(None))


def _accepts_text(expected: Any) -> bool:
    return _accepts(expected, str) and not any(
        _accepts(expected, kind) for kind in (int, float, bool)
    )


def _is_callable_type(expected: Any) -> bool:
    return expected in (typing.Callable, collections.abc.Callable) or (
        get_origin(expected) is collections.abc.Callable
    )


def _coerce(value: Any, expected: Any) -> Any:
    if expected is Any:
        return value
    origin, args = get_origin(expected), get_args(expected)
    if origin in (Union, types.UnionType):
        return _coerce_union(value, args)
    if origin is Literal:
        return value if any(value == a and type(value) is type(a) for a in args) else _NO_VALUE
    if origin in (list, tuple, set):
        return _coerce_sequence(value, origin, args)
    if expected is None or expected is type(None):
        return None if value is None else _NO_VALUE
    if _is_callable_type(expected):
        return value if callable(value) else _NO_VALUE
    return _coerce_plain(value, origin or expected)


def _coerce_union(value: Any, options: tuple[Any, ...]) -> Any:
    for option in options:  # an exact match wins over a conversion: 1 stays int in `float | int`
        if isinstance(option, type) and type(value) is option:
            return value
    for option in options:
        result = _coerce(value, option)
        if result is not _NO_VALUE:
            return result
    return _NO_VALUE


def _coerce_sequence(value: Any, kind: type, args: tuple[Any, ...]) -> Any:
    if not isinstance(value, (list, tuple, set)):
        return _NO_VALUE
    items = list(value)
    if kind is tuple and args and args[-1] is not Ellipsis:
        if len(items) != len(args):
            return _NO_VALUE
        inner = list(args)
    else:
        inner = [args[0] if args else Any] * len(items)
    converted = [_coerce(item, each) for item, each in zip(items, inner, strict=True)]
    return _NO_VALUE if any(c is _NO_VALUE for c in converted) else kind(converted)


def _coerce_plain(value: Any, expected: type) -> Any:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()  # a numpy or torch scalar
    if expected is bool:
        return value if isinstance(value, bool) else _NO_VALUE
    if expected is int:
        if isinstance(value, bool):
            return _NO_VALUE
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) else _NO_VALUE
    if expected is float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return _NO_VALUE
        return float(value)
    if expected in (list, tuple) and isinstance(value, (list, tuple)):
        return expected(value)
    return value if isinstance(value, expected) else _NO_VALUE
