"""What an `AttrDict` tells about its names: iterating, looking up, comparing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from muse.core import attrdict_ops as ops
from muse.core.attrdict_base import PathDict
from muse.core.errors import MissingKeyError, UsageError


class KeyDict(PathDict):
    """The half of `AttrDict` that makes no trees; see there for what nodes and leaves are."""

    __slots__ = ()

    # -- keys and values -------------------------------------------------------------------

    def leaf_keys(self) -> Iterator[str]:
        """Yield the path of every leaf, depth first, in order."""
        return (path for path, _ in ops.leaf_items(self))

    def leaf_values(self) -> Iterator[Any]:
        return (value for _, value in ops.leaf_items(self))

    def leaf_items(self) -> Iterator[tuple[str, Any]]:
        return ops.leaf_items(self)

    def node_leaf_keys(self) -> Iterator[str]:
        """Yield the path of every node and leaf, a node before its children."""
        return (path for path, _ in ops.node_leaf_items(self))

    def node_leaf_values(self) -> Iterator[Any]:
        return (value for _, value in ops.node_leaf_items(self))

    def node_leaf_items(self) -> Iterator[tuple[str, Any]]:
        return ops.node_leaf_items(self)

    def list_leaf_keys(self) -> list[str]:
        return list(self.leaf_keys())

    def list_node_leaf_keys(self) -> list[str]:
        return list(self.node_leaf_keys())

    def has_node_leaf_key(self, name: str) -> bool:
        """Whether there is a node or leaf at that path; the same as `name in d`."""
        return name in self

    def has_leaf_key(self, name: str) -> bool:
        """Whether there is a leaf at that path."""
        return name in self and not isinstance(self[name], PathDict)

    def has_leaf_keys(self, names: Iterable[str]) -> bool:
        return all(self.has_leaf_key(name) for name in ops.as_names(names))

    def has_node_leaf_keys(self, names: Iterable[str]) -> bool:
        return all(name in self for name in ops.as_names(names))

    def is_empty(self) -> bool:
        """Whether there is no leaf at all (there may be empty nodes)."""
        return next(ops.leaf_items(self), None) is None

    def get_one(self) -> Any:
        """Return the first leaf; raise `MissingKeyError` if there is none."""
        for _, value in ops.leaf_items(self):
            return value
        raise MissingKeyError("get_one() of an AttrDict without leaves; expected at least one")

    def get_keys_required(self, names: Iterable[str]) -> tuple[Any, ...]:
        """Return the values at these paths, all of which must exist."""
        return tuple(self[name] for name in ops.as_names(names))

    def get_keys_optional(self, names: Iterable[str], defaults: Sequence[Any]) -> tuple[Any, ...]:
        """Return the values at these paths, each with its own default."""
        names = list(ops.as_names(names))
        if len(names) != len(defaults):
            raise UsageError(
                f"get_keys_optional: got {len(defaults)} defaults for {len(names)} names; "
                "expected one each"
            )
        return tuple(self.get(name, default) for name, default in zip(names, defaults, strict=True))

    # -- comparing keys: `names` is an AttrDict (its leaves, or nodes and leaves) or an iterable

    def leaf_key_intersection(self, names: Iterable[str]) -> list[str]:
        """Leaves here that are also in `names`, in the order here."""
        others = set(leaf_names(names))
        return [k for k in self.leaf_keys() if k in others]

    def leaf_key_difference(self, names: Iterable[str]) -> list[str]:
        """Leaves here that are not in `names`."""
        others = set(leaf_names(names))
        return [k for k in self.leaf_keys() if k not in others]

    def leaf_key_missing(self, names: Iterable[str]) -> list[str]:
        """What of `names` is not a leaf here, in the order of `names`."""
        own = set(self.leaf_keys())
        return [k for k in leaf_names(names) if k not in own]

    def leaf_key_symmetric_difference(self, names: Iterable[str]) -> list[str]:
        """Leaves only here, then what of `names` is not a leaf here."""
        names = list(leaf_names(names))
        return self.leaf_key_difference(names) + self.leaf_key_missing(names)

    def node_leaf_key_overlap(self, names: Iterable[str]) -> list[str]:
        """Nodes and leaves here that are also in `names`."""
        others = set(node_leaf_names(names))
        return [k for k in self.node_leaf_keys() if k in others]

    def node_leaf_key_leftovers(self, names: Iterable[str]) -> list[str]:
        """Nodes and leaves here that are not in `names`."""
        others = set(node_leaf_names(names))
        return [k for k in self.node_leaf_keys() if k not in others]


def leaf_names(names: Iterable[str]) -> Iterable[str]:
    """The leaves of an AttrDict, or the names given."""
    return names.leaf_keys() if isinstance(names, KeyDict) else ops.as_names(names)


def node_leaf_names(names: Iterable[str]) -> Iterable[str]:
    """The nodes and leaves of an AttrDict, or the names given."""
    return names.node_leaf_keys() if isinstance(names, KeyDict) else ops.as_names(names)
