"""The mapping underneath `AttrDict`: a dict whose keys are paths.

Plain names live in the dict itself, so reading one costs what a dict costs; only a name that is
not found there reaches Python code (`__missing__`), which walks the path or raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from muse.core.errors import MissingKeyError, UsageError, suggest

SEPARATOR = "/"
_ABSENT: Any = object()
_SHOWN = 12  # names listed in an error

_new = dict.__new__
_put = dict.__setitem__
_get = dict.get

N = TypeVar("N", bound="PathDict")


class AbsentMessage:
    """The text of a missing-key error, worked out only when somebody reads it.

    `hasattr`, `getattr(…, default)` and `copy` raise such errors by the thousand and never look.
    """

    __slots__ = ("_node", "_path")

    def __init__(self, node: PathDict, path: object) -> None:
        self._node, self._path = node, path

    def __str__(self) -> str:
        path, node = self._path, self._node
        if not isinstance(path, str):
            return f"AttrDict keys are strings, got {path!r} ({type(path).__name__})"
        parts = path.split(SEPARATOR)
        here: Any = node
        for i, part in enumerate(parts[:-1], 1):
            here = _get(here, part, None)
            if here is not None and not isinstance(here, PathDict):
                where = SEPARATOR.join(parts[:i])
                return f"no {path!r}: {where!r} is a leaf ({type(here).__name__}), not a node"
            if here is None:
                break
        names = list(walk_names(node))
        near = suggest(path, names) or suggest_by_tail(parts[-1], names)
        shown = ", ".join(repr(n) for n in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        return f"no {path!r} in this AttrDict (names: {shown or 'none'}).{near}"

    __repr__ = __str__

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def suggest_by_tail(tail: str, names: Iterable[str]) -> str:
    """Return a hint naming paths that end in `tail`, or ""."""
    near = [n for n in names if n.rpartition(SEPARATOR)[2] == tail][:3]
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def walk_names(node: PathDict, prefix: str = "") -> Iterator[str]:
    """Yield the path of every node and leaf below `node`, nodes before their children."""
    for key, value in dict.items(node):
        path = prefix + key
        yield path
        if isinstance(value, PathDict):
            yield from walk_names(value, path + SEPARATOR)


def check_name(key: object) -> list[str]:
    """Return the segments of a key about to be written; raise `UsageError` for an unusable one."""
    if not isinstance(key, str):
        raise UsageError(f"AttrDict keys are strings, got {key!r} ({type(key).__name__})")
    parts = key.split(SEPARATOR)
    if not all(parts):
        raise UsageError(f"AttrDict key {key!r} has an empty name in it; expected 'a' or 'a/b'")
    return parts


def rebuild(cls: type[N], items: dict[str, Any]) -> N:
    """Make a node of class `cls` holding `items`; the inverse of `PathDict.__reduce__`."""
    node = _new(cls)
    dict.update(node, items)
    return node


class PathDict(dict[str, Any]):
    """Ordered dict with attribute access and `/`-separated paths; nodes are values of this class.

    Iteration, `len`, `keys`, `values` and `items` are those of the top level.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, other: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **kwargs: Any
    ) -> None:
        """Keys may be paths; `AttrDict` values become nodes (by reference), all others leaves."""
        if other:
            PathDict.update(self, other)
        for key, value in kwargs.items():
            PathDict.__setitem__(self, key, value)

    # -- reading ---------------------------------------------------------------------------

    def __missing__(self, key: str) -> Any:
        """Called by `self[key]` for a key that is not at the top level."""
        if isinstance(key, str):
            head, slash, tail = key.partition(SEPARATOR)
            if slash:
                node = _get(self, head)
                if isinstance(node, PathDict):
                    try:
                        return node[tail]
                    except MissingKeyError:
                        pass  # to raise one with the whole path
        raise MissingKeyError(AbsentMessage(self, key)) from None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__getattribute__ = attribute_reader(cls)  # type: ignore[method-assign]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the node or leaf at path `key`, or `default`."""
        value = _get(self, key, _ABSENT)
        if value is not _ABSENT:
            return value
        if isinstance(key, str) and SEPARATOR in key:
            node, tail = self._parent(key)
            return default if node is None else _get(node, tail, default)
        return default

    def __contains__(self, key: object) -> bool:
        if dict.__contains__(self, key):
            return True
        if isinstance(key, str) and SEPARATOR in key:
            node, tail = self._parent(key)
            return node is not None and dict.__contains__(node, tail)
        return False

    def _parent(self, key: str) -> tuple[PathDict | None, str]:
        """Return the node that would hold the last segment of `key` (None if absent), and it."""
        *heads, tail = key.split(SEPARATOR)
        node: Any = self
        for part in heads:
            node = _get(node, part, None)
            if not isinstance(node, PathDict):
                return None, tail
        return node, tail

    # -- writing ---------------------------------------------------------------------------

    def __setitem__(self, key: str, value: Any) -> None:
        """Write a leaf or node; nodes on the way are made, and replace a leaf standing there."""
        if type(key) is str and key and SEPARATOR not in key:
            _put(self, key, value)
            return
        *heads, tail = check_name(key)
        node: Any = self
        for part in heads:
            child = _get(node, part, None)
            if not isinstance(child, PathDict):
                child = _new(type(node))
                node[part] = child
            node = child
        node[tail] = value

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):
            raise UsageError(
                f"cannot set attribute {name!r}: it is a method of AttrDict; "
                f"write d[{name!r}] = … and read d[{name!r}]"
            )
        self[name] = value

    def __delitem__(self, key: str) -> None:
        if isinstance(key, str) and SEPARATOR in key:
            node, tail = self._parent(key)
            if node is not None and dict.__contains__(node, tail):
                del node[tail]
                return
        elif dict.__contains__(self, key):
            dict.__delitem__(self, key)
            return
        raise MissingKeyError(AbsentMessage(self, key))

    def __delattr__(self, name: str) -> None:
        del self[name]

    def pop(self, key: str, default: Any = _ABSENT, /) -> Any:
        """Remove path `key` and return its value, or `default`; without one raise if absent."""
        value = self.get(key, _ABSENT)
        if value is not _ABSENT:
            del self[key]
            return value
        if default is not _ABSENT:
            return default
        raise MissingKeyError(AbsentMessage(self, key))

    def setdefault(self, key: str, default: Any = None, /) -> Any:
        """Return the value at path `key`, first writing `default` there if it is absent."""
        value = self.get(key, _ABSENT)
        if value is _ABSENT:
            self[key] = value = default
        return value

    def update(  # type: ignore[override]
        self, other: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **kwargs: Any
    ) -> None:
        """Write every item as `self[key] = value`; for a deep merge use `combine`."""
        pairs: Any = other.items() if isinstance(other, Mapping) else other
        for key, value in pairs:
            self[key] = value
        for key, value in kwargs.items():
            self[key] = value

    def __ior__(self: N, other: Any) -> N:  # type: ignore[override,misc]  # noqa: PYI019
        self.update(other)
        return self

    # -- whole -----------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        """Same names with equal values, in any order; arrays are equal element by element."""
        if not isinstance(other, dict):
            return NotImplemented
        return mappings_equal(self, other)

    def __ne__(self, other: object) -> bool:
        return NotImplemented if not isinstance(other, dict) else not mappings_equal(self, other)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict.__repr__(self)})"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(k for k in self if k.isidentifier())})

    def __reduce__(self) -> Any:
        return rebuild, (type(self), dict(self))


