"""The class that `AttrDict.freeze` turns a tree into."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from muse.core.attrdict import AttrDict
from muse.core.errors import UsageError


class FrozenError(UsageError, TypeError):
    """A frozen `AttrDict` was written to."""


class FrozenAttrDict(AttrDict):
    """An `AttrDict` that refuses every write; `copy()` gives one that may be written to."""

    __slots__ = ()

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        name = f" {args[0]!r}" if args and isinstance(args[0], str) else ""
        raise FrozenError(
            f"cannot write{name} to a frozen AttrDict; change a copy: d.copy() or d & other"
        )

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _refuse  # type: ignore[assignment]
    update = pop = popitem = setdefault = clear = __ior__ = _refuse  # type: ignore[assignment]
    combine = safe_combine = leaf_modify = leaf_kv_modify = _refuse  # type: ignore[assignment]
    __init__ = _refuse  # type: ignore[assignment]

    @property
    def is_frozen(self) -> bool:
        return True


def freeze(node: AttrDict) -> AttrDict:
    """Turn `node` and every node below it into a `FrozenAttrDict`, in place; return it."""
    if type(node) is AttrDict:
        object.__setattr__(node, "__class__", FrozenAttrDict)
    elif not isinstance(node, FrozenAttrDict):
        raise UsageError(
            f"cannot freeze a {type(node).__name__}; expected an AttrDict itself, "
            "so freeze its copy()"
        )
    for value in node.values():
        if isinstance(value, AttrDict):
            freeze(value)
    return node


if "torch" in sys.modules:
    from muse.core.attrdict_pytree import register_node

    register_node(FrozenAttrDict)
