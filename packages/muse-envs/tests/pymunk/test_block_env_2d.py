from __future__ import annotations

import math

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.envs.env import build_spec, make
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.testing import check_env

SMALL = AttrDict(
    num_blocks=2,
    num_maze_cells=1,
    grid_size=[300, 200],
    block_size=40.0,
    action_max_velocity=60.0,
    done_on_success=False,
)
LAYOUT = AttrDict(position=[60.0, 100.0], block_positions=[[130.0, 100.0], [250.0, 50.0]])


def act(env: BlockEnv2D, vx: float, vy: float, grab: float = 0.0) -> AttrDict:
    return env.step(AttrDict(action=np.array([[vx, vy, grab]], np.float32)))[0]


@pytest.mark.parametrize(
    "params",
    [
        AttrDict(),
        AttrDict(num_blocks=0),
        AttrDict(disable_images=True, gravity=[0.0, -100.0]),
        AttrDict(num_blocks=3, grab_one_only=True, grab_add_rotary_limit_joint=False),
    ],
)
def test_keeps_the_contract(params: AttrDict) -> None:
    check_env(BlockEnv2D, params, steps=20)


def test_presets_are_honoured() -> None:
    with make(BlockEnv2D, SMALL) as env:
        obs, _ = env.reset(LAYOUT)
        np.testing.assert_allclose(obs.position[0], LAYOUT.position)
        np.testing.assert_allclose(obs.block_positions[0], LAYOUT.block_positions)
        np.testing.assert_allclose(obs.block_bounding_boxes[0, 0], [110, 80, 150, 120], atol=1e-4)
        np.testing.assert_allclose(obs.bounding_box[0], [40, 80, 80, 120], atol=1e-4)


def test_bad_preset_is_named() -> None:
    with make(BlockEnv2D, SMALL) as env, pytest.raises(EnvError, match="block_positions"):
        env.reset(AttrDict(block_positions=[[1.0, 2.0]]))


def test_drawn_bodies_do_not_touch() -> None:
    with make(BlockEnv2D, AttrDict(disable_images=True)) as env:
        for seed in range(20):
            env.seed(seed)
            obs, _ = env.reset()
            centers = np.concatenate([obs.position, obs.block_positions[0]])
            apart = np.linalg.norm(centers[:, None] - centers, axis=-1)
            assert apart[~np.eye(len(centers), dtype=bool)].min() >= 30 * math.sqrt(2)


def test_too_many_blocks_are_refused() -> None:
    crowded = make(BlockEnv2D, SMALL & AttrDict(num_blocks=100))
    with crowded as env, pytest.raises(EnvError, match="no room for 100 blocks"):
        env.reset()


def test_the_agent_moves_as_commanded() -> None:
    with make(BlockEnv2D, SMALL) as env:
        env.reset(LAYOUT)
        obs = act(env, 0, 50)
        np.testing.assert_allclose(obs.position[0], [60, 105], atol=1e-6)


def test_speed_is_limited() -> None:
    with make(BlockEnv2D, SMALL & AttrDict(max_velocity=10.0)) as env:
        env.reset(LAYOUT)
        np.testing.assert_allclose(act(env, 30, 40).position[0], [60.6, 100.8], atol=1e-6)


def test_grabbing_drags_and_letting_go_leaves() -> None:
    with make(BlockEnv2D, SMALL) as env:
        env.reset(LAYOUT)
        for _ in range(10):
            obs = act(env, 50, 0, 500)
        assert obs.grab_binary[0, 0] == 1
        held_at = obs.block_positions[0, 0]
        for _ in range(10):
            obs = act(env, 0, 50, 500)
        assert obs.block_positions[0, 0, 1] - held_at[1] > 40
        obs = act(env, -50, 0, 0)
        assert obs.grab_binary[0, 0] == 0
        left_at = obs.block_positions[0, 0]
        for _ in range(10):
            obs = act(env, -50, 0, 0)
        assert np.linalg.norm(obs.block_positions[0, 0] - left_at) < 60
        assert obs.position[0, 0] < left_at[0] - 60


def test_pushing_without_grabbing_moves_the_block_only_ahead() -> None:
    with make(BlockEnv2D, SMALL) as env:
        env.reset(LAYOUT)
        for _ in range(12):
            obs = act(env, 50, 0)
        ahead = obs.block_positions[0, 0].copy()
        assert ahead[0] > 135
        for _ in range(5):
            obs = act(env, -50, 0)
        assert obs.block_positions[0, 0, 0] >= ahead[0] - 1e-3


