import pytest

from muse.core import (
    AttrDict,
    ConfigError,
    MissingKeyError,
    ParamError,
    get_cls_param_instance,
    get_or_instantiate_cls,
    get_required,
    get_with_default,
)


class Thing:
    def __init__(self, params):
        self.params = params


class Other:
    pass


def test_get_with_default():
    params = AttrDict(a=AttrDict(zero=0, no=False, none=None, empty=AttrDict(e=AttrDict())), x="3")
    assert get_with_default(params, "a/zero", 5) == 0
    assert get_with_default(params, "a/no", True) is False
    assert get_with_default(params, "a/none", 5) == 5
    assert get_with_default(params, "a/empty", 5) == 5
    assert get_with_default(params, "x", "7", map_fn=int) == 3
    assert get_with_default(params, "y", "7", map_fn=int) == "7"
    assert get_required(params, "a/zero") == 0
    with pytest.raises(MissingKeyError, match="a/zer"):
        get_required(params, "a/zer")


def test_objects_are_built_from_groups():
    group = AttrDict(cls=Thing, size=3)
    whole = get_cls_param_instance(group, "cls", None, Thing)
    assert whole.params == AttrDict(size=3)
    params = AttrDict(thing_cls=Thing, thing_params=AttrDict(size=4), thing=group, made=whole)
    assert get_cls_param_instance(params, "thing_cls", "thing_params", Thing).params.size == 4
    assert get_or_instantiate_cls(params, "thing", Thing).params.size == 3
    assert get_or_instantiate_cls(params, "made", Thing) is whole
    assert get_or_instantiate_cls(group, None, Thing).params.size == 3
    built = get_or_instantiate_cls(params, "thing", Thing, constructor=lambda c, p: (c, p.size))
    assert built == (Thing, 3)


def test_wrong_classes_are_refused():
    with pytest.raises(ParamError, match="expected a subclass of Thing"):
        get_cls_param_instance(AttrDict(cls=Other), "cls", None, Thing)
    with pytest.raises(ParamError, match="x is a int, expected a Thing"):
        get_or_instantiate_cls(AttrDict(x=3), "x", Thing)
    with pytest.raises(ConfigError, match="nowhere"):
        get_cls_param_instance(AttrDict(cls="nowhere.Thing"), "cls", None, Thing)
