# ruff: noqa: S301 (what is pickled here was made here)
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core import (
    AttrDict,
    BiModalParamEnvSpec,
    EnvSpec,
    ParamEnvSpec,
    ParamError,
    SpecError,
    instantiate,
)

ROWS = [
    ("img", (4, 5, 3), (0, 255), np.uint8),
    ("robot/pos", (2,), ([-1.0, -2.0], [1.0, np.inf]), np.float32),
    ("force", (), (-3.0, 0.1), "float32"),
    ("grip", (1,), (0, 1), np.float32),
    ("mode", (1,), (0, 4), np.int64),
    ("reward", (1,), None, "float32"),
    ("mass", (1,), (0, None), float),
]


def params(**changes) -> AttrDict:
    base = AttrDict(
        cls=ParamEnvSpec,
        names_shapes_limits_dtypes=list(ROWS),
        observation_names=["img", "robot/pos"],
        output_observation_names=["reward"],
        action_names=["force", "grip", "mode"],
        param_names=["mass"],
    )
    return base & changes


@pytest.fixture
def spec() -> ParamEnvSpec:
    return ParamEnvSpec(params())


def dynamics(state, target):
    return target, target, True


# -- the spec itself ---


def test_groups_and_rows(spec):
    assert spec.names == ("img", "robot/pos", "force", "grip", "mode", "reward")
    assert spec.all_names == (*spec.names, "mass")
    assert spec.input_names == ("img", "robot/pos", "force", "grip", "mode", "mass")
    assert spec.output_names == ("reward",) and spec.goal_names == ()
    assert spec.shape("force") == () and spec.dtype("mass") == np.float64
    assert spec.dims(["img", "force"]) == [60, 1] and spec.dim(["img", "robot/pos"]) == 62
    assert spec.dim("grip") == 1 and spec.dim([]) == 0
    assert spec.names_to_shapes["robot/pos"] == (2,) and spec.names_to_dtypes.img == np.uint8
    assert spec.names_to_limits.grip[1] == 1


def test_done_and_rollout_timestep_are_implicit(spec):
    assert spec.all_spec_names[-2:] == ("done", "rollout_timestep")
    assert spec.shape("done") == () and spec.dtype("done") == np.bool_
    assert spec.dtype("rollout_timestep") == np.int64
    renamed = spec.derive(done_key="end")
    assert "end" in renamed and "done" not in renamed
    own = spec.derive(add_rows=[("done", (1,), (0, 1), "float32")])
    assert own.shape("done") == (1,) and own.derive() == own


@pytest.mark.parametrize("name", ["names", "observation_names", "done_key", "_rows", "anything"])
def test_a_spec_cannot_be_changed(spec, name):
    with pytest.raises(SpecError, match="immutable; derive"):
        setattr(spec, name, 1)
    with pytest.raises(SpecError, match="immutable"):
        delattr(spec, name)


def test_what_a_spec_hands_out_does_not_change_it(spec):
    before = pickle.dumps(spec.params.to_dict())
    low, _ = spec.limits("grip")
    with pytest.raises(ValueError, match="read-only"):
        low[...] = 7
    spec.params.names_shapes_limits_dtypes.clear()
    spec.params.action_names.append("img")
    spec.names_to_shapes.img = 3
    assert pickle.dumps(spec.params.to_dict()) == before
    source = params()
    built = ParamEnvSpec(source)
    source.action_names.clear()
    assert built == spec


def test_params_are_strict_json_and_rebuild_the_spec(spec):
    text = json.dumps(spec.params.to_dict(), allow_nan=False)
    again = instantiate(AttrDict(json.loads(text)))
    assert again == spec and hash(again) == hash(spec) and type(again) is ParamEnvSpec
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert spec.params.cls == "muse.core.spec.ParamEnvSpec"
    assert again.limits("robot/pos")[1][1] == np.inf


