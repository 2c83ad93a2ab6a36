"""What the parameters and presets of the block family change."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError, SpecError
from muse.envs.env import make
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.block_teleop import SMOOTHING, BlockTeleop, get_posact_to_velact_fn

SMALL = AttrDict(
    num_blocks=1,
    num_maze_cells=1,
    grid_size=[300, 200],
    block_size=40.0,
    action_max_velocity=60.0,
    done_on_success=False,
    disable_images=True,
)
#: The block's left side is 6 px from the agent's right side.
LAYOUT = AttrDict(position=[60.0, 100.0], block_positions=[[106.0, 100.0]])
WIDE = AttrDict(
    observation_names=[
        *("position", "block_positions", "block_velocities", "block_angles", "block_sizes"),
        *("block_masses", "block_colors", "block_contact", "block_contact_points"),
        *("block_contact_normal", "block_forces", "block_torques", "force", "torque", "angle"),
        *("active_constraints", "grab_binary", "grab_force", "grab_distance", "grab_vector"),
        "maze",
    ]
)


def act(env: BlockEnv2D, vx: float, vy: float, grab: float = 0.0) -> AttrDict:
    return env.step(AttrDict(action=np.array([[vx, vy, grab]], np.float32)))[0]


def test_contacts_are_points_and_normals() -> None:
    with make(BlockEnv2D, SMALL & WIDE) as env:
        obs, _ = env.reset(LAYOUT)
        assert not obs.block_contact[0, 0] and not obs.block_contact_points.any()
        for _ in range(4):
            obs = act(env, 50, 0)
        assert obs.block_contact.dtype == bool and obs.block_contact[0, 0]
        side = obs.block_positions[0, 0, 0] - 20.0
        np.testing.assert_allclose(obs.block_contact_points[0, 0], [side, 100.0], atol=0.5)
        np.testing.assert_allclose(obs.block_contact_normal[0, 0], [1.0, 0.0], atol=1e-3)


@pytest.mark.parametrize("counts", [False, True])
def test_walls_count_as_contacts_on_request(counts: bool) -> None:
    params = AttrDict(do_wall_collisions=counts, gravity=[0.0, -100.0])
    with make(BlockEnv2D, SMALL & WIDE & params) as env:
        env.reset(LAYOUT & AttrDict(block_positions=[[200.0, 20.0]]))
        for _ in range(3):
            obs = act(env, 0, 0)
        assert obs.block_contact[0, 0] == counts
        if counts:
            np.testing.assert_allclose(obs.block_contact_normal[0, 0], [0.0, 1.0], atol=1e-3)


def test_the_grip_is_observed() -> None:
    with make(BlockEnv2D, SMALL & WIDE) as env:
        obs, _ = env.reset(LAYOUT)
        assert obs.grab_distance[0, 0] == pytest.approx(26.0)
        np.testing.assert_allclose(obs.grab_vector[0, 0], [26.0, 0.0], atol=1e-5)
        assert obs.grab_force[0, 0] == 0.0
        for _ in range(4):
            obs = act(env, 50, 0, 500)
        obs = act(env, 0, 50, 500)
        assert obs.active_constraints[0, 0] and obs.grab_binary[0, 0] == 1
        assert obs.grab_force[0, 0] > 0.0


def test_forces_are_mass_times_change_of_velocity() -> None:
    with make(BlockEnv2D, SMALL & WIDE & AttrDict(damping=1.0)) as env:
        env.reset(LAYOUT)
        before = np.zeros(2)
        for _ in range(5):
            obs = act(env, 50, 0)
            change = obs.block_velocities[0, 0] - before
            np.testing.assert_allclose(obs.block_forces[0, 0], 10.0 * change / 0.1, atol=1e-2)
            before = obs.block_velocities[0, 0]
        assert before[0] > 40 and obs.torque[0, 0] == 0.0


def test_sizes_masses_and_colours_are_presets() -> None:
    presets = AttrDict(block_sizes=[[20.0, 50.0]], block_masses=[3.0], block_colors=[[1, 2, 3]])
    with make(BlockEnv2D, SMALL & WIDE) as env:
        obs, _ = env.reset(LAYOUT & presets)
        for name, value in presets.items():
            np.testing.assert_array_equal(obs[name][0], value)
        assert env.world.blocks[0].mass == 3.0
        assert any((pixel == (1, 2, 3)).all() for pixel in env.render().reshape(-1, 3))
        with pytest.raises(EnvError, match="block_sizes"):
            env.reset(AttrDict(block_sizes=[[0.0, 50.0]]))


def test_sizes_are_drawn_between_their_limits() -> None:
    params = AttrDict(block_size_lower=[20.0, 30.0], block_size_upper=[25.0, 50.0], num_blocks=3)
    with make(BlockEnv2D, SMALL & WIDE & params) as env:
        env.seed(0)
        sizes = env.reset()[0].block_sizes[0]
        assert (sizes >= [20, 30]).all() and (sizes <= [25, 50]).all()
        assert len(np.unique(sizes)) == 6
    wrong = SMALL & AttrDict(block_size_lower=50.0)
    with make(BlockEnv2D, wrong) as env, pytest.raises(ParamError, match="block_size_lower"):
        env.reset()


def test_gravity_and_settling_are_presets() -> None:
    with make(BlockEnv2D, SMALL) as env:
        heights = []
        for steps in (0, 50):
            presets = AttrDict(gravity=[0.0, -100.0], initialization_steps=steps)
            obs, _ = env.reset(LAYOUT & presets)
            heights.append(obs.block_positions[0, 0, 1])
            np.testing.assert_array_equal(obs.position[0], LAYOUT.position)
        assert heights[0] == 100.0 and heights[1] == pytest.approx(98.0, abs=0.2)
        with pytest.raises(EnvError, match="initialization_steps"):
            env.reset(AttrDict(initialization_steps=-1))


def test_the_maze_is_a_preset_and_stops_the_agent() -> None:
    maze = [[13, 13], [7, 7]]
    with make(BlockEnv2D, SMALL & AttrDict(num_maze_cells=2, grid_size=[300, 300])) as env:
        obs, _ = env.reset(
            AttrDict(maze=maze, position=[120.0, 200.0], block_positions=[[40.0, 40.0]])
        )
        np.testing.assert_array_equal(obs.maze[0], maze)
        for _ in range(15):
            obs = act(env, 60, 0)
        # Pressed against it, the agent sinks in by some pixels.
        assert 128 <= obs.position[0, 0] < 145
        with pytest.raises(EnvError, match="maze"):
            env.reset(AttrDict(maze=[[15]]))


def test_the_grip_does_not_reach_through_walls() -> None:
    params = AttrDict(num_maze_cells=2, grid_size=[300, 300], block_grabbing_frac=2.0)
    layout = AttrDict(position=[128.0, 200.0], block_positions=[[173.0, 200.0]])
    with make(BlockEnv2D, SMALL & params) as env:
        for maze, held in (([[12, 9], [6, 3]], 1), ([[13, 13], [7, 7]], 0)):
            env.reset(layout & AttrDict(maze=maze))
            assert act(env, 0, 0, 500).grab_binary[0, 0] == held


def test_an_overloaded_grip_breaks() -> None:
    for limit, held in ((1e9, 1), (100.0, 0)):
        params = AttrDict(break_constraints_on_large_impulse=True, break_constraints_force=limit)
        with make(BlockEnv2D, SMALL & params & AttrDict(block_grabbing_frac=1.5)) as env:
            env.reset(LAYOUT)
            act(env, 0, 0, 500)
            for _ in range(3):
                act(env, -60, 0, 500)
            assert len(env.world.held) == held


def test_a_slide_lets_a_held_block_come_closer() -> None:
    nearest = {}
    for frac in (None, 0.5):
        # So small a block that there is room between it and the agent.
        params = AttrDict(grab_slider_min_frac=frac, block_grabbing_frac=2.5)
        with make(BlockEnv2D, SMALL & params) as env:
            env.reset(LAYOUT & AttrDict(block_sizes=[[20.0, 20.0]]))
            act(env, 0, 0, 500)
            obs = act(env, 40, 0, 500)
            nearest[frac] = obs.block_positions[0, 0, 0] - obs.position[0, 0]
    assert nearest[None] == pytest.approx(46.0, abs=0.5)
    assert nearest[0.5] == pytest.approx(42.0, abs=0.5)


def test_bodies_outside_are_put_back_on_request() -> None:
    for keep in (False, True):
        with make(BlockEnv2D, SMALL & AttrDict(keep_in_bounds=keep)) as env:
            env.reset(LAYOUT & AttrDict(block_positions=[[400.0, 100.0]]))
            obs = act(env, 0, 0)
            assert (obs.block_positions[0, 0, 0] == 300.0) == keep


def test_the_length_of_a_step() -> None:
    with make(BlockEnv2D, SMALL & AttrDict(dt=0.2)) as env:
        env.reset(LAYOUT)
        assert act(env, 0, 50).position[0, 1] == pytest.approx(110.0, abs=1e-4)
    with make(BlockEnv2D, SMALL & AttrDict(dt_scale=0.5)) as env:
        env.seed(0)
        obs, _ = env.reset(LAYOUT)
        ways = []
        for _ in range(8):
            before, obs = obs, act(env, 0, 50)
            ways.append(obs.position[0, 1] - before.position[0, 1])
        assert len(np.unique(np.round(ways, 3))) > 3
        assert min(ways) >= 2.4 and max(ways) <= 7.6


def test_realtime_takes_its_time() -> None:
    with make(BlockEnv2D, SMALL & AttrDict(realtime=True, dt=0.02)) as env:
        env.reset(LAYOUT)
        start = time.monotonic()
        for _ in range(6):
            act(env, 0, 0)
        assert time.monotonic() - start >= 0.09


def test_unknown_observations_are_named() -> None:
    with pytest.raises(SpecError, match="block_colour"):
        make(BlockEnv2D, SMALL & AttrDict(observation_names=["position", "block_colour"]))


def test_positions_become_velocities() -> None:
    to_velocity = get_posact_to_velact_fn(Kv_P=2.0, GRAB_THRESH=0.3, MAX_VEL=50.0)
    action = to_velocity(
        np.array([[0.0, 0.0], [10.0, 10.0]]), np.array([[100, 5, 0.4], [10, 0, 0]])
    )
    np.testing.assert_allclose(action, [[50.0, 10.0, 500.0], [0.0, -20.0, 0.0]])


def test_keys_are_smoothed_and_noisy() -> None:
    class Right:
        pointer = None

        def is_down(self, key: str) -> bool:
            return key == "l"

        def is_button_down(self, button: int = 1) -> bool:
            return False

    teleop = BlockTeleop(80.0)
    speeds = [teleop.command(Right(), (0.0, 0.0), (300, 300)) for _ in range(30)]
    assert speeds[0][0] == pytest.approx(80.0 * (1 - SMOOTHING), rel=0.4)
    late = np.array(speeds[20:])
    assert late[:, 0].mean() == pytest.approx(80.0, rel=0.15)
    assert 1.0 < late[:, 1].std() < 20.0 and math.isclose(late[:, 2].max(), 0.0)
