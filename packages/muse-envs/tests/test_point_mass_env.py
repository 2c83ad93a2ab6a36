"""PointMassEnv: the contract, the dynamics, the repaired bugs, and its expert."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.catalogue.simple import ENTRIES
from muse.envs.env import make
from muse.envs.rollout import rollout, summarize
from muse.envs.simple.point_mass_dynamics import first_hit, flee_heading, move
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.testing import EnvContract, check_env, check_policy
from muse.policies.point_mass_expert import PointMassExpert
from muse.policies.random_policy import RandomPolicy

unit = st.floats(0.0, 1.0, width=32)
points = st.tuples(unit, unit).map(lambda p: np.array([p]))


def act(x, y):
    return AttrDict(action=np.array([[x, y]], np.float32))


class TestContract(EnvContract):
    def make_env(self):
        return make(PointMassEnv, AttrDict(num_obstacles=2))


@pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_keeps_the_contract(entry, image):
    with make(entry.group(image)) as env:
        check_env(env, steps=1000, presets=entry.presets)


def test_the_image_is_the_picture_of_what_is_observed():
    with make(PointMassEnv, AttrDict(image_obs=True, image_size=32, num_obstacles=1)) as env:
        env.seed(0)
        obs, _ = env.reset()
        seen = [obs, env.step(act(1, 1))[0]]
        assert np.array_equal(seen[1]["image"][0], env.render())
        state = env.save_state()
        env.step(act(1, 1))
        assert np.array_equal(env.restore_state(state)["image"], seen[1]["image"])
    assert not np.array_equal(seen[0]["image"], seen[1]["image"])
    assert seen[0]["image"].shape == (1, 32, 32, 3)


def test_presets_are_honoured():
    presets = AttrDict(ego=[0.1, 0.2], target=np.array([[0.9, 0.8]]))
    presets["objects/position"] = [[0.5, 0.5]]
    presets["objects/size"] = [0.1]
    check_env(PointMassEnv, AttrDict(num_obstacles=1), presets=presets)
    with pytest.raises(EnvError, match="preset ego"):
        make(PointMassEnv).reset(AttrDict(ego=[0.1, 0.2, 0.3, 0.4]))


def test_zero_action_stays_and_is_finite():
    env = make(PointMassEnv, AttrDict(target_speed=1.0, theta_noise_std=0.3))
    before, _ = env.reset()
    for _ in range(20):
        obs, _, _ = env.step(act(0, 0))
        assert np.isfinite(obs["target"]).all()
        assert np.array_equal(obs["ego"], before["ego"])


def test_initial_arrays_stay_as_they_were():
    start, target, circles = np.array([0.1, 0.1]), np.array([0.8, 0.8]), np.array([[0.5, 0.2]])
    params = AttrDict(
        initial_obs=start,
        initial_target=target,
        initial_obstacle_positions=circles,
        num_obstacles=1,
        target_speed=1.0,
    )
    env = make(PointMassEnv, params)
    for _ in range(2):
        obs, _ = env.reset()
        assert np.allclose(obs["ego"], 0.1) and np.allclose(obs["target"], 0.8)
        for _ in range(5):
            env.step(act(1, 1))
    assert start.tolist() == [0.1, 0.1] and target.tolist() == [0.8, 0.8]
    assert circles.tolist() == [[0.5, 0.2]]


def test_a_step_moves_by_the_speed_and_stops_at_walls():
    env = make(PointMassEnv, AttrDict(target_speed=0.0))
    env.reset(AttrDict(ego=[0.5, 0.99], target=[0.1, 0.1]))
    obs, _, _ = env.step(act(1, 1))
    assert np.allclose(obs["ego"], [[0.525, 1.0]])


@pytest.mark.parametrize("sparse", [True, False])
def test_reaching_ends_with_success(sparse):
    env = make(PointMassEnv, AttrDict(sparse_reward=sparse))
    env.reset(AttrDict(ego=[0.5, 0.5], target=[0.525, 0.5]))
    obs, _, done = env.step(act(1, 0))
    assert done[0] and obs["terminated"].item() and not obs["truncated"].item()
    assert env.is_success()[0] and env.score()[0] == 1.0
    assert obs["reward"].item() == (1.0 if sparse else pytest.approx(0.0, abs=1e-6))


def test_an_obstacle_ends_the_sparse_task_and_only_blocks_the_dense_one():
    presets = AttrDict(ego=[0.43, 0.5], target=[0.9, 0.9])
    presets["objects/position"] = [[0.5, 0.5]]
    for sparse in (True, False):
        env = make(PointMassEnv, AttrDict(num_obstacles=1, sparse_reward=sparse))
        env.reset(presets)
        obs, _, done = env.step(act(1, 0))
        assert obs["ego"][0] == pytest.approx([0.43 + 0.9 * 0.02, 0.5], abs=1e-6)
        assert done[0] == obs["terminated"].item() == sparse
        assert obs["reward"].item() < 0 and not env.is_success()[0]


def test_time_limit_truncates():
    env = make(PointMassEnv, AttrDict(num_steps=3))
    env.reset(AttrDict(ego=[0.1, 0.1], target=[0.9, 0.9]))
    flags = [env.step(act(0, 0))[0] for _ in range(3)]
    assert [f["truncated"].item() for f in flags] == [False, False, True]


def test_the_picture_shows_things_where_they_are():
    env = make(PointMassEnv, AttrDict(num_obstacles=1, image_size=100))
    presets = AttrDict(ego=[0.25, 0.75], target=[0.75, 0.25])
    presets["objects/position"] = [[0.75, 0.75]]
    env.reset(presets)
    picture = env.render()
    assert picture.shape == (100, 100, 3)
    assert tuple(picture[25, 25]) == (31, 119, 180)  # ego: left, and up is up
    assert tuple(picture[75, 75]) == (44, 160, 44)
    assert tuple(picture[25, 75]) == (127, 127, 127)
    assert tuple(picture[50, 50]) == (255, 255, 255)
    edge = picture[25, 69:72, 0]  # the circle's left edge is smoothed
    assert (np.diff(edge.astype(int)) <= 0).all()


def test_bad_parameters():
    for bad in (
        AttrDict(initial_obs=[1.0]),
        AttrDict(num_obstacles=2, obstacle_radii=[0.1]),
        AttrDict(obstacle_bounds=[0.9, 0.1]),
    ):
        with pytest.raises(EnvError, match="PointMassEnv: "):
            make(PointMassEnv, bad)
    with pytest.raises(EnvError, match="no room"):
        make(PointMassEnv, AttrDict(num_obstacles=1, obstacle_radii=[2.0])).reset()


class Hands:
    """A person who holds some keys and points somewhere with the button down."""

    def __init__(self, keys=(), pointer=None):
        self.keys, self.pointer, self.polls = keys, pointer, 0

    def poll(self):
        self.polls += 1

    def is_down(self, key):
        return key in self.keys

    def is_button_down(self, button=1):
        return self.pointer is not None and button == 1


def test_a_person_can_steer():
    with make(PointMassEnv, AttrDict(ego_speed=0.1)) as env:
        obs, goal = env.reset(AttrDict(ego=[0.5, 0.5], target=[0.1, 0.9]))
        memory = AttrDict(count=np.zeros(1, np.int64), seed=np.zeros(1, np.int64))
        for hands, expected in (
            (Hands(["left", "up"]), [-1, 1]),
            (Hands(["left", "right"]), [0, 0]),
            (Hands(pointer=(0.53, 0.5)), [0.3, 0]),
            (Hands(pointer=(0.5, 1.0)), [0, -1]),
        ):
            forward = env.get_default_teleop_model_forward_fn(hands)
            action, after = forward(None, obs, goal, memory)
            assert action["action"][0] == pytest.approx(expected, abs=1e-6)
            assert (after["count"].tolist(), hands.polls) == ([1], 1)
        env.step(action)


@given(points, points, points, st.floats(0.01, 0.3))
def test_a_move_never_enters_a_circle_or_leaves_the_square(start, aim, centre, radius):
    centres, radii = centre[None], np.array([[radius]])
    if np.linalg.norm(start - centre) <= radius:
        return
    end, _ = move(start, aim - start, centres, radii)
    assert ((end >= 0.0) & (end <= 1.0)).all()
    for t in np.linspace(0, 1, 20):
        assert np.linalg.norm(start + t * (end - start) - centre) >= radius - 1e-9


@given(points, points, points, st.floats(0.01, 0.3))
def test_first_hit_lies_on_the_circle(start, aim, centre, radius):
    way = aim - start
    t = first_hit(start, way, centre[None], np.array([[radius]]))[0]
    if np.isfinite(t) and t > 0.0:
        assert np.linalg.norm(start + t * way - centre) == pytest.approx(radius, abs=1e-5)


def test_the_target_flees_as_often_as_stated():
    n = 20_000
    rng = np.random.default_rng(0)
    east = np.tile([[1.0, 0.0]], (n, 1))
    for line, expected in ((east, 0.8), (-east, 0.1)):
        heading = flee_heading(np.zeros((n, 2)), line, east, rng.random(n), rng.random(n))
        assert (heading == east).all(axis=1).mean() == pytest.approx(expected, abs=0.02)
        assert np.allclose(np.linalg.norm(heading, axis=1), 1.0)


@pytest.mark.parametrize(
    "params",
    [
        AttrDict(),
        AttrDict(sparse_reward=True, num_obstacles=3),
        AttrDict(target_speed=1.0),
        AttrDict(noise_std=0.003, theta_noise_std=0.1, num_obstacles=2, sparse_reward=True),
    ],
)
def test_the_expert_succeeds_and_chance_does_not(params):
    with make(PointMassEnv, params) as env:
        expert = PointMassExpert(None, env.env_spec)
        check_policy(expert, env)
        assert summarize(rollout(env, expert, seeds=range(50))).rate >= 0.9
        chance = rollout(env, RandomPolicy(None, env.env_spec), seeds=range(20))
        assert summarize(chance).rate <= 0.2