def attribute_reader(cls: type) -> Callable[[Any, str], Any]:
    """Return the `__getattribute__` of a class: its own attributes first, then the keys.

    `__getattr__` would do the same, but up to Python 3.11 only after an AttributeError has been
    made and thrown away, which takes four times as long.
    """
    own, generic = frozenset(dir(cls)), object.__getattribute__

    def __getattribute__(self: Any, name: str) -> Any:
        if name in own:
            return generic(self, name)
        return self[name]

    return __getattribute__


PathDict.__getattribute__ = attribute_reader(PathDict)  # type: ignore[method-assign]


def mappings_equal(a: dict[Any, Any], b: dict[Any, Any]) -> bool:
    """Compare two dicts, arrays included."""
    if len(a) != len(b):
        return False
    for key, value in dict.items(a):
        other = _get(b, key, _ABSENT)
        if other is _ABSENT or not values_equal(value, other):
            return False
    return True


def values_equal(x: Any, y: Any) -> bool:
    """Compare two values; arrays by shape and content, containers item by item."""
    if x is y:
        return True
    if isinstance(x, dict) and isinstance(y, dict):
        return mappings_equal(x, y)
    if isinstance(x, (list, tuple)) and isinstance(y, (list, tuple)):
        same_kind = isinstance(x, list) == isinstance(y, list)
        return same_kind and len(x) == len(y) and all(map(values_equal, x, y))
    x_shape, y_shape = getattr(x, "shape", ()), getattr(y, "shape", ())
    if x_shape or y_shape:
        if x_shape != y_shape:
            return False
        same = x == y
        return bool(same.all()) if hasattr(same, "all") else bool(same)
    return bool(x == y)
