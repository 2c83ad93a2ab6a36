# ruff: noqa: S301 (what is pickled here was made here)
import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from muse.core import AttrDict, MissingKeyError, UsageError


@pytest.fixture
def tree() -> AttrDict:
    return AttrDict(x=1, g=AttrDict(p=2, q=3, n=AttrDict(z=4)), e=AttrDict())


# -- paths -----------------------------------------------------------------------------------------


def test_reads_are_path_aware(tree):
    assert tree["g/n/z"] == tree.g.n.z == tree.g["n/z"] == tree.get("g/n/z") == 4
    assert "g/n/z" in tree and "g/n/y" not in tree and "x/y" not in tree and 3 not in tree
    assert tree.get("g/zz") is None and tree.get("x/y", 7) == 7 and tree.get("e") == AttrDict()
    assert tree << "g/p" == 2 and tree << "nope" is None and tree >> "g/p" == 2


def test_writes_are_path_aware(tree):
    tree["new/deep/leaf"] = 5
    assert tree.new.deep.leaf == 5
    tree["x/below"] = 6  # a node takes the place of the leaf
    assert tree.x == AttrDict(below=6)
    tree.g.p = 9
    assert tree["g/p"] == 9
    assert tree.setdefault("g/p", 1) == 9 and tree.setdefault("g/new", 1) == 1
    assert tree.pop("g/new") == 1 and "g/new" not in tree
    assert tree.pop("g/new", None) is None
    del tree["g/n/z"]
    assert tree.g.n == AttrDict()
    del tree.g.p
    assert "g/p" not in tree
    tree.update({"g/q": 0}, y=1)
    assert tree.g.q == 0 and tree.y == 1


def test_construction_understands_paths_and_leaves_plain_dicts_alone():
    plain = {"a": 1}
    tree = AttrDict({"g/x": 1}, d=plain, **{"g/y": 2})
    assert tree.g == AttrDict(x=1, y=2)
    assert tree.d is plain and tree.list_leaf_keys() == ["g/x", "g/y", "d"]
    assert "d/a" not in tree
    assert AttrDict([("a/b", 1)]) == AttrDict(a=AttrDict(b=1))
    assert AttrDict.fromkeys(["a/b", "c"], 0) == AttrDict(a=AttrDict(b=0), c=0)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", 3, None])
def test_unusable_keys_are_refused(key):
    with pytest.raises(UsageError, match="AttrDict key"):
        AttrDict()[key] = 1


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda t: t["g/zz"], ["'g/zz'", "'g/p'"]),
        (lambda t: t["g/n/zz"], ["'g/n/zz'", "Did you mean", "'g/n/z'"]),
        (lambda t: t["x/y"], ["'x/y'", "'x' is a leaf (int)"]),
        (lambda t: t.z, ["'z'", "'g/n/z'"]),
        (lambda t: t > ["x", "g/pp"], ["'g/pp'", "Did you mean 'g/p'"]),
        (lambda t: t.pop("g/pp"), ["'g/pp'", "Did you mean 'g/p'"]),
        (lambda t: t >> "g/pp", ["'g/pp'"]),
        (lambda t: AttrDict()["a"], ["'a'", "names: none"]),
        (lambda t: t[3], ["keys are strings", "3"]),
    ],
)
def test_missing_names_are_told_with_path_and_neighbours(tree, read, words):
    with pytest.raises(MissingKeyError) as caught:
        read(tree)
    assert isinstance(caught.value, KeyError) and isinstance(caught.value, AttributeError)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_delete_of_missing_names_raises(tree):
    for key in ("zz", "g/zz", "x/y"):
        with pytest.raises(MissingKeyError, match=key):
            del tree[key]
    with pytest.raises(MissingKeyError):
        del tree.zz


def test_attribute_protocols_see_ordinary_absence(tree):
    assert not hasattr(tree, "zz") and getattr(tree, "zz", 5) == 5
    assert not hasattr(tree, "__array__")
    assert copy.copy(tree) == copy.deepcopy(tree) == tree


def test_names_of_methods_are_items_but_never_attributes(tree):
    with pytest.raises(UsageError, match="'keys'.*method"):
        tree.keys = 3
    for name in ("keys", "items", "values", "copy", "get", "update", "leaf_apply", "__class__"):
        tree[name] = name
    assert tree["keys"] == "keys" and callable(tree.keys)
    assert tree.copy() == tree == copy.deepcopy(tree) == pickle.loads(pickle.dumps(tree))
    assert (tree & tree) == tree and tree.leaf_apply(lambda v: v) == tree


def test_a_subclass_keeps_its_own_methods():
    class Mine(AttrDict):
        def twice(self):
            return 2 * self.x

    mine = Mine(x=2)
    assert mine.twice() == 4 and mine.x == 2
    with pytest.raises(UsageError, match="twice"):
        mine.twice = 1


