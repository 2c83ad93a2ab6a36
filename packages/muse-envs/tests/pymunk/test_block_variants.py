"""What sets each environment of the block family apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.envs.env import Env, make
from muse.envs.pymunk.arrange_block_env_2d import ArrangeBlockEnv2D
from muse.envs.pymunk.bottleneck_navigation_block_env_2d import BottleneckNavigationBlockEnv2D
from muse.envs.pymunk.bottleneck_navigation_block_env_3d import BottleneckNavigationBlockEnv3D
from muse.envs.pymunk.navigation_block_env_2d import NavigationBlockEnv2D
from muse.envs.pymunk.simple_block_env_2d import MAZE, SimpleBlockEnv2D
from muse.envs.pymunk.slider_block_env_2d import SliderBlockEnv2D
from muse.envs.pymunk.stack_block_env_2d import StackBlockEnv2D

STATE = AttrDict(disable_images=True)


def act(env: Env, vx: float, vy: float, grab: float = 0.0) -> tuple[AttrDict, np.ndarray]:
    obs, _, done = env.step(AttrDict(action=np.array([[vx, vy, grab]], np.float32)))
    return obs, done


def starts(env: Env, seeds: range) -> list[AttrDict]:
    seen = []
    for seed in seeds:
        env.seed(seed)
        seen.append(env.reset()[0])
    return seen


def test_the_simple_maze_is_always_the_same_and_starts_in_corners() -> None:
    with make(SimpleBlockEnv2D, STATE) as env:
        for obs in starts(env, range(10)):
            np.testing.assert_array_equal(obs.maze[0], MAZE)
            assert (np.abs(obs.position[0] - 300) > 180).all()


def test_navigation_succeeds_at_the_goal() -> None:
    with make(NavigationBlockEnv2D, STATE & AttrDict(num_maze_cells=1, num_blocks=0)) as env:
        env.reset(AttrDict(position=[100.0, 100.0], goal_position=[125.0, 100.0]))
        obs, done = act(env, 60, 0)
        assert not done[0] and obs.reward[0, 0] == 0.0
        act(env, 60, 0)
        obs, done = act(env, 60, 0)
        assert done[0] and obs.reward[0, 0] == 1.0 and env.is_success()[0]


def test_the_dense_reward_is_the_distance() -> None:
    params = STATE & AttrDict(sparse_reward=False, num_maze_cells=1, num_blocks=0)
    with make(NavigationBlockEnv2D, params) as env:
        env.reset(AttrDict(position=[100.0, 100.0], goal_position=[200.0, 100.0]))
        obs, _ = act(env, 50, 0)
        assert obs.reward[0, 0] == pytest.approx(-95.0, abs=1e-4)
        assert env.score()[0] == pytest.approx(0.05, abs=1e-6)


def test_start_and_goal_cells_are_kept() -> None:
    params = STATE & AttrDict(valid_start_idxs=[[0, 0]], valid_goal_idxs=[[4, 4], [4, 3]])
    with make(NavigationBlockEnv2D, params) as env:
        for obs in starts(env, range(8)):
            assert obs.position[0, 0] < 120 and obs.position[0, 1] > 480
            assert obs.goal_position[0, 0] > 360 and obs.goal_position[0, 1] < 120


def test_cells_outside_the_maze_are_refused() -> None:
    with (
        make(NavigationBlockEnv2D, STATE & AttrDict(valid_start_idxs=[[0, 5]])) as env,
        pytest.raises(ParamError, match="valid_start_idxs"),
    ):
        env.reset()


def test_the_agent_may_start_far_from_blocks() -> None:
    away = []
    for chosen in (False, True):
        params = AttrDict(maximize_agent_block_distance=chosen, num_maze_cells=1, num_blocks=3)
        with make(NavigationBlockEnv2D, STATE & params) as env:
            nearest = [
                np.linalg.norm(obs.block_positions[0] - obs.position, axis=1).min()
                for obs in starts(env, range(10))
            ]
            away.append(np.mean(nearest))
    assert away[1] > away[0] + 50


def test_bottlenecks_are_where_they_should_be() -> None:
    assert BottleneckNavigationBlockEnv3D is BottleneckNavigationBlockEnv2D
    with make(BottleneckNavigationBlockEnv2D, STATE) as env:
        obs, _ = env.reset()
        np.testing.assert_array_equal(obs.maze_low_dim, [[1, 3, 2]])
        south = (obs.maze[0] & 2).astype(bool)
        assert [np.flatnonzero(~row).tolist() for row in south[:3]] == [[1], [3], [2]]
        obs, _ = env.reset(AttrDict(maze_low_dim=[0, 0, 0]))
        assert not (obs.maze[0, :, 0] & 2)[:3].any()
        assert obs.position[0, 1] > 450 and obs.goal_position[0, 1] < 150


def test_drawn_bottlenecks_leave_out_what_is_skipped() -> None:
    params = STATE & AttrDict(
        randomize_maze=True, horizontal=False, skip_bottleneck_fn=lambda openings: openings[0] != 2
    )
    with make(BottleneckNavigationBlockEnv2D, params) as env:
        seen = {tuple(obs.maze_low_dim[0].tolist()) for obs in starts(env, range(12))}
        assert len(seen) > 3 and {openings[0] for openings in seen} == {2}
        obs = starts(env, range(1))[0]
        assert obs.position[0, 0] < 150 and obs.goal_position[0, 0] > 450


@pytest.mark.parametrize(
    "params",
    [AttrDict(bottleneck_indices=[1, 2]), AttrDict(fixed_np_maze=[[15]])],
    ids=["too few openings", "a maze of its own"],
)
def test_bottlenecks_must_fit(params: AttrDict) -> None:
    with pytest.raises(ParamError, match="bottleneck_indices"):
        make(BottleneckNavigationBlockEnv2D, STATE & params)


def test_arranged_blocks_stand_on_the_floor_with_a_gap_for_the_goal() -> None:
    with make(ArrangeBlockEnv2D, STATE) as env:
        for obs in starts(env, range(20)):
            boxes = obs.block_bounding_boxes[0]
            np.testing.assert_allclose(boxes[:, 1], 0.0, atol=0.1)
            sizes = obs.block_sizes[0]
            assert sizes.min() >= 30 and sizes.max() <= 80
            order = np.argsort(boxes[:, 0])
            assert (boxes[order[1:], 0] >= boxes[order[:-1], 2] - 0.1).all()
            low = obs.goal_position[0, 0] - sizes[0, 0] / 2
            high = obs.goal_position[0, 0] + sizes[0, 0] / 2
            assert ((boxes[:, 2] <= low) | (boxes[:, 0] >= high)).all()
            assert not env.is_success()[0]


def test_a_full_floor_is_refused() -> None:
    with (
        make(ArrangeBlockEnv2D, STATE & AttrDict(num_blocks=20)) as env,
        pytest.raises(EnvError, match="no room for 20 blocks"),
    ):
        env.reset()


def test_stacks_start_upright_on_another_surface_than_the_goal() -> None:
    with make(StackBlockEnv2D, STATE) as env:
        for seed in range(20):
            (obs,) = starts(env, range(seed, seed + 1))
            assert np.abs(obs.block_angles).max() < 0.01
            assert abs(obs.block_positions[0, 0, 0] - obs.goal_position[0, 0]) > 20
            assert obs.position[0, 1] > obs.block_bounding_boxes[0, 0, 3]
            resting = obs.block_positions[0, 0, 1]
            for _ in range(10):
                obs, _ = act(env, 0, 0)
            assert obs.block_positions[0, 0, 1] == pytest.approx(resting, abs=0.5)


def test_a_tilted_start_is_refused() -> None:
    with make(StackBlockEnv2D, STATE) as env:
        env.reset(AttrDict(block_angles=[math.radians(17)]))
        with pytest.raises(EnvError, match="18 degrees"):
            env.reset(AttrDict(block_angles=[math.radians(19)]))


def test_a_lying_block_is_not_stacked() -> None:
    layout = AttrDict(
        position=[200.0, 350.0],
        block_sizes=[[40.0, 40.0]],
        block_positions=[[225.0, 20.0]],
        goal_position=[225.0, 20.0],
    )
    with make(StackBlockEnv2D, STATE) as env:
        env.reset(layout)
        assert act(env, 0, 0)[1][0]
        env.reset(layout)
        state = env.save_state()
        # A quarter turn: the place is right, the block is not upright.
        state["layout"]["block_angles"] = np.array([math.pi / 4])
        env.restore_state(state)
        assert not act(env, 0, 0)[1][0]


def test_sliders_stay_on_their_grooves_and_never_turn() -> None:
    with make(SliderBlockEnv2D, STATE) as env:
        layout = AttrDict(
            block_linear_positions=[0.2, 0.5],
            goal_linear_positions=[0.9, 0.9],
            position=[30.0, 130.0],
        )
        obs, _ = env.reset(layout)
        np.testing.assert_allclose(obs.block_linear_positions, [[0.2, 0.5]], atol=1e-6)
        for _ in range(45):
            obs, _ = act(env, 40, 0)
        assert obs.block_linear_positions[0, 0] > 0.4
        assert obs.block_linear_positions[0, 1] == pytest.approx(0.5, abs=1e-3)
        assert obs.block_positions[0, 0, 1] == pytest.approx(120.0, abs=0.5)
        assert env.world.blocks[0].angle == 0.0


def test_sliders_need_room_between_start_and_mark() -> None:
    with (
        make(SliderBlockEnv2D, STATE & AttrDict(min_goal_distance=390.0)) as env,
        pytest.raises(EnvError, match="min_goal_distance"),
    ):
        env.reset()
