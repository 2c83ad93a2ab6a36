from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.envs.env import make
from muse.envs.pymunk.move_block_env_2d import MoveBlockEnv2D
from muse.envs.rollout import rollout
from muse.envs.testing import check_env, check_policy
from muse.policies.move_block_expert import MoveBlockExpert
from muse.policies.random_policy import RandomPolicy

STATE_ONLY = AttrDict(disable_images=True)


@pytest.mark.parametrize("params", [AttrDict(), STATE_ONLY, AttrDict(num_blocks=3)])
def test_keeps_the_contract(params: AttrDict) -> None:
    check_env(MoveBlockEnv2D, params, presets=AttrDict(goal_position=[150.0, 150.0]))


def test_observations() -> None:
    with make(MoveBlockEnv2D) as env:
        env.seed(0)
        obs, goal = env.reset()
        assert obs.image.shape == (1, 64, 64, 3) and obs.image.dtype == np.uint8
        assert obs.block_positions.shape == (1, 1, 2) and obs.goal_position.shape == (1, 2)
        assert not list(goal.leaf_keys())


def test_starts_leave_something_to_do_and_room_to_do_it() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env:
        for seed in range(50):
            env.seed(seed)
            obs, _ = env.reset()
            assert np.linalg.norm(obs.block_positions[0, 0] - obs.goal_position[0]) >= 80
            assert (obs.goal_position > 60).all() and (obs.goal_position < 240).all()
            assert not env.is_success()[0]


@pytest.mark.parametrize(("offset", "succeeds"), [(14.0, True), (16.0, False)])
def test_success_is_a_distance(offset: float, succeeds: bool) -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env:
        env.reset(
            AttrDict(
                position=[50, 50],
                block_positions=[[150 + offset, 150]],
                goal_position=[150.0, 150.0],
            )
        )
        obs, _, done = env.step(AttrDict(action=np.zeros((1, 3), np.float32)))
        assert env.is_success()[0] == succeeds
        assert obs.reward[0, 0] == succeeds
        assert done[0] == succeeds and obs.terminated[0, 0] == succeeds


def test_done_on_success_can_be_switched_off() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY & AttrDict(done_on_success=False)) as env:
        goal = [150.0, 150.0]
        env.reset(AttrDict(position=[50, 50], block_positions=[goal], goal_position=goal))
        _, _, done = env.step(AttrDict(action=np.zeros((1, 3), np.float32)))
        assert env.is_success()[0] and not done[0]


def test_goal_and_block_show_in_the_picture() -> None:
    with make(MoveBlockEnv2D) as env:
        preset = AttrDict(
            position=[50.0, 250.0], block_positions=[[75.0, 75.0]], goal_position=[225.0, 75.0]
        )
        image = env.reset(preset)[0].image[0].astype(int)
        # y points up: low blocks are in low rows, that is at the bottom of the picture.
        block, goal, agent = image[48, 16], image[48, 48], image[10, 10]
        assert block[0] > 180 and block[1] < 100
        assert goal[1] > 200 and goal[0] < 180
        assert agent[2] > 180 and agent[0] < 100


def test_save_and_restore_keep_the_goal() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env, make(MoveBlockEnv2D, STATE_ONLY) as other:
        env.seed(4)
        before, _ = env.reset()
        after = other.restore_state(env.save_state())
        for name in env.env_spec.observation_names:
            np.testing.assert_array_equal(before[name], after[name])


def test_expert_solves_the_task() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env:
        expert = MoveBlockExpert(AttrDict(), env.env_spec)
        check_policy(expert, env)
        episodes = rollout(env, expert, seeds=range(200))
        assert np.mean([episode.success for episode in episodes]) >= 0.95


def test_noisy_expert_is_seeded_and_still_solves_it() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env:
        expert = MoveBlockExpert(AttrDict(noise_std=10.0), env.env_spec)
        check_policy(expert, env)
        episodes = rollout(env, expert, seeds=range(40))
        assert np.mean([episode.success for episode in episodes]) >= 0.9


def test_random_actions_do_not_solve_it() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env:
        policy = RandomPolicy(AttrDict(), env.env_spec)
        episodes = rollout(env, policy, seeds=range(40))
        assert np.mean([episode.success for episode in episodes]) <= 0.1


def test_expert_treats_rows_alike() -> None:
    with make(MoveBlockEnv2D, STATE_ONLY) as env:
        expert = MoveBlockExpert(AttrDict(noise_std=5.0), env.env_spec)
        rows = []
        for seed in range(4):
            env.seed(seed)
            rows.append(env.reset()[0] > env.env_spec.observation_names)
        batch = AttrDict.leaf_combine_and_apply(rows, np.concatenate)
        memory = expert.initial_memory(None, 4, seeds=range(4))
        together, _ = expert.get_action(None, batch, AttrDict(), memory)
        for seed, row in enumerate(rows):
            alone = expert.initial_memory(None, 1, seeds=[seed])
            action, _ = expert.get_action(None, row, AttrDict(), alone)
            np.testing.assert_array_equal(action.action[0], together.action[seed])