# -- operators -------------------------------------------------------------------------------------


def test_subsets(tree):
    assert (tree > ["g/n", "x"]) == AttrDict(g=AttrDict(n=AttrDict(z=4)), x=1)
    assert (tree > "x") == AttrDict(x=1) == (tree < "x")
    assert (tree < ["x", "zz", "g/zz", "x/y"]) == AttrDict(x=1)
    assert (tree < None) == tree == (tree > None)
    assert (tree > []) == AttrDict()
    for subset in (tree < None, tree > None, tree > ["g"], tree < ["g"]):
        subset["g/p"] = 99
    assert tree.g.p == 2, "a subset aliases a node of its source"


@pytest.mark.parametrize("names", [3, AttrDict(x=1), [3]])
def test_subsets_by_anything_but_names_are_refused(tree, names):
    with pytest.raises(UsageError, match="names"):
        tree > names  # noqa: B015


def test_and_overwrites_deeply(tree):
    other = AttrDict(g=AttrDict(p=20, new=5), x=AttrDict(leaf_became=1))
    both = tree & other
    assert both == AttrDict(
        x=AttrDict(leaf_became=1),
        g=AttrDict(p=20, q=3, n=AttrDict(z=4), new=5),
        e=AttrDict(),
    )
    assert list(both.g) == ["p", "q", "n", "new"]
    both["g/n/z"] = both["x/leaf_became"] = 0
    assert tree.g.n.z == 4 and other.x.leaf_became == 1
    assert (tree & AttrDict(g=1)).g == 1
    assert (tree & None) == tree and (tree & None).g is not tree.g
    assert (tree & {"g/p": 0}).g.p == 0 and ({"x": 0, "y": 1} & tree) == AttrDict(y=1) & tree
    with pytest.raises(TypeError):
        tree & 3  # noqa: B018


def test_or_is_the_union_of_the_top_levels(tree):
    assert (tree | AttrDict(g=AttrDict(y=1))).g == AttrDict(y=1)
    assert (tree | {"g/y": 1}).g == AttrDict(y=1)
    assert ({"w": 1, "x": 0} | tree).to_dict() == {"w": 1, **tree.to_dict()}
    target = AttrDict(a=1)
    target |= {"b/c": 2}
    assert target == AttrDict(a=1, b=AttrDict(c=2))


def test_equality_understands_arrays():
    a = AttrDict(x=np.arange(3), l=[np.zeros(2), 1], g=AttrDict(y=1))
    assert a == copy.deepcopy(a)
    assert not (a != copy.deepcopy(a))  # noqa: SIM202
    assert a != (a & AttrDict(x=np.arange(4))) and a != (a & AttrDict(x=np.zeros(3)))
    assert a != AttrDict(x=np.arange(3)) and a != 3
    assert AttrDict(g=AttrDict(y=1)) == {"g": {"y": 1}}
    assert AttrDict(a=1, b=2) == AttrDict(b=2, a=1)
    with pytest.raises(TypeError):
        hash(a)


# -- methods ---------------------------------------------------------------------------------------


def test_iteration_is_depth_first_in_order(tree):
    assert list(tree) == ["x", "g", "e"] and len(tree) == 3
    assert tree.list_leaf_keys() == ["x", "g/p", "g/q", "g/n/z"]
    assert tree.list_node_leaf_keys() == ["x", "g", "g/p", "g/q", "g/n", "g/n/z", "e"]
    assert list(tree.leaf_values()) == [1, 2, 3, 4]
    assert list(tree.node_leaf_values()) == [1, tree.g, 2, 3, tree.g.n, 4, tree.e]
    assert dict(tree.leaf_items()) == tree.as_dict()
    assert [k for k, _ in tree.node_leaf_items()] == tree.list_node_leaf_keys()


def test_questions(tree):
    assert tree.has_leaf_key("g/p") and not tree.has_leaf_key("g") and not tree.has_leaf_key("e")
    assert tree.has_node_leaf_key("g") and tree.has_leaf_keys(["x", "g/q"])
    assert not tree.has_node_leaf_keys(["x", "zz"])
    assert AttrDict(e=AttrDict()).is_empty() and not tree.is_empty()
    assert tree.get_one() == 1
    with pytest.raises(MissingKeyError, match="get_one"):
        AttrDict(e=AttrDict()).get_one()
    assert tree.get_keys_required(["x", "g/p"]) == (1, 2)
    assert tree.get_keys_optional(["x", "zz"], [5, 6]) == (1, 6)
    with pytest.raises(UsageError, match="1 defaults for 2 names"):
        tree.get_keys_optional(["x", "zz"], [5])


