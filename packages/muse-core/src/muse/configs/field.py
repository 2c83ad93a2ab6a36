"""A value that is worked out from other values of the config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from muse.core.errors import ConfigError


def first(value: Any, *_: Any) -> Any:
    """Return the first anchor's value as it is; the function of a plain reference."""
    return value


class Field:
    """A reference to other values of the config, with a function of them.

    `Field("horizon")`, `Field("../horizon", lambda h: h - 1)`, `Field(["a", "b"], max)`.

    Fields are worked out after every override, in the order they depend on each other, so it does
    not matter who is written or loaded first. An anchor is looked up like this:

    - `x` or `sub/x`: in the node that holds the Field, then in the node around it, and so on to
      the root; the nearest wins. The Field itself is passed over, so `horizon=Field("horizon")`
      takes the value from further out.
      What the config says comes before what only a class has as its default.
    - `./x`, `../x`, `../../x`: exactly there, relative to the node that holds the Field.
    - `/x`: exactly there, from the root.

    An anchor may be a value, another Field, a key of another group, or a whole group (the Field
    then becomes a copy of it).

    Args:
        anchors: the path, or paths, of what it depends on.
        fn: called with the anchors' values in order; a lambda is fine here.
    """

    __slots__ = ("anchors", "fn")

    def __init__(self, anchors: str | Sequence[str], fn: Callable[..., Any] = first) -> None:
        names = (anchors,) if isinstance(anchors, str) else tuple(anchors)
        if not names or not all(isinstance(name, str) and name for name in names):
            raise ConfigError(
                f"Field({anchors!r}): expected a path such as 'horizon' or '../horizon', "
                "or a list of them"
            )
        if not callable(fn):
            raise ConfigError(f"Field({anchors!r}, {fn!r}): expected a function of the anchors")
        self.anchors = names
        self.fn = fn

    def __repr__(self) -> str:
        shown = repr(self.anchors[0] if len(self.anchors) == 1 else list(self.anchors))
        if self.fn is first:
            return f"Field({shown})"
        return f"Field({shown}, {getattr(self.fn, '__name__', repr(self.fn))})"


def holds_field(value: Any) -> bool:
    """Whether a leaf is a Field or a list, tuple or dict with one in it."""
    if isinstance(value, Field):
        return True
    if type(value) in (list, tuple):
        return any(map(holds_field, value))
    return type(value) is dict and any(map(holds_field, value.values()))
