"""The base class: templates, checks, seeds, make."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError, ParamError, SpecError
from muse.core.spec import ParamEnvSpec
from muse.envs.action_check import ActionChecker
from muse.envs.env import Env, make

PUSH = AttrDict(push=np.zeros((1, 1), np.float32), mode=np.zeros((1, 1), np.int64))


def started(**params) -> Env:
    env = make(CounterEnv, AttrDict(params))
    env.seed(3)
    env.reset()
    return env


def test_make_takes_class_path_and_group():
    path = "muse.envs.simple.point_mass_env.PointMassEnv"
    assert make(path, AttrDict(num_steps=7)).params.num_steps == 7
    assert make(AttrDict(cls=CounterEnv, length=4)).params.length == 4
    assert make(CounterEnv).params == CounterEnv.default_params


def test_make_refuses_what_is_no_env():
    with pytest.raises(ConfigError, match="Env class"):
        make(int)
    with pytest.raises(ConfigError, match="no_such"):
        make("muse.envs.no_such.Env")
    with pytest.raises(ParamError, match="length"):
        make(CounterEnv, AttrDict(lenth=3))


def test_a_narrower_spec_drops_observations():
    params = CounterEnv.get_default_env_spec_params(CounterEnv.default_params)
    narrow = params & AttrDict(param_names=[], output_observation_names=["reward"])
    env = make(CounterEnv, env_spec=narrow)
    assert set(env.reset()[0].leaf_keys()) == {"count", "reward"}


def test_a_spec_with_an_unknown_observation_is_refused():
    params = CounterEnv.get_default_env_spec_params(CounterEnv.default_params)
    rows = [*params.names_shapes_limits_dtypes, ("counts", (1,), (0, 1), "int64")]
    wide = params & AttrDict(names_shapes_limits_dtypes=rows, observation_names=["counts"])
    with pytest.raises(EnvError, match=r"'counts'.*Did you mean 'count'"):
        make(CounterEnv, env_spec=wide).reset()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (AttrDict(push=np.full((1, 1), np.nan, np.float32)), r"'push'\[0, 0\] is NaN"),
        (AttrDict(push=np.full((1, 1), 1.5, np.float32)), r"= 1.5 .*\[-1.0, 1.0\]"),
        (AttrDict(push=np.zeros((1, 2), np.float32)), r"shape \(1, 2\), expected \(1, 1\)"),
        (AttrDict(push=np.zeros(1, np.float32)), r"shape \(1,\)"),
        (AttrDict(push=np.array([["a"]])), "dtype <U1, expected float32"),
        (AttrDict(mode=np.zeros((1, 1))), "dtype float64, expected int64"),
        (AttrDict(mode=np.full((1, 1), 4)), r"= 4 .*\[0, 3\]"),
        (AttrDict(pusch=np.zeros((1, 1))), "unknown action 'pusch'. Did you mean 'push'"),
    ],
)
def test_bad_actions_name_thing_value_and_limit(change, message):
    env = started()
    with pytest.raises(SpecError, match=message) as caught:
        env.step(PUSH & change)
    assert "\n" not in str(caught.value)
    env.step(PUSH)


def test_a_missing_action_names_the_nearest():
    env = started()
    with pytest.raises(SpecError, match="no 'push'. Did you mean 'pusch'"):
        env.step(AttrDict(pusch=PUSH.push, mode=PUSH.mode))
    with pytest.raises(SpecError, match="AttrDict"):
        env.step({"push": PUSH.push})


def test_wide_floats_within_a_rounded_limit_pass():
    spec = ParamEnvSpec(
        AttrDict(
            names_shapes_limits_dtypes=[
                ("o", (1,), (0, 1), "float32"),
                ("a", (1,), (-0.7, 0.7), "float32"),
                ("b", (1,), (0, 255), "uint8"),
                ("c", (1,), (-np.inf, np.inf), "float64"),
            ],
            observation_names=["o"],
            action_names=["a", "b", "c"],
        )
    )
    check = ActionChecker("X", spec, 1)
    good = AttrDict(a=np.array([[0.7]]), b=np.array([[3]]), c=np.array([[1e300]]))
    assert check(good)["a"].dtype == np.float32
    assert check(good)["b"].dtype == np.uint8
    with pytest.raises(SpecError, match="300"):
        check(good & AttrDict(b=np.array([[300]])))
    with pytest.raises(SpecError, match="inf"):
        check(good & AttrDict(c=np.array([[np.inf]])))


@given(st.floats(allow_nan=True, allow_infinity=True, width=32))
def test_exactly_the_limits_decide(value):
    env = started(length=10)
    action = PUSH & AttrDict(push=np.full((1, 1), value, np.float32))
    if -1.0 <= value <= 1.0:
        env.step(action)
    else:
        with pytest.raises(SpecError):
            env.step(action)


def test_the_order_of_calls_is_enforced():
    env = make(CounterEnv, AttrDict(length=1))
    with pytest.raises(EnvError, match="reset"):
        env.step(PUSH)
    env.reset()
    assert env.step(PUSH)[2].tolist() == [True]
    with pytest.raises(EnvError, match="over"):
        env.step(PUSH)
    env.reset()
    env.retire(np.array([True]))
    with pytest.raises(EnvError, match="over"):
        env.step(PUSH)
    env.close()
    env.close()
    with pytest.raises(EnvError, match="closed"):
        env.reset()


def test_with_closes():
    with started() as env:
        pass
    with pytest.raises(EnvError, match="closed"):
        env.step(PUSH)


def test_seeds():
    env = make(CounterEnv)
    env.seed(5)
    first, second = (env.reset()[0].start.copy() for _ in range(2))
    env.seed([5])
    assert np.array_equal(env.reset()[0].start, first)
    assert np.array_equal(env.reset()[0].start, second)
    assert not np.array_equal(first, second)
    for bad in (-1, 1.5, [1, 2], "x"):
        with pytest.raises(EnvError, match="seed"):
            env.seed(bad)


def test_presets_are_checked():
    env = make(CounterEnv)
    assert env.reset(AttrDict(count=3))[0]["count"].item() == 3
    with pytest.raises(EnvError, match="unknown preset 'coutn'.*Did you mean 'count'"):
        env.reset({"coutn": 3})


def test_user_input_reset_keeps_the_device_and_calls():
    env, called = make(CounterEnv), []
    obs, _ = env.user_input_reset("pad", lambda: called.append(1), AttrDict(count=2))
    assert (env.user_input, called, obs["count"].item()) == ("pad", [1], 2)


def test_render_true_opens_a_window_at_the_first_reset(monkeypatch):
    pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = make(CounterEnv, AttrDict(render=True))
    assert env.display is None
    env.reset()
    env.step(PUSH)
    assert env.display is not None and env.display.is_open
    env.close()
    assert env.display is None
