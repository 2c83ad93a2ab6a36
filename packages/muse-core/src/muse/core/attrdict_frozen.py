"""What makes a frozen `AttrDict` refuse to be written to."""

from __future__ import annotations

from typing import Any, NoReturn

from muse.core.errors import UsageError


class FrozenError(UsageError, TypeError):
    """A frozen `AttrDict` was written to."""


class Frozen:
    """Mix-in that refuses every write; `copy()` gives a tree that may be written to."""

    __slots__ = ()

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        name = f" {args[0]!r}" if args and isinstance(args[0], str) else ""
        raise FrozenError(
            f"cannot write{name} to a frozen AttrDict; change a copy: d.copy() or d & other"
        )

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _refuse  # type: ignore[assignment]
    update = pop = popitem = setdefault = clear = __ior__ = _refuse
    combine = safe_combine = leaf_modify = leaf_kv_modify = _refuse
    __init__ = _refuse  # type: ignore[assignment]

    @property
    def is_frozen(self) -> bool:
        return True
