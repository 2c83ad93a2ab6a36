"""GymEnv on real gymnasium environments of every kind of space."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MissingExtraError, ParamError, SpecError
from muse.envs.catalogue.gym import ENTRIES
from muse.envs.env import make
from muse.envs.rollout import rollout
from muse.envs.simple.gym import GymEnv
from muse.envs.simple.gym_spaces import leaves, restore
from muse.envs.simple.gym_teleop import GymTeleop
from muse.envs.testing import check_env
from muse.policies.random_policy import RandomPolicy

gymnasium = pytest.importorskip("gymnasium")
from gymnasium import spaces  # noqa: E402

IDS = [
    "CartPole-v1",
    "Pendulum-v1",
    "Acrobot-v1",
    "MountainCar-v0",
    "MountainCarContinuous-v0",
    "FrozenLake-v1",
    "Blackjack-v1",
    "Taxi-v4",
    "CliffWalking-v1",
]


@pytest.fixture(autouse=True)
def headless(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.mark.parametrize("env_type", IDS)
def test_contract(env_type):
    if env_type not in gymnasium.registry:
        pytest.skip(f"this gymnasium has no {env_type}")
    check_env(GymEnv, AttrDict(env_type=env_type), render=False)


@pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_keeps_the_contract(entry, image):
    with make(entry.group(image)) as env:
        check_env(env, steps=1000)


@pytest.mark.parametrize("env_type", ["CartPole-v1", "FrozenLake-v1"])
def test_pictures(env_type):
    pytest.importorskip("pygame")
    with make(GymEnv, AttrDict(env_type=env_type, pixels=True)) as env:
        env.seed(0)
        obs, _ = env.reset()
        assert obs["image"].shape == (1, *env.env_spec.shape("image"))
        assert obs["image"].dtype == np.uint8 and obs["image"].std() > 0
        assert np.array_equal(env.render(), obs["image"][0])


def test_the_same_numbers_as_gymnasium():
    raw = gymnasium.make("CartPole-v1")
    with make(GymEnv, AttrDict(env_type="CartPole-v1")) as env:
        expected, _ = raw.reset(seed=11)
        env.seed(11)
        obs, goal = env.reset()
        assert np.array_equal(obs["obs"][0], expected) and goal.is_empty()
        done = np.array([False])
        while not done[0]:
            expected, reward, terminated, truncated, _ = raw.step(1)
            obs, _, done = env.step(AttrDict(action=np.array([[1]])))
            assert np.array_equal(obs["obs"][0], expected)
            assert obs["reward"].item() == reward
            assert obs["terminated"].item() == terminated
            assert obs["truncated"].item() == truncated
    raw.close()


def test_truncation_is_told_apart():
    with make(GymEnv, AttrDict(env_type="Pendulum-v1")) as env:
        (e,) = rollout(env, RandomPolicy(None, env.env_spec), seeds=[0])
    assert (e.length, e.terminated, e.truncated) == (200, False, True)
    params = AttrDict(env_type="CartPole-v1", env_kwargs=AttrDict(max_episode_steps=3))
    with make(GymEnv, params) as env:
        (e,) = rollout(env, RandomPolicy(None, env.env_spec), seeds=[0])
    assert (e.length, e.terminated, e.truncated) == (3, False, True)


def test_success_is_judged_at_the_end():
    # Every Acrobot step costs 1: early on the return is above the threshold of -100.
    with make(GymEnv, AttrDict(env_type="Acrobot-v1")) as env:
        (e,) = rollout(env, RandomPolicy(None, env.env_spec), seeds=[0], max_steps=10)
    assert not e.success and e.score == e.total_reward == -10.0
    with make(GymEnv, AttrDict(env_type="CartPole-v1", success_return=5.0)) as env:
        (e,) = rollout(env, RandomPolicy(None, env.env_spec), seeds=[0])
    assert e.success and "at least 5" in env.success_rule


def test_presets_are_reset_options():
    with make(GymEnv, AttrDict(env_type="Pendulum-v1")) as env:
        env.seed(0)
        obs, _ = env.reset(AttrDict(x_init=1e-6, y_init=1e-6))
        assert obs["obs"][0, 0] == pytest.approx(1.0, abs=1e-4)


def test_kwargs_reach_gymnasium():
    params = AttrDict(env_type="FrozenLake-v1", env_kwargs=AttrDict(map_name="8x8"))
    with make(GymEnv, params) as env:
        assert env.env_spec.limits("obs")[1].item() == 63


def test_bad_action_and_bad_names():
    with make(GymEnv, AttrDict(env_type="CartPole-v1")) as env:
        env.reset()
        with pytest.raises(SpecError, match=r"= 2 is outside its limits \[0.*, 1"):
            env.step(AttrDict(action=np.array([[2]])))
    with pytest.raises(EnvError, match="CartPol.*Did you mean"):
        make(GymEnv, AttrDict(env_type="CartPol-v1"))
    with pytest.raises(EnvError, match="nope"):
        make(GymEnv, AttrDict(env_type="CartPole-v1", env_kwargs=AttrDict(nope=1)))
    with pytest.raises(ParamError, match="env_type"):
        make(GymEnv, AttrDict(env_typ="CartPole-v1"))


def test_missing_gymnasium_names_the_extra(monkeypatch):
    real = builtins.__import__

    def without_gymnasium(name, *args, **kwargs):
        if name.split(".")[0] == "gymnasium":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_gymnasium)
    with pytest.raises(MissingExtraError, match=r"pip install 'muse-envs\[gym\]'"):
        make(GymEnv)


class Talkative(gymnasium.Env):
    """Says something in its info: `grades` and `nested/flag` in steps, `start` at resets, too."""

    observation_space = spaces.Box(0.0, 1.0, (1,))
    action_space = spaces.Discrete(2)

    def __init__(self, silent_at=100, nan_at=100):
        self._silent_at, self._nan_at = silent_at, nan_at

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._count = 0
        return np.zeros(1, np.float32), {"start": 7, "name": "a word"}

    def step(self, action):
        self._count += 1
        grades = np.full(2, np.nan if self._count >= self._nan_at else self._count, np.float32)
        info = {"start": 7, "nested": {"flag": bool(action)}, "name": "a word"}
        if self._count < self._silent_at:
            info["grades"] = grades
        return np.zeros(1, np.float32), 0.0, False, self._count == 20, info


gymnasium.register("muse-test/Talkative-v0", entry_point=Talkative)


def talkative(names, **kwargs):
    params = AttrDict(env_type="muse-test/Talkative-v0", info_names=names)
    return make(GymEnv, params & AttrDict(env_kwargs=AttrDict(kwargs)))


def test_info_can_be_observed():
    names = ["grades", "nested/flag", "start"]
    check_env(talkative(names), steps=60, render=False)
    with talkative(names) as env:
        assert env.env_spec.observation_names == ("obs", *(f"info/{name}" for name in names))
        obs, _ = env.reset()
        assert obs["info/grades"].tolist() == [[0.0, 0.0]] and obs["info/start"].item() == 7
        obs, _, _ = env.step(AttrDict(action=np.array([[1]])))
        assert obs["info/grades"].tolist() == [[1.0, 1.0]]
        assert obs["info/nested/flag"].dtype == bool and obs["info/nested/flag"].item()


def test_info_that_is_not_there_is_named():
    with pytest.raises(EnvError, match=r"Talkative-v0 gives no 'grade', only \['grades', 'name'"):
        talkative(["grade"])
    with pytest.raises(EnvError, match="'name' is a str; only numbers"):
        talkative(["name"])
    with pytest.raises(EnvError, match="gives no 'x': its info is empty"):
        make(GymEnv, AttrDict(env_type="CartPole-v1", info_names=["x"]))
    with talkative(["grades"], silent_at=2) as env:
        env.reset()
        env.step(AttrDict(action=np.array([[1]])))
        with pytest.raises(EnvError, match="a step gave no 'grades'"):
            env.step(AttrDict(action=np.array([[1]])))


def test_info_that_is_no_number_ends_the_episode():
    with talkative(["grades"], nan_at=2) as env:
        env.reset()
        env.step(AttrDict(action=np.array([[1]])))
        obs, _, done = env.step(AttrDict(action=np.array([[1]])))
    assert done[0] and env.failed[0] and obs["info/grades"].tolist() == [[1.0, 1.0]]


SPACE = spaces.Dict(
    {
        "arm": spaces.Tuple((spaces.Box(-np.inf, np.inf, (2, 3)), spaces.Discrete(4, start=-1))),
        "flags": spaces.MultiBinary(3),
        "grid": spaces.MultiDiscrete([3, 5]),
        "scalar": spaces.Box(0.0, 1.0, ()),
    }
)


def test_nested_spaces_there_and_back():
    parts = list(leaves(SPACE, "action"))
    names = [p.name for p in parts]
    assert names == [
        "action/arm/0",
        "action/arm/1",
        "action/flags",
        "action/grid",
        "action/scalar",
    ]
    assert [p.row()[2] for p in parts] == [
        (-np.inf, np.inf),
        (-1, 2),
        (0, 1),
        (0, [2, 4]),
        (0.0, 1.0),
    ]
    SPACE.seed(0)
    for _ in range(20):
        value = SPACE.sample()
        batch = AttrDict((p.name, p.read(value)) for p in parts)
        assert all(batch[p.name].shape == (1, *p.shape) for p in parts)
        again = restore(SPACE, parts, batch)
        assert SPACE.contains({**again, "scalar": np.asarray(again["scalar"], np.float32)})
        assert again["arm"][1] == value["arm"][1]
        assert np.array_equal(again["arm"][0], value["arm"][0])
        assert np.array_equal(again["grid"], value["grid"])


def test_spaces_without_a_shape_are_refused():
    with pytest.raises(EnvError, match="Text"):
        list(leaves(spaces.Text(5), "obs"))


class Keys:
    """A person at the keyboard: keys held, of which some went down just now."""

    def __init__(self, held="", pressed=""):
        self._pressed = pressed.split()
        self._held = [*held.split(), *self._pressed]

    def poll(self):
        pass

    def is_down(self, key):
        return key in self._held

    def was_pressed(self, key):
        return key in self._pressed


def asked(space, *moments, labels=None):
    """What a person's moments at the keys of `space` ask for, as flat lists."""
    teleop = GymTeleop(list(leaves(space, "action")), labels)
    actions = [teleop.action(keys) for keys in moments]
    values = [restore(space, list(leaves(space, "action")), action) for action in actions]
    assert all(space.contains(value) for value in values)
    return [
        np.concatenate([a.ravel() for a in action.leaf_values()]).tolist() for action in actions
    ]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_person_can_drive_every_entry(entry):
    with make(entry.group()) as env:
        assert set(env.teleop_keys) == {"left", "right"}
        env.seed(0)
        obs, _ = env.reset()
        moved = {}
        for key in env.teleop_keys:
            action = env.teleop_action(Keys(key), obs)
            moved[key] = float(action["action"][0, 0])
            obs = env.step(action)[0]
        assert moved["left"] < moved["right"]
        pictured = " ".join(env.teleop_keys.values())
        assert "action" not in pictured  # a name says more than a number


