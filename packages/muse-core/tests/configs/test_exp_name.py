"""Names of experiments."""

from __future__ import annotations

import numpy as np
import pytest
from muse_config_samples import short_name

from muse.configs import Field, resolve_config
from muse.configs.exp_name import format_value, is_set, render
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

VALUES = {"a": 1, "f": 0.1, "t": True, "no": False, "none": None, "zero": 0, "s": "x", "e": ""}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("plain/name", "plain/name"),
        ("b{a}_h{s}", "b1_hx"),
        ("{f}", "0_1"),
        ("{none}{no}", "NoneFalse"),
        ("{?t:yes:no}", "yes"),
        ("{?no:yes:no}", "no"),
        ("{?no:yes}", ""),
        ("{?no::no}", "no"),
        ("{?t::no}", ""),
        ("{?t:}", ""),
        ("{?zero:_s{zero}}", "_s0"),
        ("{?none:_s{none}:_default}", "_default"),
        ("{?e:x:empty}", "empty"),
        ("{?t:a{?no:b:c{?t:d}}e:f}g", "acdeg"),
        ("x:y{?t:_{s}:_{a}}", "x:y_x"),
    ],
)
def test_templates(template: str, name: str) -> None:
    assert render(template, VALUES.__getitem__) == name


@pytest.mark.parametrize(
    "template", ["{", "{}", "{a", "a}", "{?t}", "{?t:x", "{?:x}", "{?t:a:b:c}", "{?t:a}}", "{a:b}"]
)
def test_malformed_templates(template: str) -> None:
    with pytest.raises(ConfigError, match="exp_name"):
        render(template, VALUES.__getitem__)


def test_values_in_names() -> None:
    assert format_value([240, 0.5]) == "240-0_5"
    assert format_value(np.float32(0.5)) == "0_5"
    assert format_value(1e-4) == "0_0001"
    assert format_value(short_name) == "short_name"
    assert is_set(0)
    assert is_set(0.0)
    assert is_set([0])
    assert not any(map(is_set, [None, False, "", [], AttrDict()]))


def test_names_join_depth_first_without_separator() -> None:
    tree = AttrDict(
        exp_name="r{n}",
        n=1,
        a=AttrDict(cls="x.A", exp_name="_a{/n}", b=AttrDict(cls="x.B", exp_name="_b{../k}"), k=2),
        loose=AttrDict(deep=AttrDict(cls="x.C", exp_name="_c")),
        d=AttrDict(cls="x.D", exp_name="_d{a/k}{?a/b/cls:!}"),
    )
    assert resolve_config(tree).exp_name == "r1_a1_b2_c_d2!"


def test_a_copied_group_is_not_named_twice() -> None:
    tree = AttrDict(a=AttrDict(cls="x.A", exp_name="_a"), b=Field("a"))
    assert resolve_config(tree).exp_name == "_a"


def test_a_function_makes_a_name() -> None:
    net = AttrDict(cls="muse_config_samples.Net", exp_name=short_name)
    assert resolve_config(AttrDict(net=net)).exp_name == "_w64of1"


@pytest.mark.parametrize(
    ("template", "part"), [("{widht}", "width"), ("{?widht:x}", "width"), ("{opt}", "group")]
)
def test_unknown_names_are_errors(template: str, part: str) -> None:
    net = AttrDict(cls="muse_config_samples.Net", exp_name=template)
    with pytest.raises(ConfigError, match=part):
        resolve_config(AttrDict(net=net))


def test_names_follow_overrides_and_class_defaults() -> None:
    net = AttrDict(cls="muse_config_samples.Net", exp_name="_w{width}_d{depth}")
    assert resolve_config(AttrDict(net=net), ["%net", "--width", "9"]).exp_name == "_w9_d2"


def test_the_name_of_the_documented_coffee_run() -> None:
    """Root template and model template give the name that the documents show."""
    root = AttrDict(
        exp_name="real/velact_{?augment:aug_}b{batch_size}_h{horizon}_{dataset}",
        augment=True,
        batch_size=8,
        horizon=10,
        dataset="raw_mode_make-coffee-v3_eimgs_100ep",
        dataset_train=AttrDict(
            cls="muse_config_samples.Data",
            horizon=Field("horizon"),
            file=Field("dataset", lambda name: f"data/real/{name}.npz"),
        ),
        model=AttrDict(
            cls="not_there.BCModel",
            exp_name="_{?vision_encoder/cls:vis_}bc-l2",
            vision_encoder=AttrDict(cls="not_there.VisionEncoder"),
            action_decoder=AttrDict(
                cls="not_there.RNNActionDecoder",
                exp_name="_{rnn_type}-hs{hidden_size}-ps{policy_size}",
                rnn_type="lstm",
                hidden_size=1000,
                policy_size=0,
            ),
        ),
    )
    config = resolve_config(root, ["--dataset", "make-coffee_eimgs_100ep"])
    assert config.exp_name == (
        "real/velact_aug_b8_h10_make-coffee_eimgs_100ep_vis_bc-l2_lstm-hs1000-ps0"
    )
    assert config.params.dataset_train.file == "data/real/make-coffee_eimgs_100ep.npz"
    assert config.params.dataset_train.horizon == 10