def test_derive_returns_another_spec(spec):
    with_plan = spec.derive(add_rows=[("plan", (8,), None, "float32")], goal_names=["plan"])
    assert with_plan.goal_names == ("plan",) and with_plan != spec and "plan" not in spec
    tighter = spec.derive(add_rows=[("grip", (1,), (0, 0.5), "float32")])
    assert tighter.limits("grip")[1] == 0.5 and tighter.action_names == spec.action_names
    assert spec.derive() == spec and isinstance(spec.derive(), ParamEnvSpec)
    with pytest.raises(ParamError, match="action_names"):
        spec.derive(action_nmes=[])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"action_names": ["forse"]}, "forse.*Did you mean 'force'"),
        ({"action_names": ["force", "force"]}, "twice"),
        ({"names_shapes_limits_dtypes": [*ROWS, ROWS[0]]}, "'img' appears twice"),
        ({"names_shapes_limits_dtypes": [*ROWS, ("robot", (1,), (0, 1), float)]}, "below another"),
        ({"names_shapes_limits_dtypes": [("a", (1,), (0, 1))]}, "expected .name, shape"),
        ({"names_shapes_limits_dtypes": [("a", 1, (0, 1), float)]}, "'a': shape is 1"),
        ({"names_shapes_limits_dtypes": [("a", (-1,), (0, 1), float)]}, "'a': shape"),
        ({"names_shapes_limits_dtypes": [("a", (1,), (2, 1), float)]}, "low <= high"),
        ({"names_shapes_limits_dtypes": [("a", (1,), (0, np.nan), float)]}, "NaN"),
        ({"names_shapes_limits_dtypes": [("a", (3,), ([0, 1], 1), float)]}, "'a': limit is"),
        ({"names_shapes_limits_dtypes": [("a", (3,), 1, float)]}, "'a': limits are 1"),
        ({"names_shapes_limits_dtypes": [("a", (3,), (0, 1), "flot")]}, "'a': dtype is 'flot'"),
        ({"names_shapes_limits_dtypes": [("a//b", (3,), (0, 1), float)]}, "path"),
    ],
)
def test_bad_specs_are_refused(changes, words):
    with pytest.raises(SpecError, match=words):
        ParamEnvSpec(params(**changes))


def test_bad_params_are_refused():
    with pytest.raises(ParamError, match="Did you mean 'action_names'"):
        ParamEnvSpec(params(action_name=["force"]))
    with pytest.raises(ParamError, match="missing required parameter 'action_names'"):
        ParamEnvSpec(params().node_leaf_without_keys(["action_names"]))
    with pytest.raises(ParamError, match="observation_names"):
        ParamEnvSpec(params(observation_names=[3]))


def test_unknown_names_get_the_nearest(spec):
    for ask in (spec.shape, spec.dtype, spec.limits, spec.dim, spec.get_sld, spec.assert_has_names):
        with pytest.raises(SpecError, match="no name 'robot/poss'.*'robot/pos'"):
            ask("robot/poss")
    with pytest.raises(SpecError, match="zzz.*img"):
        spec.row("zzz")


def test_bimodal_spec():
    group = params(
        cls=BiModalParamEnvSpec,
        mode0_action_names=["force"],
        mode1_action_names=["grip"],
        wp_dynamics_fn=dynamics,
    )
    built = BiModalParamEnvSpec(group)
    assert built.mode0_action_names == ("force",) and built.mode1_action_names == ("grip",)
    assert built.dynamics_state_names == built.observation_names
    assert built.wp_dynamics_fn is dynamics
    plain = built.derive(wp_dynamics_fn=None)
    assert plain != built and json.dumps(plain.params.to_dict())
    assert isinstance(plain, EnvSpec) and instantiate(plain.params) == plain
    named = plain.derive(wp_dynamics_fn="muse.core.errors.suggest")
    assert callable(named.wp_dynamics_fn)
    assert named.params.wp_dynamics_fn == "muse.core.errors.suggest"
    assert pickle.loads(pickle.dumps(named)) == named
    with pytest.raises(SpecError, match="mode0_action_names has 'img'"):
        plain.derive(mode0_action_names=["img"])
    with pytest.raises(SpecError, match="immutable"):
        plain.wp_dynamics_fn = None


# -- arrays ---


def test_limits_in_every_form(spec):
    low, high = spec.limits("robot/pos")
    assert low.tolist() == [-1, -2] and high.tolist() == [1, np.inf]
    assert [p[0].shape for p in spec.limits(["force", "img"])] == [(), (4, 5, 3)]
    assert spec.limits(["robot/pos"], as_dict=True).robot.pos[0][1] == -2
    flat = spec.limits(["robot/pos", "force"], flat=True)
    assert flat[0].tolist() == [-1, -2, -3] and flat[1].tolist() == [1, np.inf, 0.1]


def test_made_arrays(spec):
    names = ["img", "force", "robot/pos"]
    zeros = spec.get_zeros(names, 2)
    assert zeros.leaf_shapes().as_dict() == {
        "img": (2, 4, 5, 3),
        "force": (2,),
        "robot/pos": (2, 2),
    }
    spec.check(zeros, names)
    assert spec.get_ones("force", (2, 3)).force.sum() == 6
    assert spec.get_empty("img", 2).img.dtype == np.uint8
    assert spec.get_midpoint("grip", 2).grip.tolist() == [[0.5], [0.5]]
    with pytest.raises(SpecError, match="'robot/pos'.*not finite"):
        spec.get_midpoint("robot/pos", 1)