def test_a_weak_grip_drags_less() -> None:
    reached = {}
    for grab in (0.5, 500.0):
        with make(BlockEnv2D, SMALL) as env:
            env.reset(LAYOUT)
            for _ in range(10):
                act(env, 50, 0, 500.0)
            for _ in range(10):
                obs = act(env, 0, 50, grab)
            reached[grab] = obs.block_positions[0, 0, 1]
    assert reached[0.5] < reached[500.0] - 5


def test_reach_of_the_grip() -> None:
    for frac, expected in ((1.15, 0.0), (2.0, 1.0)):
        with make(BlockEnv2D, SMALL & AttrDict(block_grabbing_frac=frac)) as env:
            env.reset(LAYOUT & AttrDict(position=[75.0, 100.0]))
            assert act(env, 0, 0, 500).grab_binary[0, 0] == expected


def test_gravity_pulls_blocks_down() -> None:
    with make(BlockEnv2D, SMALL & AttrDict(gravity=[0.0, -100.0])) as env:
        before, _ = env.reset(LAYOUT)
        for _ in range(5):
            obs = act(env, 0, 0)
        assert obs.block_positions[0, 0, 1] < before.block_positions[0, 0, 1] - 10


def test_bodies_stay_on_the_grid() -> None:
    with make(BlockEnv2D, SMALL) as env:
        env.reset(LAYOUT)
        for _ in range(60):
            obs = act(env, 60, 0)
        assert (obs.position[0] >= 0).all() and (obs.position[0] <= [300, 200]).all()
        boxes = obs.block_bounding_boxes[0]
        assert boxes[:, :2].min() > -5 and boxes[:, 2].max() < 305


def test_action_noise_turns_the_executed_velocity() -> None:
    noisy = SMALL & AttrDict(action_noise_prob=1.0, action_noise_theta=30.0)
    with make(BlockEnv2D, noisy) as env:
        ends = []
        for _ in range(2):
            env.seed(1)
            env.reset(LAYOUT)
            ends.append(act(env, 0, 50).position[0])
        np.testing.assert_array_equal(*ends)
        assert abs(ends[0][0] - 60) > 0.01
        assert np.linalg.norm(ends[0] - [60, 100]) == pytest.approx(5.0, abs=1e-3)


def test_horizon_cuts_off() -> None:
    with make(BlockEnv2D, SMALL & AttrDict(horizon=2)) as env:
        env.reset(LAYOUT)
        act(env, 0, 0)
        obs = act(env, 0, 0)
        assert obs.truncated[0, 0] and not obs.terminated[0, 0]


def test_a_spec_may_list_other_observations() -> None:
    params = BlockEnv2D.resolve_params(SMALL)
    spec = BlockEnv2D.get_default_env_spec_params(params)
    rows = [*spec.names_shapes_limits_dtypes, ("block_angles", (2,), (-10, 10), "float32")]
    wanted = spec & AttrDict(
        names_shapes_limits_dtypes=rows, observation_names=["position", "block_angles"]
    )
    with make(BlockEnv2D, SMALL, build_spec(wanted)) as env:
        obs, _ = env.reset(LAYOUT & AttrDict(block_angles=[0.25, 0.5]))
        names = {"position", "block_angles", "reward", "terminated", "truncated"}
        assert set(obs.leaf_keys()) == names
        np.testing.assert_allclose(obs.block_angles[0], [0.25, 0.5])


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_restored_state_goes_on_the_same(noise: float) -> None:
    params = SMALL & AttrDict(action_noise_prob=noise, dt_scale=noise)
    with make(BlockEnv2D, params) as env, make(BlockEnv2D, params) as other:
        env.seed(0)
        env.reset(LAYOUT)
        for _ in range(10):
            act(env, 50, 0, 500)
        assert env.world.held
        before = other.restore_state(env.save_state())
        held_at = np.array(env.world.blocks[0].position, np.float32)
        np.testing.assert_array_equal(before.block_positions[0, 0], held_at)
        for grab in (500, 500, 0, 0, 500):
            ours, theirs = act(env, 30, 50, grab), act(other, 30, 50, grab)
            for name, value in ours.leaf_items():
                np.testing.assert_array_equal(value, theirs[name], err_msg=name)


@pytest.mark.parametrize("name", ["grid_size", "image_size", "gravity"])
def test_pairs_are_checked(name: str) -> None:
    with pytest.raises((ParamError, EnvError), match=name):
        make(BlockEnv2D, SMALL & AttrDict.from_dict({name: [1, 2, 3]}))