def test_few_choices_have_arrows_and_more_have_digits():
    two = [Keys("right"), Keys(), Keys("left"), Keys()]
    assert asked(spaces.Discrete(2), *two) == [[1], [1], [0], [0]]
    assert asked(spaces.Discrete(3, start=-1), *two) == [[1], [0], [-1], [0]]
    four = [Keys(), Keys(pressed="3"), Keys(), Keys(pressed="9")]
    assert asked(spaces.Discrete(4), *four) == [[0], [3], [3], [3]]
    teleop = GymTeleop(list(leaves(spaces.Discrete(4), "action")), ["left", "down", "right", "up"])
    assert teleop.keys == {"0": "left", "1": "down", "2": "right", "3": "up"}


def test_one_or_two_numbers_are_pushed_to_their_limits():
    box = spaces.Box(np.float32([-2.0, 0.5]), np.float32([3.0, np.inf]))
    moments = [Keys(), Keys("left up"), Keys("right down"), Keys("left right")]
    assert asked(box, *moments) == [[0.0, 0.5], [-2.0, 1.0], [3.0, 0.5], [0.0, 0.5]]
    keys = GymTeleop(list(leaves(box, "action")), ["turn", "lift"]).keys
    assert keys == {"left": "turn -2", "right": "turn 3", "down": "lift 0.5", "up": "lift 1"}


def test_many_numbers_are_selected_first():
    box = spaces.Box(-1.0, 1.0, (4,))
    moments = [Keys("up"), Keys("up", "right"), Keys("down", "3"), Keys("up", "right")]
    assert asked(box, *moments) == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, -1], [1, 0, 0, 0]]
    grid = spaces.MultiDiscrete([3, 5])
    steps = [Keys(pressed="up"), Keys("up"), Keys(pressed="1 up"), Keys(pressed="down")]
    assert asked(grid, *steps) == [[1, 0], [1, 0], [1, 1], [1, 0]]
    # Every part of a nested space can be reached, and what comes out is in the space.
    everything = [Keys(pressed="right up") for _ in range(14)]
    last = asked(SPACE["arm"], *everything)[-1]
    assert len(last) == 7 and last[-1] > -1


def test_labels_must_fit_the_action():
    with pytest.raises(EnvError, match=r"action_labels=\['left'\] are 1 names, expected 2"):
        make(GymEnv, AttrDict(env_type="CartPole-v1", action_labels=["left"]))
