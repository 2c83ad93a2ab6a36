# ruff: noqa: S301 (what is pickled here was made here)
import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from muse.core import AttrDict, MissingKeyError, UsageError

names = st.sampled_from(["a", "b", "c", "keys", "items", "x1"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
leaves = st.one_of(st.integers(), st.text(max_size=3), st.none(), st.lists(st.integers()))


def as_trees(children):
    return st.dictionaries(names, children, max_size=4).map(AttrDict)


trees = st.recursive(
    as_trees(leaves), lambda inner: as_trees(st.one_of(leaves, inner)), max_leaves=12
)


class PathModel(RuleBasedStateMachine):
    """Random writes and deletes, against a flat dict of path → leaf."""

    def __init__(self):
        super().__init__()
        self.tree, self.flat = AttrDict(), {}

    @rule(path=paths, value=st.integers())
    def write(self, path, value):
        self.tree[path] = value
        parts = path.split("/")
        ancestors = {"/".join(parts[:i]) for i in range(1, len(parts))}
        self.flat = {
            k: v
            for k, v in self.flat.items()
            if k not in ancestors and k != path and not k.startswith(path + "/")
        }
        self.flat[path] = value

    @rule(path=paths)
    def delete(self, path):
        if path in self.tree:
            del self.tree[path]
        else:
            with pytest.raises(MissingKeyError):
                del self.tree[path]
        self.flat = {
            k: v for k, v in self.flat.items() if k != path and not k.startswith(path + "/")
        }

    @rule(path=paths)
    def read(self, path):
        below = any(k.startswith(path + "/") for k in self.flat)
        if path in self.flat:
            assert self.tree[path] == self.flat[path] == self.tree.get(path) == self.tree << path
            assert path in self.tree and self.tree.has_leaf_key(path)
        elif below:
            assert isinstance(self.tree[path], AttrDict) and path in self.tree
        else:  # absent, or a node emptied by deletes
            assert self.tree.get(path, AttrDict()) == AttrDict() or self.tree[path].is_empty()

    @invariant()
    def same_leaves(self):
        assert self.tree.as_dict() == self.flat
        assert sorted(self.tree.list_leaf_keys()) == sorted(self.flat)


TestPathModel = PathModel.TestCase
TestPathModel.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(trees)
def test_copies_and_identity_maps_keep_everything(a):
    for twin in (
        a.copy(),
        a.leaf_apply(lambda v: v),
        a.leaf_kv_apply(lambda k, v: v),
        copy.deepcopy(a),
        pickle.loads(pickle.dumps(a)),
        AttrDict.from_dict(a.to_dict()),
        a < None,
        a > list(a),
        a.node_leaf_without_keys([]),
        a & None,
    ):
        assert twin == a
        assert twin.list_node_leaf_keys() == a.list_node_leaf_keys()
        assert all(type(v) is AttrDict for v in twin.node_leaf_values() if isinstance(v, AttrDict))


@given(trees)
def test_maps_compose(a):
    assert a.leaf_apply(str).leaf_apply(len) == a.leaf_apply(lambda v: len(str(v)))


@given(trees, trees)
def test_and_laws(a, b):
    both = a & b
    assert a & a == a and a & AttrDict() == a and AttrDict() & b == b
    assert both & b == both
    for path, value in b.leaf_items():
        assert both[path] == value
    for path, value in a.leaf_items():
        covered = any(
            path == p or path.startswith(p + "/") for p in b.list_leaf_keys()
        ) or isinstance(b << path, AttrDict)
        if not covered:
            assert both[path] == value
    combined = a.copy()
    combined.combine(b)
    assert combined == both
    nodes = {id(v) for t in (a, b) for v in t.node_leaf_values() if isinstance(v, AttrDict)}
    assert not any(id(v) in nodes for v in both.node_leaf_values() if isinstance(v, AttrDict))


@given(trees)
def test_partition_and_filter_are_complements(a):
    def odd(path, value):
        return len(path + str(value)) % 2

    true, false = a.leaf_partition(odd)
    assert true == a.leaf_filter(odd) and false == a.leaf_filter(lambda k, v: not odd(k, v))
    assert {**true.as_dict(), **false.as_dict()} == a.as_dict()
    assert not set(true.leaf_keys()) & set(false.leaf_keys())


@given(trees, st.lists(paths, max_size=4))
def test_optional_subset_is_what_required_subset_of_present_names_is(a, chosen):
    present = [p for p in chosen if p in a]
    assert (a < chosen) == (a > present)
    if len(present) < len(chosen):
        with pytest.raises(MissingKeyError):
            a > chosen  # noqa: B015
    assert set((a < chosen).leaf_keys()) <= set(a.leaf_keys())


@given(trees, paths)
def test_frozen_trees_stay(a, path):
    frozen = a.copy().freeze()
    for write in (
        lambda: frozen.__setitem__(path, 1),
        lambda: frozen.setdefault(path, 1),
        lambda: frozen.update({path: 1}),
        lambda: frozen.combine(AttrDict({path: 1})),
    ):
        with pytest.raises(UsageError):
            write()
    assert frozen == a == frozen.copy() and pickle.loads(pickle.dumps(frozen)) == a


@given(trees)
def test_flat_view_reads_back(a):
    again = AttrDict.from_kvs(a.list_leaf_keys(), a.leaf_values())
    assert again.as_dict() == a.as_dict()
    assert list(a.node_leaf_keys()) == [k for k, _ in a.node_leaf_items()]
    for path, value in a.node_leaf_items():
        assert path in a and (a[path] is value or a[path] == value)
