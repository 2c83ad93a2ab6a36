"""What every environment of the two-dimensional family keeps, with and without images."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.params import import_object
from muse.envs.catalogue.pymunk import ENTRIES
from muse.envs.env import Env, make
from muse.envs.pymunk.block_observers import OBSERVERS
from muse.envs.rollout import rollout
from muse.envs.teleop.user_input import UserInput
from muse.envs.testing import check_env, check_policy
from muse.policies.random_policy import RandomPolicy

STATE_AND_IMAGE = pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
#: Episodes of each expert here; the page of the family tells its rate over 50.
EXPERT_SEEDS = range(8)


class Keys(UserInput):
    """Keys held down, and where the mouse is."""

    def __init__(self, *keys: str, pointer: tuple[float, float] | None = None) -> None:
        self._keys, self._pointer = keys, pointer

    def poll(self) -> None:
        pass

    def is_down(self, key: str) -> bool:
        return key in self._keys

    def was_pressed(self, key: str) -> bool:
        return key in self._keys

    @property
    def pointer(self) -> tuple[float, float] | None:
        return self._pointer

    def is_button_down(self, button: int = 1) -> bool:
        return button == 1 and self._pointer is not None


def step_randomly(env: Env, steps: int, seed: int = 0) -> list[AttrDict]:
    """Take random steps, beginning anew where an episode ends; return the observations."""
    policy = RandomPolicy(AttrDict(), env.env_spec)
    env.seed(seed)
    obs, goal = env.reset()
    memory = policy.initial_memory(None, 1, seeds=[seed])
    seen = [obs]
    for _ in range(steps):
        action, memory = policy.get_action(None, obs, goal, memory)
        obs, goal, done = env.step(action)
        seen.append(obs)
        if done[0]:
            obs, goal = env.reset()
    return seen


@EACH
@STATE_AND_IMAGE
def test_a_thousand_random_steps_keep_the_contract(entry, image: bool) -> None:
    with make(entry.group(image)) as env:
        check_env(env, steps=1000, presets=entry.presets)


@EACH
def test_a_restored_state_goes_on_bit_for_bit(entry) -> None:
    with make(entry.group()) as env, make(entry.group()) as other:
        step_randomly(env, 40, seed=3)
        state = env.save_state()
        assert all(isinstance(leaf, np.ndarray) for _, leaf in state.leaf_items())
        other.restore_state(state)
        policy = RandomPolicy(AttrDict(), env.env_spec)
        memory = policy.initial_memory(None, 1, seeds=[9])
        for _ in range(20):
            action, memory = policy.get_action(None, AttrDict(), AttrDict(), memory)
            ours, theirs = env.step(action)[0], other.step(action)[0]
            for name, value in ours.leaf_items():
                np.testing.assert_array_equal(value, theirs[name], err_msg=name)


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.expert], ids=[e.name for e in ENTRIES if e.expert]
)
def test_the_expert_solves_it_and_random_actions_do_not(entry) -> None:
    with make(entry.group()) as env:
        expert = import_object(entry.expert)(AttrDict(entry.expert_params), env.env_spec)
        check_policy(expert, env)
        episodes = rollout(env, expert, seeds=EXPERT_SEEDS)
        assert np.mean([episode.success for episode in episodes]) >= 0.85
        assert all(e.score == 1.0 for e in episodes if e.success)
        luck = rollout(env, RandomPolicy(AttrDict(), env.env_spec), seeds=range(2), max_steps=200)
        assert not any(episode.success for episode in luck)


@EACH
def test_the_expert_treats_rows_alike(entry) -> None:
    with make(entry.group()) as env:
        expert = import_object(entry.expert)(AttrDict(entry.expert_params), env.env_spec)
        rows = []
        for seed in range(3):
            env.seed(seed)
            rows.append(env.reset()[0])
        batch = AttrDict.leaf_combine_and_apply(rows, np.concatenate)
        memory = expert.initial_memory(None, 3, seeds=range(3))
        together, _ = expert.get_action(None, batch, AttrDict(), memory)
        for seed, row in enumerate(rows):
            alone = expert.initial_memory(None, 1, seeds=[seed])
            action, _ = expert.get_action(None, row, AttrDict(), alone)
            np.testing.assert_array_equal(action.action[0], together.action[seed])


@pytest.mark.parametrize("entry", ENTRIES[:-1], ids=[entry.name for entry in ENTRIES[:-1]])
def test_every_observation_can_be_asked_for(entry) -> None:
    names = [name for name in OBSERVERS if name != "maze"]
    group = entry.group(observation_names=[*names, "maze"])
    check_env(group["cls"], group.copy() > [k for k in group if k != "cls"], steps=20)


@pytest.mark.parametrize("entry", ENTRIES[:-1], ids=[entry.name for entry in ENTRIES[:-1]])
def test_the_layout_starts_the_same_episode_again(entry) -> None:
    with make(entry.group(image=True)) as env:
        env.seed(5)
        first, _ = env.reset()
        layout = env.layout
        env.seed(6)
        env.reset()
        again, _ = env.reset(layout)
        for name, value in first.leaf_items():
            np.testing.assert_array_equal(value, again[name], err_msg=name)


@EACH
def test_keys_and_mouse_move_the_agent(entry) -> None:
    name = "agent_pos" if entry.name == "push-t" else "position"
    with make(entry.group()) as env:
        for device, way in ((Keys("l"), 1.0), (Keys("j"), -1.0), (Keys(), 0.0)):
            env.seed(1)
            obs, _ = env.reset()
            start = obs[name][0, 0]
            for _ in range(2):
                obs = env.step(env.teleop_action(device, obs))[0]
            moved = obs[name][0, 0] - start
            assert np.sign(np.round(moved, 1)) == way
        pointed = env.teleop_action(Keys(pointer=(0.5, 0.5)), obs).action[0, :2]
        assert np.isfinite(pointed).all()


@EACH
def test_a_broken_simulation_ends_the_episode(entry) -> None:
    with make(entry.group()) as env:
        env.seed(0)
        before, _ = env.reset()
        body = env.world.block if entry.name == "push-t" else env.world.agent
        body.position = (float("nan"), 0.0)
        low, high = env.env_spec.limits("action")
        action = ((low + high) / 2)[None].astype(np.float32)
        obs, _, done = env.step(AttrDict(action=action))
        assert done[0] and env.failed[0] and obs.truncated[0, 0]
        for name in env.env_spec.observation_names:
            np.testing.assert_array_equal(obs[name], before[name])
