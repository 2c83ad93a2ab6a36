"""`AttrDict`: the nested, ordered, `/`-path dictionary that every arrow of Muse carries.

    >>> d = AttrDict(x=1, g=AttrDict(y=2))
    >>> d['g/y'], d.g.y, 'g/y' in d, d << 'g/z'
    (2, 2, True, None)
    >>> (d > ['g/y']) & AttrDict(x=5)
    AttrDict({'g': AttrDict({'y': 2}), 'x': 5})

A *node* is a value that is itself an `AttrDict`; every other value, plain dicts included, is a
*leaf*. Operators: `d > names` required subset, `d < names` optional subset (None: everything),
`d << name` value or None, `d >> name` value or error, `a & b` copy of a deeply overwritten by b,
`a | b` union of the top levels. Operations that return an AttrDict copy the nodes and share the
leaves; empty nodes stay.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from muse.core import attrdict_ops as ops
from muse.core.attrdict_base import PathDict, values_equal
from muse.core.attrdict_frozen import Frozen
from muse.core.attrdict_keys import KeyDict, leaf_names
from muse.core.attrdict_ops import is_array
from muse.core.attrdict_print import tree_text
from muse.core.errors import UsageError

__all__ = ["AttrDict", "FrozenAttrDict", "is_array"]

_apply = ops.apply
_merge = ops.merge

KeyTest = Callable[[str, Any], Any]


class AttrDict(KeyDict):
    """See the module's docstring; every method whose name starts with `leaf_` works on leaves,
    with paths such as `'g/x'`, and `node_leaf_` on nodes and leaves."""

    __slots__ = ()

    # -- operators -------------------------------------------------------------------------

    def __gt__(self, names: Any) -> AttrDict:
        """`d > names`: the named nodes and leaves, all required; `d > None` is `d.copy()`."""
        if names is None:
            return self.copy()
        return ops.select(self, names, AttrDict, True)

    def __lt__(self, names: Any) -> AttrDict:
        """`d < names`: the named nodes and leaves that exist; `d < None` is `d.copy()`."""
        if names is None:
            return self.copy()
        return ops.select(self, names, AttrDict, False)

    def __lshift__(self, name: str) -> Any:
        """`d << name`: the node or leaf at that path, or None."""
        return self.get(name)

    def __rshift__(self, name: str) -> Any:
        """`d >> name`: the node or leaf at that path, which must exist; the same as `d[name]`."""
        return self[name]

    def __and__(self, other: Any) -> AttrDict:
        """`a & b`: copy of a, overwritten by the leaves of b; b may be a plain dict or None."""
        if isinstance(other, PathDict):
            return _merge(self, other, AttrDict)
        if other is None:
            return self.copy()
        if isinstance(other, Mapping):
            return _merge(self, AttrDict(other), AttrDict)
        return NotImplemented

    def __rand__(self, other: Any) -> AttrDict:
        return AttrDict(other) & self if isinstance(other, Mapping) else NotImplemented

    def __or__(self, other: Any) -> AttrDict:  # type: ignore[override]
        """`a | b`: union of the top levels; a node of b replaces that of a whole."""
        if not isinstance(other, Mapping):
            return NotImplemented
        out = self.copy()
        out.update(AttrDict(other).copy())
        return out

    def __ror__(self, other: Any) -> AttrDict:  # type: ignore[override]
        return AttrDict(other) | self if isinstance(other, Mapping) else NotImplemented

    # -- filtering -------------------------------------------------------------------------

    def leaf_filter(self, f: KeyTest) -> AttrDict:
        """Keep leaves for which `f(path, value)` holds; nodes left without any are dropped."""
        return ops.filter_leaves(self, f, AttrDict)

    def leaf_partition(self, cond: KeyTest) -> tuple[AttrDict, AttrDict]:
        """Split by `cond(path, value)`, called once a leaf: (where true, where false)."""
        verdict = {path: bool(cond(path, value)) for path, value in ops.leaf_items(self)}
        return (
            self.leaf_filter(lambda path, _: verdict[path]),
            self.leaf_filter(lambda path, _: not verdict[path]),
        )

    def leaf_filter_keys(self, names: Iterable[str]) -> AttrDict:
        """Keep the leaves named (a node's name chooses nothing)."""
        chosen = set(leaf_names(names))
        return self.leaf_filter(lambda path, _: path in chosen)

    def node_leaf_filter(self, f: KeyTest, copy_nodes: bool = True) -> AttrDict:
        """Keep nodes, with all below them, and leaves for which `f(path, value)` holds.

        With `copy_nodes=False` a node kept is the very node of this tree, not a copy.
        """
        return ops.filter_nodes(self, f, AttrDict, share=not copy_nodes)

    def node_leaf_filter_keys(self, names: Iterable[str]) -> AttrDict:
        """Keep the nodes, with all below them, and leaves named; absent names are skipped."""
        chosen = set(ops.as_names(names))
        return self.node_leaf_filter(lambda path, _: path in chosen)

    def node_leaf_filter_keys_required(self, names: Iterable[str]) -> AttrDict:
        """As `node_leaf_filter_keys`, but every name must exist; the same as `d > names`."""
        return ops.select(self, names, AttrDict, True)

    def node_leaf_without_keys(self, names: Iterable[str]) -> AttrDict:
        """Copy all but the nodes, with all below them, and leaves named."""
        return ops.without(self, set(ops.as_names(names)), AttrDict)

    def leaf_arrays(self) -> AttrDict:
        """Keep the leaves that are numpy arrays or torch tensors."""
        return self.leaf_filter(lambda _, value: is_array(value))

    def leaf_shapes(self) -> AttrDict:
        """Return the shape, a tuple, of every array leaf."""
        return self.leaf_arrays().leaf_apply(lambda value: tuple(value.shape))

    # -- mapping ---------------------------------------------------------------------------

    def leaf_apply(self, f: Callable[[Any], Any]) -> AttrDict:
        """Map every leaf through `f(value)`; an error from `f` has the path in its message."""
        return _apply(self, f, AttrDict)

    def leaf_kv_apply(self, f: Callable[[str, Any], Any]) -> AttrDict:
        """Map every leaf through `f(path, value)`."""
        return ops.kv_apply(self, f, AttrDict)

    def leaf_modify(self, f: Callable[[Any], Any]) -> None:
        """Replace every leaf by `f(value)` in place; on an error nothing is changed."""
        ops.modify(self, lambda _, value: f(value))

    def leaf_kv_modify(self, f: Callable[[str, Any], Any]) -> None:
        """Replace every leaf by `f(path, value)` in place; on an error nothing is changed."""
        ops.modify(self, f)

    def leaf_call(self, f: Callable[..., Any], pass_in_key_to_func: bool = False) -> None:
        """Call `f(value)`, or `f(path, value)`, on every leaf for its effect."""
        ops.kv_apply(self, f if pass_in_key_to_func else lambda _, value: f(value), AttrDict)

    def leaf_key_change(self, f: Callable[[str, Any], str]) -> AttrDict:
        """Rename every leaf to the path `f(path, value)`; raise `UsageError` when two collide."""
        out = AttrDict()
        source: dict[str, str] = {}
        for path, value in ops.leaf_items(self):
            name = f(path, value)
            if name in out:
                raise UsageError(
                    f"leaf_key_change: {path!r} and {source.get(name, name + '/…')!r} both "
                    f"become {name!r}; expected distinct names"
                )
            out[name] = value
            source[name] = path
        return out

    def leaf_reduce(self, f: Callable[[Any, Any], Any], seed: Any = None) -> Any:
        """Fold the leaves in order with `f(reduced, value)`, from `seed` or the first leaf."""
        values = self.leaf_values()
        if seed is None:
            try:
                seed = next(values)
            except StopIteration:
                raise UsageError(
                    "leaf_reduce of an AttrDict without leaves needs a seed, got None"
                ) from None
        for value in values:
            seed = f(seed, value)
        return seed

    def leaf_assert(self, f: Callable[[Any], Any]) -> None:
        """Raise `AssertionError` naming the leaves for which `f(value)` does not hold."""
        bad = [path for path, value in ops.leaf_items(self) if not f(value)]
        if bad:
            raise AssertionError(f"leaf_assert fails at {', '.join(map(repr, bad))}")

    def all_equal(self, equality_fn: Callable[[Any, Any], Any] = values_equal) -> bool:
        """Whether every leaf equals the first; true if there is none."""
        values = list(self.leaf_values())
        return all(equality_fn(values[0], value) for value in values[1:])

    # -- combining -------------------------------------------------------------------------

    def combine(self, other: Mapping[str, Any], ret: bool = False) -> AttrDict | None:
        """Overwrite this tree in place with the leaves of `other`; return it if `ret`."""
        ops.merge_into(self, _as_tree(other), AttrDict)
        return self if ret else None

    def safe_combine(
        self, other: Mapping[str, Any], ret: bool = False, warn_conflicting: bool = False
    ) -> AttrDict | None:
        """Add in place what `other` has and this tree lacks; own values stay.

        With `warn_conflicting`, one `UserWarning` names the paths whose value in `other` differs.
        """
        other = _as_tree(other)
        kept = ops.fill_into(self, other, AttrDict)
        if warn_conflicting:
            differ = [path for path in kept if not values_equal(self[path], other[path])]
            if differ:
                import warnings

                warnings.warn(f"safe_combine kept own values at {differ}", stacklevel=2)
        return self if ret else None

    @staticmethod
    def leaf_combine_and_apply(
        ds: Iterable[AttrDict],
        f: Callable[..., Any],
        map_func: Callable[[Any], Any] | None = None,
        match_keys: bool = True,
        pass_in_key_to_func: bool = False,
    ) -> AttrDict:
        """Call `f([leaf of each tree])`, or `f(path, [...])`, for each leaf path; keep the order
        of the first tree.

        Args:
            ds: the trees.
            map_func: applied to each leaf before `f` sees it.
            match_keys: the trees must have the same leaves, else `UsageError`; without it the
                others need only hold those of the first.
        """
        return ops.combine_and_apply(
            list(ds), f, AttrDict, map_func, match_keys, pass_in_key_to_func
        )

    # -- making and copying ----------------------------------------------------------------

    @staticmethod
    def from_dict(d: Mapping[str, Any], nested: bool = True) -> AttrDict:
        """Copy a mapping, plain dicts below it becoming nodes if `nested`, else staying leaves."""
        out = AttrDict()
        for key, value in d.items():
            is_node = isinstance(value, PathDict) or (nested and isinstance(value, dict))
            out[key] = AttrDict.from_dict(value, nested) if is_node else value
        return out

    @staticmethod
    def from_kvs(keys: Iterable[str], vals: Iterable[Any]) -> AttrDict:
        """Make a tree of these paths and values; raise `UsageError` if they are not as many."""
        keys, vals = list(keys), list(vals)
        if len(keys) != len(vals):
            raise UsageError(f"from_kvs: got {len(keys)} keys and {len(vals)} values")
        return AttrDict(zip(keys, vals, strict=True))

    def as_dict(self) -> dict[str, Any]:
        """Return a flat plain dict of path → leaf."""
        return dict(ops.leaf_items(self))

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain dicts."""
        return {
            key: AttrDict.to_dict(value) if isinstance(value, AttrDict) else value
            for key, value in self.items()
        }

    toDict = to_dict  # the name that users of attr-dicts know

    def copy(self) -> AttrDict:
        """Copy the nodes and share the leaves; the copy of a frozen tree may be written to."""
        return ops.copy(self, AttrDict)

    leaf_copy = copy
    __copy__ = copy

    def freeze(self) -> AttrDict:
        """Refuse every write from now on, in this node and all below it; return self."""
        if type(self) is AttrDict:
            object.__setattr__(self, "__class__", FrozenAttrDict)
        elif not isinstance(self, Frozen):
            raise UsageError(
                f"cannot freeze a {type(self).__name__}; expected an AttrDict itself, "
                "so freeze its copy()"
            )
        for value in self.values():
            if isinstance(value, AttrDict):
                value.freeze()
        return self

    @property
    def is_frozen(self) -> bool:
        return False

    def pprint(self, str_max_len: int = 30, ret_string: bool = False) -> str | None:
        """Print the tree, a line a name, values cut to `str_max_len`; or return the text."""
        text = tree_text(self, str_max_len)
        if ret_string:
            return text
        print(text)
        return None


class FrozenAttrDict(Frozen, AttrDict):  # type: ignore[misc]
    """What `AttrDict.freeze` turns a tree into; it refuses every write."""

    __slots__ = ()


def _as_tree(other: Mapping[str, Any]) -> AttrDict:
    if isinstance(other, AttrDict):
        return other
    if not isinstance(other, Mapping):
        raise UsageError(f"expected an AttrDict or a dict to combine, got {type(other).__name__}")
    return AttrDict(other)


if "torch" in sys.modules:  # torch is there first: make the classes pytree nodes at once
    from muse.core.attrdict_pytree import register_node

    register_node(AttrDict)
    register_node(FrozenAttrDict)