def test_uniform_is_seeded_and_within_limits(spec):
    names = ["img", "force", "grip", "mode"]
    drawn = spec.get_uniform(names, 500, np.random.default_rng(3))
    spec.check(drawn, names, limits=True)
    assert drawn == spec.get_uniform(names, 500, np.random.default_rng(3))
    assert set(np.unique(drawn.mode)) == {0, 1, 2, 3, 4}
    assert drawn.force.min() < -2.5 and drawn.force.max() > -0.3
    with pytest.raises(SpecError, match="'reward'.*not finite"):
        spec.get_uniform("reward", 1, np.random.default_rng(0))


def test_clip_keeps_dtypes_and_leaves_the_source_alone(spec):
    data = AttrDict(
        force=np.array([-9, 0, 9], np.float32),
        mode=np.array([[-1], [2], [9]]),
        reward=np.array([[1e30], [np.nan], [0]], np.float32),
        other="kept",
    )
    out = spec.clip(data, ["force", "mode", "reward"])
    assert out.force.tolist() == [-3, 0, np.float32(0.1)] and out.force.dtype == np.float32
    assert out.mode.tolist() == [[0], [2], [4]] and out.mode.dtype == np.int64
    assert out.reward[0, 0] == np.float32(1e30) and np.isnan(out.reward[1, 0])
    assert out.other == "kept" and data.force[0] == -9
    spec.check(out, ["force"], limits=True)
    with pytest.raises(SpecError, match="'grip' is missing"):
        spec.clip(data, ["grip"])


def test_unit_box_ends_and_flat_limits(spec):
    data = AttrDict(img=np.array([0, 255], np.uint8).repeat(60).reshape(2, 4, 5, 3))
    unit = spec.scale_to_unit_box(data, ["img"])
    assert unit.img.min() == -1 and unit.img.max() == 1 and unit.img.dtype == np.float32
    still = spec.derive(add_rows=[("grip", (1,), (2, 2), "float32")])
    same = still.scale_to_unit_box(AttrDict(grip=np.full((3, 1), 2, np.float32)), ["grip"])
    assert same.grip.tolist() == [[0]] * 3
    assert still.scale_from_unit_box(same, ["grip"]).grip.tolist() == [[2]] * 3
    with pytest.raises(SpecError, match="'robot/pos'.*not finite"):
        spec.scale_to_unit_box(AttrDict(robot=AttrDict(pos=np.zeros((1, 2)))), ["robot/pos"])


shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def specs(draw):
    rows = []
    for i, shape in enumerate(draw(st.lists(shapes, min_size=1, max_size=4))):
        low = draw(st.floats(-100, 100))
        width = draw(st.floats(0.5, 100))
        rows.append((f"n{i}", shape, (low, low + width), draw(st.sampled_from(["f4", "f8"]))))
    names = [r[0] for r in rows]
    return ParamEnvSpec(
        AttrDict(names_shapes_limits_dtypes=rows, observation_names=names, action_names=[])
    )


@given(specs(), st.integers(0, 4), st.integers(0, 2**32))
def test_scale_round_trip(spec, batch, seed):
    data = spec.get_uniform(spec.names, batch, np.random.default_rng(seed))
    unit = spec.scale_to_unit_box(data, spec.names)
    back = spec.scale_from_unit_box(unit, spec.names)
    for name in spec.names:
        assert np.abs(unit[name]).max(initial=0) <= 1 + 1e-3
        np.testing.assert_allclose(back[name], data[name], rtol=1e-4, atol=1e-4)
        assert back[name].dtype == spec.dtype(name)
    ends = AttrDict((n, np.stack(spec.limits(n))) for n in spec.names)
    for value in spec.scale_to_unit_box(ends, spec.names).leaf_values():
        np.testing.assert_allclose(value[0], -1, atol=1e-9)
        np.testing.assert_allclose(value[1], 1, atol=1e-9)