def test_key_comparisons_keep_order(tree):
    other = AttrDict(new=0, x=1, g=AttrDict(q=1))
    assert tree.leaf_key_intersection(other) == ["x", "g/q"]
    assert tree.leaf_key_difference(other) == ["g/p", "g/n/z"]
    assert tree.leaf_key_missing(["new", "x", "g"]) == ["new", "g"]
    assert tree.leaf_key_symmetric_difference(other) == ["g/p", "g/n/z", "new"]
    assert tree.node_leaf_key_overlap(other) == ["x", "g", "g/q"]
    assert tree.node_leaf_key_leftovers(other) == ["g/p", "g/n", "g/n/z", "e"]


def test_filters(tree):
    assert tree.leaf_filter(lambda k, v: v > 2) == AttrDict(g=AttrDict(q=3, n=AttrDict(z=4)))
    assert tree.leaf_filter_keys(["x", "g"]) == AttrDict(x=1)
    assert tree.node_leaf_filter(lambda k, v: k == "g/n") == AttrDict(g=AttrDict(n=AttrDict(z=4)))
    assert tree.node_leaf_filter_keys(["g", "zz"]) == AttrDict(g=tree.g)
    assert tree.node_leaf_filter_keys(["g"]).g is not tree.g
    assert tree.node_leaf_filter(lambda k, v: k == "g", copy_nodes=False).g is tree.g
    assert tree.node_leaf_without_keys(["g/n", "x"]) == AttrDict(g=AttrDict(p=2, q=3), e=AttrDict())
    assert tree.node_leaf_without_keys(["g"]) == AttrDict(x=1, e=AttrDict())
    with pytest.raises(MissingKeyError):
        tree.node_leaf_filter_keys_required(["g", "zz"])


def test_arrays_are_found():
    tree = AttrDict(x=np.zeros((2, 3)), n=AttrDict(y=np.zeros(()), s="text"), f=np.float32(1))
    assert tree.leaf_arrays().list_leaf_keys() == ["x", "n/y"]
    assert tree.leaf_shapes() == AttrDict(x=(2, 3), n=AttrDict(y=()))


def test_maps(tree):
    assert tree.leaf_apply(lambda v: v + 1).as_dict() == {"x": 2, "g/p": 3, "g/q": 4, "g/n/z": 5}
    assert "e" in tree.leaf_apply(str)
    assert tree.leaf_kv_apply(lambda k, v: k)["g/n/z"] == "g/n/z"
    tree.leaf_kv_modify(lambda k, v: -v)
    tree.leaf_modify(lambda v: 2 * v)
    assert tree.g.n.z == -8
    seen = []
    tree.leaf_call(seen.append)
    tree.leaf_call(lambda k, v: seen.append(k), pass_in_key_to_func=True)
    assert seen == [-2, -4, -6, -8, "x", "g/p", "g/q", "g/n/z"]


@pytest.mark.parametrize("method", ["leaf_apply", "leaf_modify", "leaf_call"])
def test_errors_in_maps_name_the_leaf_once(tree, method):
    before = tree.copy()

    def fail(value):
        if value == 4:
            raise ValueError("boom")
        return value + 1

    with pytest.raises(ValueError, match="^at 'g/n/z': boom$"):
        getattr(tree, method)(fail)
    assert tree == before


def test_rename_reduce_assert_and_compare(tree):
    assert tree.leaf_key_change(lambda k, v: f"new/{k}")["new/g/p"] == 2
    with pytest.raises(UsageError, match="'x'.*both|both become"):
        tree.leaf_key_change(lambda k, v: "same")
    assert tree.leaf_reduce(lambda r, v: f"{r}{v}") == "1234"
    assert tree.leaf_reduce(lambda r, v: f"{r}{v}", seed=0) == "01234"
    with pytest.raises(UsageError, match="seed"):
        AttrDict().leaf_reduce(max)
    tree.leaf_assert(lambda v: v > 0)
    with pytest.raises(AssertionError, match="'x', 'g/p'"):
        tree.leaf_assert(lambda v: v > 2)
    assert AttrDict(a=1, b=AttrDict(c=1)).all_equal() and not tree.all_equal()
    assert AttrDict().all_equal() and tree.all_equal(lambda a, b: True)


def test_combine_in_place(tree):
    other = AttrDict(g=AttrDict(p=0), new=AttrDict(a=1))
    assert tree.combine(other) is None and tree.g.p == 0 and tree.g.q == 3
    tree.new.a = 5
    assert other.new.a == 1
    assert tree.combine({"x": 7}, ret=True) is tree and tree.x == 7
    with pytest.raises(UsageError, match="int"):
        tree.combine(3)


def test_safe_combine_keeps_own_values(tree):
    with pytest.warns(UserWarning, match="'x'"):
        tree.safe_combine(AttrDict(x=5, g=AttrDict(p=2, r=6)), warn_conflicting=True)
    assert tree.x == 1 and tree.g.r == 6
    assert tree.safe_combine(AttrDict(x=5), ret=True) is tree


