"""A config on its way from file to resolved values."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from muse.configs.serialize import encode
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.core.params import Param, Serializable


def clone(value: Any) -> Any:
    """Copy what a config may change later: nodes, lists, tuples, dicts, sets, arrays, layer lists.

    Classes, functions, Fields and other objects are shared.
    """
    if isinstance(value, AttrDict):
        out = AttrDict()
        for key, item in value.items():
            out[key] = clone(item)
        return out
    if type(value) in (list, tuple, set):
        return type(value)(clone(item) for item in value)
    if type(value) is dict:
        return {key: clone(item) for key, item in value.items()}
    is_object = isinstance(value, Serializable) and not isinstance(value, type)
    if is_object or hasattr(value, "__array__"):
        return copy.deepcopy(value)
    return value


def is_group(value: Any) -> bool:
    """Whether a value is a group: a node that names the class it is the parameters of."""
    return isinstance(value, AttrDict) and "cls" in value


def groups(node: AttrDict, path: str = "") -> Iterator[tuple[str, AttrDict]]:
    """Yield the path and node of every group below `node` (and itself), outer ones first."""
    if is_group(node):
        yield path, node
    for key, value in list(node.items()):
        if isinstance(value, AttrDict):
            yield from groups(value, join(path, key))


def nodes(node: AttrDict, path: str = "") -> Iterator[tuple[str, AttrDict]]:
    """Yield the path and node of every node below `node`, itself first."""
    yield path, node
    for key, value in list(node.items()):
        if isinstance(value, AttrDict):
            yield from nodes(value, join(path, key))


def join(path: str, key: str) -> str:
    """Return the path of `key` in the node at `path` ('' is the root)."""
    return f"{path}/{key}" if path else key


def parent(path: str) -> str:
    """Return the path of the node that holds `path`."""
    return path.rpartition("/")[0]


def node_at(tree: AttrDict, path: str) -> AttrDict:
    """Return the node at `path` ('' is the root)."""
    node = tree[path] if path else tree
    assert isinstance(node, AttrDict)
    return node


@dataclass
class Draft:
    """The tree of a config and where each leaf of it came from.

    Attributes:
        tree: the values; nothing of it is shared with the file it was read from.
        origins: leaf path → where its value came from, in words.
        changed: paths set on the command line.
        defaults: paths the config leaves out, filled in from the class.
        notes: what the user should know but need not mend.
        unchecked: group path → why it could not be checked against its class.
        references: paths of groups that are copies made by a Field.
        links: Field path → the full paths its anchors were found at.
        fns: Field path → its function.
        declared: node path → parameters that a program declared for it, beside its class.
    """

    tree: AttrDict
    origins: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    defaults: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    unchecked: dict[str, str] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fns: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, dict[str, Param]] = field(default_factory=dict)

    def set(self, path: str, value: Any, origin: str) -> None:
        """Write a leaf or node and remember where it, and all in it, came from."""
        self.forget(path)
        self.tree[path] = value
        if isinstance(value, AttrDict):
            for leaf in value.leaf_keys():
                self.origins[join(path, leaf)] = origin
        else:
            self.origins[path] = origin

    def merge(self, path: str, new: AttrDict, origins: dict[str, str]) -> None:
        """Write the leaves of `new` over the node at `path`, which is made if it is missing."""
        if path and not isinstance(self.tree.get(path), AttrDict):
            self.forget(path)
            self.tree[path] = AttrDict()
        for key, value in new.items():
            here = join(path, key)
            if isinstance(value, AttrDict):
                start = key + "/"
                below = {k[len(start) :]: o for k, o in origins.items() if k.startswith(start)}
                self.merge(here, value, below)
            else:
                self.set(here, value, origins.get(key, "config"))

    def remove(self, path: str) -> None:
        """Delete a leaf or node."""
        self.forget(path)
        del self.tree[path]

    def field_links(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """Return Field path → (full paths of its anchors, its function as JSON or None)."""
        return {path: (at, _encode_fn(self.fns.get(path))) for path, at in self.links.items()}

    def forget(self, path: str) -> None:
        """Drop what is known of the origins at and below `path`."""
        for known in [k for k in self.origins if k == path or k.startswith(path + "/")]:
            del self.origins[known]


def _encode_fn(fn: Any) -> Any:
    try:
        return None if fn is None else encode(fn)
    except ConfigError:
        return None