@given(specs(), st.lists(st.integers(1, 3), max_size=2), st.integers(0, 2**32))
def test_flat_round_trip(spec, batch, seed):
    names = list(spec.names)
    data = spec.get_uniform(names, tuple(batch), np.random.default_rng(seed))
    flat = spec.concatenate_flat(data, names)
    assert flat.shape == (*batch, spec.dim(names))
    assert spec.parse_from_concatenated_flat(flat, names) == data
    view = spec.parse_view_from_concatenated_flat(flat, names)
    assert view.leaf_shapes() == data.leaf_shapes()
    sub = names[::-2]
    where = spec.get_indices_for_flat(sub, names)
    assert np.array_equal(flat[..., where], spec.concatenate_flat(data, sub).astype(flat.dtype))
    parts = AttrDict((n, data[n].reshape(*batch, spec.dim(n))) for n in names)
    assert spec.reshape_from_flat(parts, names) == data


@given(specs())
def test_specs_survive_json(spec):
    assert instantiate(AttrDict(json.loads(json.dumps(spec.params.to_dict())))) == spec


def test_flat_arrays_of_wrong_size_are_refused(spec):
    with pytest.raises(SpecError, match=r"shape \(2, 4\), expected last dimension 3"):
        spec.parse_from_concatenated_flat(np.zeros((2, 4)), ["robot/pos", "force"])
    with pytest.raises(SpecError, match="'img' is not among"):
        spec.get_indices_for_flat(["img"], ["force"])
    with pytest.raises(SpecError, match="end in"):
        spec.concatenate_flat(AttrDict(grip=np.zeros((2, 3))), ["grip"])


def test_map_to_types(spec):
    data = AttrDict(force=np.zeros(2), extra=np.zeros(2))
    assert spec.map_to_types(data, skip_keys=True).force.dtype == np.float32
    with pytest.raises(SpecError, match="extra"):
        spec.map_to_types(data)


def test_front_size(spec):
    data = spec.get_zeros(["img", "force"], (2, 3))
    assert spec.get_front_size(data) == (2, 3)
    assert spec.get_front_size(data & AttrDict(unknown=np.zeros(9))) == (2, 3)
    assert spec.get_front_size(data & AttrDict(force=np.zeros(4))) is None
    assert spec.get_front_size(AttrDict()) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"force": np.zeros((2, 1), np.float32)}, r"'force' has shape \(2, 1\), expected \(B,\)"),
        ({"img": np.zeros((2, 4, 5), np.uint8)}, r"'img'.*expected \(B, 4, 5, 3\)"),
        ({"img": np.zeros((2, 4, 5, 3), np.float32)}, "'img' has dtype float32, expected uint8"),
        ({"force": np.zeros(3, np.float32)}, r"'force' has leading dimensions \(3,\).*\(2,\)"),
        ({"force": [0.0, 0.0]}, "'force' is a list, expected an array"),
        ({"force": np.array([0, 0.2], np.float32)}, r"'force' is 0.2.* index \(1,\).*-3 to 0.1"),
        ({"force": np.array([0, np.nan], np.float32)}, r"'force' is nan"),
    ],
)
def test_check_names_what_is_wrong(spec, change, words):
    data = spec.get_zeros(["img", "force"], 2)
    spec.check(data, ["img", "force"], limits=True)
    with pytest.raises(SpecError, match=words):
        spec.check(data & change, ["img", "force"], batch_dims=1, limits=True)


def test_check_misses_with_nearest(spec):
    with pytest.raises(SpecError, match="'force' is missing.*'forse'"):
        spec.check(AttrDict(forse=np.zeros(2)), ["force"])


def test_torch_tensors_are_handled_alike(spec):
    torch = pytest.importorskip("torch")
    names = ["img", "force", "mode"]
    data = spec.get_uniform(names, 3, np.random.default_rng(0))
    tensors = data.leaf_apply(torch.as_tensor)
    spec.check(tensors, names, limits=True)
    back = spec.scale_from_unit_box(spec.scale_to_unit_box(tensors, names), names)
    assert back.img.dtype == torch.uint8 and torch.equal(back.img, tensors.img)
    wild = tensors.leaf_apply(lambda t: t * 0 + 200)
    clipped = spec.clip(wild, names)
    assert clipped.mode.max() == 4 and clipped.img.max() == 200
    assert clipped.force.dtype == torch.float32
    states = AttrDict(robot=AttrDict(pos=torch.arange(6.0).reshape(3, 2)), grip=torch.ones(3, 1))
    flat = spec.concatenate_flat(states, ["robot/pos", "grip"])
    assert flat.shape == (3, 3)
    assert spec.parse_from_concatenated_flat(flat, ["robot/pos", "grip"]) == states
    made = spec.get_zeros(["force"], 2, torch_device="cpu")
    assert isinstance(made.force, torch.Tensor)
