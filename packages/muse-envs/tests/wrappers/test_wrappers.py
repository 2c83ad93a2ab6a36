"""Wrappers are environments: they keep the contract, compose and do what they say."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv, WaypointPolicy

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError, ParamError, SpecError
from muse.envs.batching import take_row
from muse.envs.env import make
from muse.envs.outputs import OUTPUT_NAMES
from muse.envs.rollout import rollout
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.simple.point_mass_vector_env import PointMassVectorEnv
from muse.envs.testing import check_env
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv
from muse.envs.wrappers import (
    ActionNoise,
    FrameStack,
    ImageObservation,
    NormalisedAction,
    TimeLimit,
    WaypointEnv,
)
from muse.envs.wrappers.image_observation import reduced
from muse.policies.random_policy import RandomPolicy

POINTS = AttrDict(cls=PointMassEnv, num_obstacles=1, target_speed=0.5)
WAYPOINTS = AttrDict(
    policy=AttrDict(cls=WaypointPolicy),
    wp_dynamics_fn="env_zoo.towards",
    state_keys=["ego"],
    wp_policy_out_names=["place"],
    waypoint_size=2,
    max_delta=0.2,
    sparse_timeout=60,
)
CASES = [
    (ActionNoise, AttrDict(noise_std=0.3)),
    (FrameStack, AttrDict(num_frames=3)),
    (ImageObservation, AttrDict(height=20, width=30)),
    (NormalisedAction, AttrDict()),
    (TimeLimit, AttrDict(max_steps=5)),
    (WaypointEnv, WAYPOINTS),
]


def act(x, y, rows=1):
    return AttrDict(action=np.tile(np.array([[x, y]], np.float32), (rows, 1)))


def wrapped(cls, inner=POINTS, **params):
    return make(cls, AttrDict(env=inner) & AttrDict(params))


@pytest.mark.parametrize(("cls", "params"), CASES)
def test_contract(cls, params):
    check_env(cls, params & AttrDict(env=POINTS), presets=AttrDict(ego=[0.1, 0.1]), render=True)


@pytest.mark.parametrize(
    ("vector", "cls", "params"),
    [*((SyncVectorEnv, *case) for case in CASES), (SubprocVectorEnv, *CASES[4])],
)
def test_rows_of_a_vector_may_be_wrapped(vector, cls, params):
    group = AttrDict(cls=cls, env=POINTS) & params
    with make(vector, AttrDict(num_envs=2, env=group)) as env, make(group) as single:
        alone, joined = (
            rollout(e, RandomPolicy(None, e.env_spec), seeds=range(3), max_steps=8, record=True)
            for e in (single, env)
        )
    for a, b in zip(alone, joined, strict=True):
        assert a.as_dict() == b.as_dict()
        assert all(np.array_equal(value, b.data[0][name]) for name, value in a.data[0].leaf_items())


@pytest.mark.parametrize("vector", [SyncVectorEnv, SubprocVectorEnv])
@pytest.mark.parametrize(
    ("cls", "params"), CASES[:5], ids=lambda case: getattr(case, "__name__", "")
)
def test_wrapped_rows_begin_again_by_themselves(vector, cls, params):
    group = AttrDict(cls=cls, env=POINTS & AttrDict(num_steps=4)) & params
    settings = AttrDict(num_envs=2, env=group, auto_reset=True)
    if vector is SubprocVectorEnv:
        settings["num_workers"] = 1
    singles = [make(group), make(group)]
    with make(vector, settings) as env:
        env.seed([3, 8])
        env.reset()
        for single, seed in zip(singles, (3, 8), strict=True):
            single.seed(seed)
            single.reset()
        policy = RandomPolicy(None, env.env_spec)
        memory = policy.initial_memory(None, 2, seeds=[0, 1])
        ends = 0
        for _ in range(10):
            action, memory = policy.get_action(None, AttrDict(), AttrDict(), memory)
            obs, _, done = env.step(action)
            for row, single in enumerate(singles):
                final, _, over = single.step(take_row(action, row))
                assert done[row] == over[0]
                assert_rows_equal(env.final_obs, final, row)
                # The next episode, and what became of the last one.
                shown = single.reset()[0] & (final > OUTPUT_NAMES) if over[0] else final
                assert_rows_equal(obs, shown, row)
                ends += over[0]
    assert ends >= 4


def assert_rows_equal(batch, single, row):
    assert set(batch.leaf_keys()) == set(single.leaf_keys())
    for name, value in single.leaf_items():
        assert np.array_equal(batch[name][row], value[0]), name


@pytest.mark.parametrize(
    ("cls", "params"), CASES[:5], ids=lambda case: getattr(case, "__name__", "")
)
def test_wrapped_rows_save_their_states(cls, params):
    group = AttrDict(cls=cls, env=POINTS) & params
    check_env(SyncVectorEnv, AttrDict(num_envs=2, env=group), steps=8)


def test_they_compose():
    group = AttrDict(
        cls=FrameStack,
        num_frames=2,
        names=["image"],
        env=AttrDict(
            cls=ImageObservation,
            height=16,
            width=16,
            env=AttrDict(
                cls=TimeLimit, max_steps=4, env=AttrDict(cls=NormalisedAction, env=POINTS)
            ),
        ),
    )
    check_env(make(group), steps=12)
    with make(group) as env:
        assert env.env_spec.shape("image") == (2, 16, 16, 3)
        assert env.success_rule == PointMassEnv.success_rule and env.saves_state
        env.reset(AttrDict(ego=[0.2, 0.2], target=[0.9, 0.9]))
        done = [bool(env.step(act(0, 0))[2][0]) for _ in range(4)]
    assert done == [False, False, False, True]


def test_a_vector_inside_is_refused():
    with pytest.raises(EnvError, match="wrap the rows"):
        wrapped(TimeLimit, AttrDict(cls=PointMassVectorEnv, num_envs=2, env=POINTS), max_steps=3)


def test_a_failure_inside_is_one_outside():
    inner = AttrDict(cls=CounterEnv, trouble="nan", trouble_at=2)
    with wrapped(FrameStack, inner, num_frames=2) as env:
        env.reset()
        action = AttrDict(push=np.zeros((1, 1), np.float32), mode=np.zeros((1, 1), np.int64))
        good, _, _ = env.step(action)
        obs, _, done = env.step(action)
    assert done[0] and env.failed[0] and obs["truncated"].item()
    assert np.array_equal(obs["count"], good["count"])


def test_noise_moves_within_limits_and_is_seeded_apart():
    far = AttrDict(cls=PointMassEnv, initial_obs=[0.5, 0.5], initial_target=[0.9, 0.1])
    ends = []
    for std in (0.0, 0.5):
        with wrapped(ActionNoise, far, noise_std=std) as env:
            env.seed(0)
            env.reset()
            ends.append([env.step(act(1, 0))[0]["ego"][0] for _ in range(8)])
    still, noisy = np.array(ends)
    assert np.allclose(np.diff(still[:, 1]), 0.0, atol=1e-7)
    steps = np.diff(noisy, axis=0)
    assert np.abs(steps).max() <= 0.025 + 1e-6  # still the limit of an action of 1
    assert np.abs(steps[:, 1]).max() > 1e-3
    with wrapped(ActionNoise, far) as env, pytest.raises(SpecError, match="= 2.0"):
        env.reset()
        env.step(act(2, 0))


def test_normalised_actions_reach_the_limits():
    pytest.importorskip("gymnasium")
    inner = AttrDict(cls="muse.envs.simple.gym.GymEnv", env_type="Pendulum-v1")
    with wrapped(NormalisedAction, inner) as env:
        assert env.env_spec.limits("action")[1].item() == 1.0
        env.seed(0)
        env.reset()
        env.step(AttrDict(action=np.array([[-1.0]], np.float32)))
        assert env.inner.gym.unwrapped.last_u == -2.0


def test_a_stack_holds_the_newest_last():
    with wrapped(FrameStack, AttrDict(cls=CounterEnv), num_frames=3) as env:
        obs, _ = env.reset(AttrDict(count=5))
        assert obs["count"].shape == (1, 3, 1) and obs["count"].ravel().tolist() == [5, 5, 5]
        action = AttrDict(push=np.zeros((1, 1), np.float32), mode=np.zeros((1, 1), np.int64))
        env = wrapped(FrameStack, AttrDict(cls=CounterEnv), num_frames=3)
        env.reset()
        seen = [env.step(action)[0]["count"].ravel().tolist() for _ in range(3)]
    assert seen == [[0, 0, 1], [0, 1, 2], [1, 2, 3]]
    with pytest.raises(SpecError, match="egoo"):
        wrapped(FrameStack, names=["egoo"])


def test_the_image_is_the_picture():
    with wrapped(ImageObservation, height=128, width=128, only=True) as env:
        obs, _ = env.reset()
        assert np.array_equal(obs["image"][0], env.render())
        assert env.env_spec.observation_names == ("image",)
    with pytest.raises(EnvError, match="there is a 'ego'"):
        wrapped(ImageObservation, name="ego")


def test_reducing_takes_means():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (12, 9, 3)).astype(np.uint8)
    small = reduced(picture, 4, 3)
    exact = picture.reshape(4, 3, 3, 3, 3).mean(axis=(1, 3))
    assert np.abs(small - exact).max() <= 0.5 + 1e-9
    flat = np.full((50, 70, 3), 77, np.uint8)
    assert (reduced(flat, 13, 96) == 77).all()


def waypoints(offset=0.0, dense=0, **params):
    inner = AttrDict(
        cls=PointMassEnv, target_speed=0.0, initial_obs=[0.2, 0.2], initial_target=[0.5, 0.2]
    )
    policy = AttrDict(cls=WaypointPolicy, offset=offset, dense=dense)
    return make(WaypointEnv, WAYPOINTS & AttrDict(env=inner, policy=policy) & AttrDict(params))


def shift(x, y):
    return AttrDict(delta_waypoint=np.array([[x, y]], np.float32))


def test_a_step_goes_to_the_shifted_waypoint():
    with waypoints(offset=0.1) as env:
        obs, _ = env.reset()
        assert obs["waypoint"][0] == pytest.approx([0.6, 0.3])
        obs, _, done = env.step(shift(0.0, 0.0))
        assert obs["ego"][0] == pytest.approx([0.6, 0.3], abs=1e-3) and not done[0]
        # Shifted back by the offset, the waypoint is the target itself.
        obs, _, done = env.step(shift(-0.1, -0.1))
        assert done[0] and obs["terminated"].item() and env.is_success()[0]
        assert obs["reward"].item() == pytest.approx(0.0, abs=0.011)


def test_missed_waypoints_and_large_shifts_cost():
    far = {"sparse_timeout": 2, "penalize_wp_timeout": 1.0, "penalize_act_norm": 10.0}
    rewards = []
    for params in ({"sparse_timeout": 2}, far):
        with waypoints(**params) as env:
            env.reset()
            obs, _, done = env.step(shift(0.1, 0.0))
            assert obs["ego"][0] == pytest.approx([0.25, 0.2]) and not done[0]
            rewards.append(obs["reward"].item())
    assert rewards[0] - rewards[1] == pytest.approx(1.0 + 10.0 * 0.1 / np.sqrt(2), abs=1e-5)


def test_dense_stretches_belong_to_the_policy():
    with waypoints(dense=3, sparse_timeout=1) as env:
        env.reset()
        obs, _, _ = env.step(shift(0.0, 0.0))
        # One step of 0.025 towards the waypoint, then three of 0.0025 by the policy.
        assert obs["ego"][0] == pytest.approx([0.2 + 0.025 + 3 * 0.0025, 0.2 + 3 * 0.0025])
    with waypoints(dense=3, sparse_timeout=1, policy_timeout=1) as env:
        env.reset()
        obs, _, _ = env.step(shift(0.0, 0.0))
        assert obs["ego"][0] == pytest.approx([0.2 + 0.025 + 0.0025, 0.2025])


def test_ends_of_waypoint_episodes():
    with waypoints(horizon=3) as env:
        env.reset()
        obs, _, done = env.step(shift(0.0, 0.0))
        assert done[0] and obs["truncated"].item() and not obs["terminated"].item()
    with waypoints(offset=5.0, collapse_wp_timeout=2) as env:  # stuck in the corner
        env.reset()
        for _ in range(2):
            obs, _, done = env.step(shift(0.0, 0.0))
        assert not done[0] and obs["ego"][0] == pytest.approx([1.0, 1.0])
    inner = AttrDict(cls=CounterEnv, length=50)
    with pytest.raises((ConfigError, EnvError, ParamError)):
        make(WaypointEnv, WAYPOINTS & AttrDict(env=inner, policy_out_names=["push"])).reset()


def test_actions_can_be_postprocessed():
    with waypoints(
        sparse_timeout=1, online_action_postproc_fn=lambda obs, action: act(0, 1)
    ) as env:
        env.reset()
        obs, _, _ = env.step(shift(0.0, 0.0))
        assert obs["ego"][0] == pytest.approx([0.2, 0.225])
