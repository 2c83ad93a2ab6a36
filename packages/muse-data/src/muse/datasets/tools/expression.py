"""Conditions on an episode, written like Python and read without running any."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from muse.core.errors import UsageError, suggest
from muse.datasets.formats.source import EpisodeSource

_LONGEST = 2000  # characters
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "all": np.all,
    "any": np.any,
    "count": np.count_nonzero,
    "diff": lambda values: np.diff(np.asarray(values, np.float64), axis=0),
    "first": lambda values: np.asarray(values)[0],
    "isnan": np.isnan,
    "last": lambda values: np.asarray(values)[-1],
    "len": len,
    "max": np.max,
    "mean": np.mean,
    "median": np.median,
    "min": np.min,
    "norm": lambda values: np.linalg.norm(np.asarray(values, np.float64), axis=-1),
    "std": np.std,
    "sum": np.sum,
}
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, group: value in group,
    ast.NotIn: lambda value, group: value not in group,
}
#: Names an expression can use besides columns.
COUNTED = ("episode", "length")
HELP = (
    "Names are columns (a.b for a/b), `length` and `episode`. Functions: "
    f"{', '.join(_FUNCTIONS)}. A column of flags alone asks whether one is set."
)


class EpisodeExpression:
    """A condition such as `length > 50 and max(reward) >= 1 and not any(isnan(action))`.

    Arithmetic, comparisons, `and`, `or`, `not`, `in`, indexing and the functions of `HELP`; nothing
    else is accepted, and nothing is handed to the interpreter.

    Args:
        text: the condition.

    Raises:
        UsageError: it cannot be read, or holds something that is not allowed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > _LONGEST:
            raise UsageError(f"the expression has {len(text)} characters; expected {_LONGEST}")
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
            self.names = tuple(dict.fromkeys(_names(self._tree)))
        except SyntaxError as error:
            where = f" at character {error.offset}" if error.offset else ""
            raise self._error(f"{error.msg}{where}") from None
        except (RecursionError, MemoryError, ValueError):
            raise self._error("it cannot be read") from None

    def check(self, source: EpisodeSource) -> None:
        """Raise a `UsageError` when the condition uses a name that `source` has not."""
        known = [*COUNTED, *(c.name for c in source.columns())]
        for name in self.names:
            if name not in known:
                raise self._error(
                    f"unknown name {name!r}; there are: {', '.join(known)}.{suggest(name, known)}"
                )

    def matches(self, source: EpisodeSource, episode: int) -> bool:
        """Return whether an episode fulfils the condition; only columns it names are read."""
        values: dict[str, Any] = {"episode": episode, "length": int(source.lengths[episode])}
        for name in self.names:
            if name not in values:
                values[name] = source.read(name, episode)
        return self.evaluate(values)

    def evaluate(self, values: Mapping[str, Any]) -> bool:
        """Return the condition's truth for `values` by name."""
        try:
            with np.errstate(all="ignore"):
                return self._truth(self._value(self._tree, values))
        except UsageError:
            raise
        except (ArithmeticError, IndexError, TypeError, ValueError) as error:
            raise self._error(str(error)) from error

    def _value(self, node: ast.AST, values: Mapping[str, Any]) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.Name, ast.Attribute)):
            return values[_path(node)]
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self._value(item, values) for item in node.elts]
        if isinstance(node, ast.BoolOp):
            parts = (self._truth(self._value(part, values)) for part in node.values)
            return all(parts) if isinstance(node.op, ast.And) else any(parts)
        if isinstance(node, ast.UnaryOp):
            value = self._value(node.operand, values)
            if isinstance(node.op, ast.Not):
                return not self._truth(value)
            return _OPERATORS[type(node.op)](value)
        if isinstance(node, ast.BinOp):
            left, right = self._number(node.left, values), self._number(node.right, values)
            return _OPERATORS[type(node.op)](left, right)
        if isinstance(node, ast.Compare):
            return self._comparison(node, values)
        if isinstance(node, ast.Call):
            return _FUNCTIONS[_path(node.func)](self._value(node.args[0], values))
        assert isinstance(node, ast.Subscript)
        return np.asarray(self._value(node.value, values))[_index(node.slice)]

    def _number(self, node: ast.AST, values: Mapping[str, Any]) -> Any:
        value = self._value(node, values)
        if isinstance(value, (str, list)):  # multiplying these could fill the memory
            raise self._error(f"cannot calculate with {value!r}")
        return value

    def _comparison(self, node: ast.Compare, values: Mapping[str, Any]) -> Any:
        left = self._value(node.left, values)
        results = []
        for op, each in zip(node.ops, node.comparators, strict=True):
            right = self._value(each, values)
            results.append(_OPERATORS[type(op)](left, right))
            left = right
        return results[0] if len(results) == 1 else all(self._truth(r) for r in results)

    def _truth(self, value: Any) -> bool:
        array = np.asarray(value)
        if array.size == 1:
            return bool(array.reshape(-1)[0])
        if array.dtype == np.bool_:
            return bool(array.any())
        raise self._error(
            f"a value of shape {array.shape} is neither true nor false; reduce it, for instance "
            "with max(…), last(…) or any(…)"
        )

    def _error(self, what: str) -> UsageError:
        return UsageError(f"expression {self.text!r}: {what}")


def _names(node: ast.AST) -> list[str]:
    """Return the columns a tree names; SyntaxError for anything that is not allowed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float, str)):
        return []
    if isinstance(node, (ast.Name, ast.Attribute)):
        return [_path(node)]
    if isinstance(node, ast.Subscript):
        _index(node.slice)
        return _names(node.value)
    if isinstance(node, ast.Call):
        return _names(_argument(node))
    parts = {
        ast.BoolOp: lambda n: n.values,
        ast.UnaryOp: lambda n: [n.operand],
        ast.BinOp: lambda n: [n.left, n.right],
        ast.Compare: lambda n: [n.left, *n.comparators],
        ast.List: lambda n: n.elts,
        ast.Tuple: lambda n: n.elts,
    }
    if type(node) not in parts:
        raise _refusal(node)
    operators = getattr(node, "ops", [getattr(node, "op", None)])
    for op in operators:
        if op is not None and not isinstance(op, (ast.And, ast.Or, ast.Not, *_OPERATORS)):
            raise _refusal(op)
    return [name for part in parts[type(node)](node) for name in _names(part)]


def _path(node: ast.AST) -> str:
    """Return `a/b` for the expression `a.b`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_path(node.value)}/{node.attr}"
    raise _refusal(node)


def _argument(node: ast.Call) -> ast.AST:
    name = _path(node.func)
    if name not in _FUNCTIONS:
        near = suggest(name, _FUNCTIONS)
        raise SyntaxError(f"no function {name!r}; there are: {', '.join(_FUNCTIONS)}.{near}")
    if len(node.args) != 1 or node.keywords:
        raise SyntaxError(f"{name}() takes one argument")
    return node.args[0]


def _index(node: ast.AST | None) -> Any:
    """Return what stands in brackets: an integer, a slice, or a tuple of them."""
    if node is None:
        return None
    if isinstance(node, ast.Tuple):
        return tuple(_index(part) for part in node.elts)
    if isinstance(node, ast.Slice):
        return slice(_index(node.lower), _index(node.upper), _index(node.step))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_index(node.operand)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    raise SyntaxError("an index must be a whole number or a slice of them")


def _refusal(node: ast.AST) -> SyntaxError:
    return SyntaxError(f"{type(node).__name__} is not allowed here; {HELP}")
