"""The measures of play, exercised end to end by the scripted play."""

from __future__ import annotations

import math

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.core.policy import Policy
from muse.envs.env import Env, make
from muse.envs.pymunk.stack_block_env_2d import StackBlockEnv2D
from muse.envs.pymunk.success_functions import pname_to_success
from muse.envs.testing import check_policy
from muse.policies.block_play_policy import BlockPlayPolicy
from muse.policies.random_policy import RandomPolicy

PRIMITIVES = tuple(pname_to_success)
LAYOUT = AttrDict(
    block_sizes=[[40.0, 80.0]],
    block_positions=[[230.0, 40.0]],
    position=[220.0, 300.0],
    goal_position=[50.0, 190.0],
)
#: Which way a primitive moves or turns the block; None where both will do.
LEFTWARDS = ("push_left", "pull_back_move_left", "right_side_rotate")
RIGHTWARDS = ("push_right", "pull_back_move_right", "left_side_rotate")


@pytest.fixture(scope="module")
def env() -> Env:
    with make(StackBlockEnv2D, AttrDict(disable_images=True, done_on_success=False)) as made:
        yield made


def play(
    env: Env, policy: Policy, steps: int = 400, layout: AttrDict | None = LAYOUT, seed: int = 0
) -> AttrDict:
    """Return `block_positions` (T, 1, 2) and `block_angles` (T, 1) of an episode."""
    env.seed(seed)
    obs, goal = env.reset(layout)
    memory = policy.initial_memory(None, 1, seeds=[seed])
    frames = [obs]
    for _ in range(steps):
        action, memory = policy.get_action(None, obs, goal, memory)
        obs, goal, _ = env.step(action)
        frames.append(obs)
        if policy.is_terminated(None, obs, goal, memory)[0]:
            break
    names = ("block_positions", "block_angles")
    return AttrDict((name, np.concatenate([f[name] for f in frames])) for name in names)


def last(episode: AttrDict) -> AttrDict:
    return episode.leaf_apply(lambda leaf: leaf[-1])


@pytest.mark.parametrize("name", PRIMITIVES)
def test_scripted_play_does_what_it_is_called(env: Env, name: str) -> None:
    policy = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec)
    episode = play(env, policy)
    score = pname_to_success[name](episode, last(episode))
    # The primitive changed what its measure looks at, and measured at its own end it succeeds.
    assert score.initial < 0.5 and score.best == score.final == 1.0 and score.success
    ((x, y),) = episode.block_positions[-1] - episode.block_positions[0]
    turned = math.degrees(episode.block_angles[-1, 0] - episode.block_angles[0, 0])
    assert x < -15 or name not in LEFTWARDS
    assert x > 15 or name not in RIGHTWARDS
    assert y > 15 or name != "pull_back_move_up"
    if name in ("rotate_left", "right_side_rotate"):
        assert turned == pytest.approx(90, abs=10)
    if name in ("rotate_right", "left_side_rotate"):
        assert turned == pytest.approx(-90, abs=10)
    assert abs(turned) == pytest.approx(90, abs=10) or name != "tip"


#: On the left shelf, 5 px from the border: the agent fits on the right side of the block only.
CORNERED = AttrDict(LAYOUT, block_sizes=[[60.0, 60.0]], block_positions=[[35.0, 182.0]])


def test_a_start_without_room_is_left_alone(env: Env) -> None:
    env.seed(0)
    start, goal = env.reset(CORNERED)
    (possible,) = BlockPlayPolicy(None, env.env_spec).possible(start)
    assert "pull_back_move_up" in possible and "rotate_left" in possible
    # There is no room to its left: neither for the agent nor for the block.
    assert not {"push_left", "push_right", "pull_back_move_left", "rotate_right"} & {*possible}
    for name in ("push_left", "rotate_right"):
        policy = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec)
        memory = policy.initial_memory(None, 1, seeds=[0])
        action, memory = policy.get_action(None, start, goal, memory)
        assert policy.is_terminated(None, start, goal, memory)[0]
        assert not action.action.any()


def test_rows_are_played_apart(env: Env) -> None:
    policy = BlockPlayPolicy(AttrDict(primitive=None), env.env_spec)
    check_policy(policy, env)
    rows = []
    for seed in range(3):
        env.seed(seed)
        rows.append(env.reset()[0])
    batch = AttrDict.leaf_combine_and_apply(rows, np.concatenate)
    memory = policy.initial_memory(None, 3, seeds=range(3))
    together, _ = policy.get_action(None, batch, AttrDict(), memory)
    for seed, row in enumerate(rows):
        alone = policy.initial_memory(None, 1, seeds=[seed])
        action, _ = policy.get_action(None, row, AttrDict(), alone)
        np.testing.assert_array_equal(action.action[0], together.action[seed])


def test_without_a_name_it_does_what_is_possible(env: Env) -> None:
    policy = BlockPlayPolicy(AttrDict(primitive=None), env.env_spec)
    done = set()
    for seed in range(4):
        episode = play(env, policy, layout=CORNERED, seed=seed)
        moved = np.abs(episode.block_positions[-1] - episode.block_positions[0]).max()
        turned = np.abs(episode.block_angles[-1] - episode.block_angles[0]).max()
        assert moved > 15.0 or turned > 1.0
        done.add(tuple(np.round(episode.block_positions[-1, 0])))
    assert len(done) > 1  # drawn anew in each episode


@pytest.mark.parametrize("name", PRIMITIVES)
def test_what_is_possible_succeeds_from_any_start(env: Env, name: str) -> None:
    policy, tried = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec), 0
    for seed in range(12):
        episode = play(env, policy, layout=None, seed=seed)
        if len(episode.block_angles) <= 2:  # finished at once
            continue
        score = pname_to_success[name](episode, last(episode))
        assert score.initial < 0.5 and score.success, seed
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize("name", PRIMITIVES)
def test_doing_something_else_is_no_success(env: Env, name: str) -> None:
    policy = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec)
    goal = last(play(env, policy))
    still = play(env, RandomPolicy(AttrDict(), env.env_spec), steps=5)
    assert not pname_to_success[name](still, goal).success


@pytest.mark.parametrize(("name", "weight"), [("push_left", 0.75), ("tip", 0.25)])
def test_the_score_weighs_place_and_angle(name: str, weight: float) -> None:
    goal = AttrDict(block_positions=np.zeros((2, 2)), block_angles=np.zeros(2))

    def score(shift: float, turn: float) -> float:
        frame = AttrDict(
            block_positions=np.array([[[shift, 0.0], [0.0, 0.0]]]),
            block_angles=np.array([[2 * math.pi + math.radians(turn), 0.0]]),
        )
        return pname_to_success[name](frame, goal).best

    # Means over the blocks: one of two may be off twice as far.
    assert score(29.0, 29.0) == 1.0
    assert score(31.0, 0.0) == 1.0 - weight
    assert score(0.0, 31.0) == weight
    assert score(31.0, 31.0) == 0.0


def test_bad_shapes_are_named() -> None:
    goal = AttrDict(block_positions=np.zeros((1, 2)), block_angles=np.zeros(1))
    obs = AttrDict(block_positions=np.zeros((4, 2, 2)), block_angles=np.zeros((4, 2)))
    with pytest.raises(DataError, match="block_positions"):
        pname_to_success["tip"](obs, goal)
