"""Recursions over `AttrDict` trees, as plain functions.

`cls` is the class of the nodes that a function makes. Nodes are recognised by type and children
written with `dict.__setitem__`: the trees written to are fresh, so no key needs checking again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from muse.core.attrdict_base import SEPARATOR, AbsentMessage, PathDict
from muse.core.errors import MissingKeyError, UsageError

N = TypeVar("N", bound=PathDict)

_new = dict.__new__
_put = dict.__setitem__
_get = dict.get
_items = dict.items
_update = dict.update
_ABSENT: Any = object()


def as_names(names: Any) -> Iterable[str]:
    """Return `names` as an iterable of paths; a bare string is one name."""
    if isinstance(names, str):
        return (names,)
    if isinstance(names, PathDict) or not isinstance(names, Iterable):
        raise UsageError(
            f"expected a name or an iterable of names, got {type(names).__name__}; "
            "for another AttrDict's leaves pass its list_leaf_keys()"
        )
    return names


# -- iteration ---------------------------------------------------------------------------------


def leaf_items(node: PathDict, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) depth first, in order."""
    for key, value in _items(node):
        if isinstance(value, PathDict):
            yield from leaf_items(value, prefix + key + SEPARATOR)
        else:
            yield prefix + key, value


def node_leaf_items(node: PathDict, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, node or leaf), a node before its children."""
    for key, value in _items(node):
        yield prefix + key, value
        if isinstance(value, PathDict):
            yield from node_leaf_items(value, prefix + key + SEPARATOR)


# -- copies and maps ---------------------------------------------------------------------------


def copy(node: PathDict, cls: type[N]) -> N:
    """Copy the nodes and share the leaves."""
    done = {**node}
    for key, value in done.items():
        if isinstance(value, PathDict):
            done[key] = copy(value, cls)
    out = _new(cls)
    _update(out, done)
    return out


def apply(node: PathDict, f: Callable[[Any], Any], cls: type[N], trail: Any = None) -> N:
    """Map every leaf through `f(value)`; an error from `f` names the path.

    `trail` is (trail of the parent, key of this node): cheaper than a path nobody may ask for.
    """
    done = {}  # a plain dict is faster to fill; one update moves it over
    key = value = None
    try:
        for key, value in _items(node):
            if isinstance(value, PathDict):
                done[key] = apply(value, f, cls, (trail, key))
            else:
                done[key] = f(value)
    except Exception as error:
        if not isinstance(value, PathDict):  # else it has its path already
            while trail:
                trail, parent = trail
                key = f"{parent}{SEPARATOR}{key}"
            name_path(error, str(key))
        raise
    out = _new(cls)
    _update(out, done)
    return out


def kv_apply(node: PathDict, f: Callable[[str, Any], Any], cls: type[N], prefix: str = "") -> N:
    """Map every leaf through `f(path, value)`; an error from `f` names the path."""
    done = {}
    path, value = "", None
    try:
        for key, value in _items(node):
            path = prefix + key
            if isinstance(value, PathDict):
                done[key] = kv_apply(value, f, cls, path + SEPARATOR)
            else:
                done[key] = f(path, value)
    except Exception as error:
        if not isinstance(value, PathDict):
            name_path(error, path)
        raise
    out = _new(cls)
    _update(out, done)
    return out


def name_path(error: Exception, path: str) -> None:
    """Prefix the message of an error with the path of the leaf it came from."""
    first, *rest = error.args or ("",)
    if isinstance(first, str):
        error.args = (f"at {path!r}: {first}" if first else f"at {path!r}", *rest)
    elif hasattr(error, "add_note"):
        error.add_note(f"at {path!r}")


def modify(node: PathDict, f: Callable[[str, Any], Any]) -> None:
    """Replace every leaf by `f(path, value)` in place: all of them or, on an error, none."""
    changed = []
    for path, value in leaf_items(node):
        try:
            changed.append((path, f(path, value)))
        except Exception as error:
            name_path(error, path)
            raise
    for path, value in changed:
        node[path] = value


# -- merging -----------------------------------------------------------------------------------


def merge_into(
    target: PathDict,
    source: PathDict,
    cls: type[PathDict],
) -> None:
    """Overwrite `target` in place with the leaves of `source`; no node is shared after."""
    for key, value in _items(source):
        if isinstance(value, PathDict):
            own = _get(target, key)
            if isinstance(own, PathDict):
                merge_into(own, value, cls)
            else:
                target[key] = copy(value, cls)
        else:
            target[key] = value


def merge(a: PathDict, b: PathDict, cls: type[N]) -> N:
    """Return a copy of `a` overwritten with `b`, as a fresh tree."""
    done = {**a, **b}
    for key, value in done.items():
        if isinstance(value, PathDict):
            own = _get(a, key)
            if isinstance(own, PathDict) and own is not value:
                done[key] = merge(own, value, cls)
            else:
                done[key] = copy(value, cls)
    out = _new(cls)
    _update(out, done)
    return out


def fill_into(target: PathDict, source: PathDict, cls: type[PathDict]) -> list[str]:
    """Add what `target` lacks from `source`; return the paths where both hold a different kind
    or a leaf, so that the value of `target` was kept."""
    kept: list[str] = []
    for key, value in _items(source):
        if key not in target:
            target[key] = copy(value, cls) if isinstance(value, PathDict) else value
            continue
        own = target[key]
        if isinstance(own, PathDict) and isinstance(value, PathDict):
            kept += [key + SEPARATOR + path for path in fill_into(own, value, cls)]
        else:
            kept.append(key)
    return kept


# -- choosing ----------------------------------------------------------------------------------


def select(node: PathDict, names: Any, cls: type[N], required: bool) -> N:
    """Copy the named leaves and sub-trees; an absent name raises if `required`, else is skipped."""
    out = _new(cls)
    for name in as_names(names):
        if not isinstance(name, str):
            raise UsageError(f"expected names as strings, got {name!r} ({type(name).__name__})")
        head, slash, tail = name.partition(SEPARATOR)
        value = _get(node, head, _ABSENT)
        if slash:
            value = _get(value, tail, _ABSENT) if isinstance(value, PathDict) else _ABSENT
        if value is _ABSENT and SEPARATOR in tail:
            value = node.get(name, _ABSENT)
        if value is _ABSENT:
            if required:
                raise MissingKeyError(AbsentMessage(node, name))
            continue
        if isinstance(value, PathDict):
            value = copy(value, cls)
        if not slash:
            _put(out, name, value)
            continue
        child = _get(out, head)
        if not isinstance(child, PathDict):
            child = _new(cls)
            _put(out, head, child)
        if SEPARATOR in tail:
            child[tail] = value
        else:
            _put(child, tail, value)
    return out


def filter_leaves(
    node: PathDict, f: Callable[[str, Any], Any], cls: type[N], prefix: str = ""
) -> N:
    """Keep the leaves for which `f(path, value)` holds; nodes left without leaves are dropped."""
    out = _new(cls)
    for key, value in _items(node):
        path = prefix + key
        if isinstance(value, PathDict):
            child = filter_leaves(value, f, cls, path + SEPARATOR)
            if child:
                _put(out, key, child)
        elif f(path, value):
            _put(out, key, value)
    return out


def filter_nodes(
    node: PathDict,
    f: Callable[[str, Any], Any],
    cls: type[N],
    prefix: str = "",
    share: bool = False,
) -> N:
    """Keep nodes (whole) and leaves for which `f(path, value)` holds, looking into other nodes."""
    out = _new(cls)
    for key, value in _items(node):
        path = prefix + key
        is_node = isinstance(value, PathDict)
        if f(path, value):
            _put(out, key, copy(value, cls) if is_node and not share else value)
        elif is_node:
            child = filter_nodes(value, f, cls, path + SEPARATOR, share)
            if child:
                _put(out, key, child)
    return out


def without(node: PathDict, names: set[str], cls: type[N], prefix: str = "") -> N:
    """Copy all but the named nodes and leaves."""
    out = _new(cls)
    for key, value in _items(node):
        path = prefix + key
        if path not in names:
            is_node = isinstance(value, PathDict)
            _put(out, key, without(value, names, cls, path + SEPARATOR) if is_node else value)
    return out


# -- several trees -----------------------------------------------------------------------------


def combine_and_apply(
    trees: list[PathDict],
    f: Callable[..., Any],
    cls: type[N],
    map_func: Callable[[Any], Any] | None = None,
    match_keys: bool = True,
    pass_in_key_to_func: bool = False,
) -> N:
    """Call `f([leaf of each tree])` for every leaf path of the first tree."""
    if not trees:
        return _new(cls)
    if match_keys:
        check_same_leaves(trees)

    def join(path: str, value: Any) -> Any:
        values = [value, *(tree[path] for tree in trees[1:])]
        if map_func is not None:
            values = [map_func(v) for v in values]
        return f(path, values) if pass_in_key_to_func else f(values)

    return kv_apply(trees[0], join, cls)


def check_same_leaves(trees: list[PathDict]) -> None:
    """Raise `UsageError` naming the paths that not every tree holds."""
    first = {path for path, _ in leaf_items(trees[0])}
    for i, tree in enumerate(trees[1:], 1):
        paths = {path for path, _ in leaf_items(tree)}
        if paths != first:
            only = [f"{sorted(first - paths)} only in tree 0"] * bool(first - paths)
            only += [f"{sorted(paths - first)} only in tree {i}"] * bool(paths - first)
            raise UsageError(
                f"the leaves of the trees differ: {'; '.join(only)}; "
                "pass match_keys=False to follow the first tree"
            )


def is_array(value: Any) -> bool:
    """Whether `value` is a numpy array or torch tensor; imports neither."""
    for module, name in (("numpy", "ndarray"), ("torch", "Tensor")):
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(value, kind):
            return True
    return False