def test_leaf_combine_and_apply(tree):
    doubled = AttrDict.leaf_combine_and_apply([tree, tree], sum)
    assert doubled == tree.leaf_apply(lambda v: 2 * v) and list(doubled) == list(tree)
    named = AttrDict.leaf_combine_and_apply(
        [tree, tree], lambda k, vs: (k, *vs), map_func=str, pass_in_key_to_func=True
    )
    assert named["g/p"] == ("g/p", "2", "2")
    assert AttrDict.leaf_combine_and_apply([], sum) == AttrDict()
    small = AttrDict(x=1)
    with pytest.raises(UsageError, match="'g/p'"):
        AttrDict.leaf_combine_and_apply([small, tree], sum)
    assert AttrDict.leaf_combine_and_apply([small, tree], sum, match_keys=False) == AttrDict(x=2)
    with pytest.raises(MissingKeyError, match="g/p"):
        AttrDict.leaf_combine_and_apply([tree, small], sum, match_keys=False)


def test_conversions(tree):
    nested = tree.to_dict()
    assert type(nested["g"]["n"]) is dict and AttrDict.from_dict(nested) == tree
    assert tree.toDict() == nested
    flat = AttrDict.from_dict({"a": {"b": 1}}, nested=False)
    assert type(flat.a) is dict
    assert AttrDict.from_dict({"a/b": {"c": 1}})["a/b/c"] == 1
    assert AttrDict.from_kvs(["a/b", "c"], [1, 2]) == AttrDict(a=AttrDict(b=1), c=2)
    with pytest.raises(UsageError, match="2 keys and 1 values"):
        AttrDict.from_kvs(["a", "b"], [1])


def test_copies_copy_nodes_and_share_leaves():
    tree = AttrDict(x=np.zeros(2), g=AttrDict(y=1), e=AttrDict())
    for twin in (tree.copy(), tree.leaf_copy(), copy.copy(tree)):
        assert twin == tree and twin.x is tree.x and twin.g is not tree.g and "e" in twin
    assert copy.deepcopy(tree).x is not tree.x


def test_freeze_refuses_every_write_at_every_depth(tree):
    frozen = tree.freeze()
    assert frozen is tree and frozen.is_frozen and frozen.g.n.is_frozen
    holder = AttrDict(inner=frozen)
    writes = [
        lambda: frozen.__setitem__("x", 0),
        lambda: frozen.__setitem__("g/n/z", 0),
        lambda: frozen.__setitem__("g/new/z", 0),
        lambda: setattr(frozen.g.n, "z", 0),
        lambda: frozen.g.pop("p"),
        lambda: frozen.pop("g/p"),
        lambda: frozen.g.n.clear(),
        lambda: frozen.popitem(),
        lambda: frozen.update(x=2),
        lambda: frozen.g.setdefault("new", 1),
        lambda: frozen.__delitem__("g/p"),
        lambda: delattr(frozen, "x"),
        lambda: frozen.__ior__({"x": 1}),
        lambda: frozen.combine(AttrDict(x=1)),
        lambda: frozen.safe_combine(AttrDict(y=1)),
        lambda: frozen.leaf_modify(str),
        lambda: frozen.leaf_kv_modify(lambda k, v: v),
        lambda: frozen.__init__(x=5),
        lambda: holder.__setitem__("inner/g/p", 0),
        lambda: holder.combine(AttrDict(inner=AttrDict(x=0))),
        lambda: holder.leaf_modify(str),
        lambda: holder.pop("inner/x"),
    ]
    before = frozen.copy()
    for i, write in enumerate(writes):
        with pytest.raises(UsageError, match="frozen"):
            write()
            pytest.fail(f"write {i} went through")
    assert frozen == before
    thawed = frozen.copy()
    thawed["g/n/z"] = 0
    assert frozen.g.n.z == 4
    assert (frozen & {"x": 2}).x == 2 and not (frozen & None).is_frozen
    for twin in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen)):
        assert twin == frozen and twin.is_frozen and twin.g.n.is_frozen


def test_pprint(tree, capsys):
    tree.array, tree.long = np.zeros((2, 3), np.float32), "x" * 99
    assert tree.pprint() is None
    text = capsys.readouterr().out
    assert "ndarray(2, 3) float32" in text and "    z: 4" in text and "x" * 40 not in text
    assert tree.pprint(ret_string=True) + "\n" == text and not capsys.readouterr().out


def test_repr_reads_back(tree):
    assert eval(repr(tree), {"AttrDict": AttrDict}) == tree  # noqa: S307
    assert "g" in dir(tree) and "leaf_apply" in dir(tree)


def test_import_is_light():
    code = (
        "import sys, muse.core; from muse.core import AttrDict; AttrDict(x=1).leaf_apply(str); "
        "assert not {'torch', 'numpy', 'difflib'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
