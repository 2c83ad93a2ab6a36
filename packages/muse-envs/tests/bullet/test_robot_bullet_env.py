from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError, SpecError
from muse.envs.bullet_envs.block3d.block_env_3d import BlockEnv3D
from muse.envs.bullet_envs.robot_bullet_env import RobotBulletEnv
from muse.envs.bullet_envs.rotations import angle_between
from muse.envs.env import Env, make
from muse.envs.sensors import EnvCamera
from muse.envs.testing import check_env

HOME = [0.5, 0.0, 0.3]


def reward_by_height(obs, goal, action, next_obs, done, env):
    """A reward of the user's own."""
    assert not goal and action.action.shape == (1, 7) and done.shape == (1,)
    return next_obs.ee_position[0, 2] - obs.ee_position[0, 2] + env.params.time_step


class Keys:
    """Keys held down and just pressed."""

    pointer = None

    def __init__(self, *held: str) -> None:
        self.held = held

    def poll(self) -> None:
        """Nothing changes."""

    def is_down(self, key: str) -> bool:
        return key in self.held

    def was_pressed(self, key: str) -> bool:
        return key in self.held

    def is_button_down(self, button: int = 1) -> bool:
        return False


def go(env: Env, *action: float, steps: int = 25) -> AttrDict:
    """Send the tool to a pose and wait."""
    for _ in range(steps):
        obs, _, _ = env.step(AttrDict(action=np.array([action], np.float32)))
    return obs


@pytest.mark.parametrize("params", [
    {}, {"action_mode": "delta"}, {"controller": "position", "control_inner_step": False},
])  # fmt: skip
def test_keeps_the_contract(params: dict) -> None:
    presets = AttrDict(ee_position=np.array([HOME]), ee_orientation_eul=np.zeros((1, 3)))
    check_env(RobotBulletEnv, AttrDict(params), steps=12, presets=presets)


@pytest.mark.parametrize("controller", ["osc", "position"])
def test_the_tool_goes_where_it_is_sent(controller: str) -> None:
    with make(RobotBulletEnv, AttrDict(controller=controller)) as env:
        env.reset(AttrDict(ee_position=HOME, ee_orientation_eul=[0, 0, 0]))
        obs = go(env, 0.55, -0.2, 0.1, 0.2, -0.1, 0.9, 255)
        np.testing.assert_allclose(obs.ee_position[0], [0.55, -0.2, 0.1], atol=2e-3)
        assert angle_between(obs.ee_orientation_eul[0], np.array([0.2, -0.1, 0.9])) < 0.01
        assert obs.gripper_pos[0, 0] > 250
        assert np.abs(obs.ee_velocity).max() < 0.01
        np.testing.assert_allclose(obs["target/ee_position"][0], [0.55, -0.2, 0.1], atol=1e-6)


def test_every_corner_of_the_table_is_within_reach() -> None:
    with make(BlockEnv3D, AttrDict(task=None, max_steps=None)) as env:
        env.seed(0)
        env.reset()
        low, high = env.workspace
        for x in (low[0], high[0]):
            for y in (low[1], high[1]):
                obs = go(env, x, y, 0.1, 0, 0, 0, 0, steps=40)
                np.testing.assert_allclose(obs.ee_position[0], [x, y, 0.1], atol=0.01)


def test_limits_of_the_action_are_those_of_the_workspace() -> None:
    with make(BlockEnv3D) as env:
        env.reset()
        low, high = env.env_spec.limits("action")
        np.testing.assert_allclose([low[:3], high[:3]], env.workspace)
        assert (low[6], high[6]) == (0, 255)
        beyond = high.copy()
        beyond[2] += 0.01
        with pytest.raises(SpecError, match=r"'action'\[0, 2\]"):
            env.step(AttrDict(action=beyond[None]))


def test_changes_add_up_and_stay_in_the_workspace() -> None:
    with make(RobotBulletEnv, AttrDict(action_mode="delta")) as env:
        env.reset(AttrDict(ee_position=HOME, ee_orientation_eul=[0, 0, 0]))
        for _ in range(4):
            go(env, 0.02, 0, 0, 0, 0, 0.1, 0, steps=1)
        obs = go(env, 0, 0, 0, 0, 0, 0, 0)
        np.testing.assert_allclose(obs.ee_position[0], [0.58, 0.0, 0.3], atol=3e-3)
        assert obs.ee_orientation_eul[0, 2] == pytest.approx(0.4, abs=0.01)
        go(env, 0, 0, -0.05, 0, 0, 0, 0, steps=20)
        assert env._last_obs["target/ee_position"][0, 2] == pytest.approx(env.workspace[0][2])


def test_starts_where_the_presets_say() -> None:
    with make(RobotBulletEnv) as env:
        joints = np.array([0.1, 0.2, 0.0, -2.0, 0.1, 2.2, 0.7, 0.03, 0.03])
        obs, _ = env.reset(AttrDict(joint_positions=joints))
        np.testing.assert_allclose(obs.joint_positions[0], joints, atol=1e-6)
        assert obs.gripper_pos[0, 0] == pytest.approx(255 * 0.25, abs=0.1)
        with pytest.raises(EnvError, match="outside the joints' limits"):
            env.reset(AttrDict(joint_positions=joints + 2.0))
        with pytest.raises(EnvError, match="cannot reach"):
            env.reset(AttrDict(ee_position=[1.5, 0.0, 0.2]))
        with pytest.raises(EnvError, match=r"shape \(3,\)"):
            env.reset(AttrDict(ee_position=[0.5, 0.0]))


def test_a_reward_of_ones_own() -> None:
    path = f"{reward_by_height.__module__}.{reward_by_height.__qualname__}"
    for given in (reward_by_height, path):
        with make(RobotBulletEnv, AttrDict(env_reward_fn=given)) as env:
            before, _ = env.reset(AttrDict(ee_position=HOME))
            obs = go(env, 0.5, 0.0, 0.4, 0, 0, 0, 0, steps=1)
            rise = obs.ee_position[0, 2] - before.ee_position[0, 2]
            assert obs.reward[0, 0] == pytest.approx(rise + 0.02, abs=1e-6)


def test_torques_cannot_be_held_for_a_whole_step() -> None:
    with pytest.raises(ParamError, match="controller='position'"):
        make(RobotBulletEnv, AttrDict(control_inner_step=False))


def test_time_runs_out() -> None:
    with make(RobotBulletEnv, AttrDict(max_steps=2)) as env:
        env.reset()
        low, _ = env.env_spec.limits("action")
        ends = [env.step(AttrDict(action=low[None].astype(np.float32))) for _ in range(2)]
        assert [bool(done[0]) for _, _, done in ends] == [False, True]
        assert ends[1][0].truncated[0, 0]


def test_two_worlds_do_not_touch_and_closing_one_leaves_the_other() -> None:
    def height(others: int) -> np.ndarray:
        with make(BlockEnv3D) as env:
            env.seed(1)
            env.reset()
            more = [make(BlockEnv3D) for _ in range(others)]
            for other in more:
                other.reset()
                go(other, 0.5, 0, 0.02, 0, 0, 0, 255, steps=2)
            for other in more[1:]:
                other.close()
            obs = go(env, 0.5, 0, 0.1, 0, 0, 0, 0, steps=3)
            for other in more:
                other.close()
        return np.concatenate([leaf.ravel() for _, leaf in obs.leaf_items()])

    np.testing.assert_array_equal(height(0), height(2))


def test_closing_disconnects() -> None:
    env = make(BlockEnv3D)
    env.reset()
    env.close()
    assert not env.bullet.isConnected()


def test_gravity_can_be_switched_off() -> None:
    for use_gravity in (True, False):
        params = AttrDict(use_gravity=use_gravity, task=None)
        with make(BlockEnv3D, params) as env:
            env.reset(AttrDict({"ee_position": HOME, "objects/position": [0.6, 0.2, 0.3]}))
            obs = go(env, *HOME, 0, 0, 0, 0, steps=5)
            fell = 0.3 - obs["objects/position"][0, 0, 2]
            assert fell > 0.1 if use_gravity else abs(fell) < 1e-6


@pytest.mark.parametrize("mode", ["absolute", "delta"])
def test_keys_move_the_tool(mode: str) -> None:
    with make(RobotBulletEnv, AttrDict(action_mode=mode)) as env:
        obs, _ = env.reset(AttrDict(ee_position=HOME, ee_orientation_eul=[0, 0, 0]))
        for held, axis, sign in (("up", 0, 1), ("left", 1, 1), ("k", 2, -1)):
            before = obs.ee_position[0].copy()
            for _ in range(6):
                obs, _, _ = env.step(env.teleop_action(Keys(held), obs))
            moved = obs.ee_position[0] - before
            assert np.argmax(np.abs(moved)) == axis and np.sign(moved[axis]) == sign
        for _ in range(3):
            obs, _, _ = env.step(env.teleop_action(Keys("a"), obs))
        assert obs.ee_orientation_eul[0, 2] > 0.05
        shut = env.teleop_action(Keys("g"), obs)
        assert shut.action[0, 6] == 255
        env.step(shut)
        assert env.teleop_action(Keys("g"), obs).action[0, 6] == 0
        assert {"up", "left", "i", "k", "g"} <= set(env.teleop_keys)


def test_images_have_the_size_asked_for_and_show_the_scene() -> None:
    params = AttrDict(compute_images=True, img_width=64, img_height=40)
    with make(BlockEnv3D, params) as env:
        env.seed(0)
        obs, _ = env.reset()
        assert obs.image.shape == (1, 40, 64, 3) and obs.image.dtype == np.uint8
        assert len(np.unique(obs.image.reshape(-1, 3), axis=0)) > 50
        later = go(env, 0.4, 0.2, 0.05, 0, 0, 0, 0, steps=8)
        assert (later.image != obs.image).any()


def test_pictures_do_not_change_the_episode() -> None:
    ends = []
    for params in ({}, {"compute_images": True, "img_width": 32, "img_height": 32}):
        with make(BlockEnv3D, AttrDict(params)) as env:
            env.seed(5)
            env.reset()
            ends.append(go(env, 0.5, 0.1, 0.05, 0, 0, 0, 0, steps=5).joint_positions)
    np.testing.assert_array_equal(*ends)


BOTH = AttrDict(compute_images=True, cameras=["front", "wrist"], img_width=64, img_height=48)


def test_the_wrist_camera_sees_what_is_under_the_hand() -> None:
    with make(BlockEnv3D, BOTH & AttrDict(task=None)) as env:
        check_env(env, steps=12)
        presets = AttrDict({"ee_position": [0.5, 0.0, 0.12], "ee_orientation_eul": [0, 0, 0],
                            "objects/position": [0.54, 0.0, 0.02]})  # fmt: skip
        obs, _ = env.reset(presets)
        assert env.env_spec.shape("ego_image") == (48, 64, 3)
        assert red_share(obs.ego_image) > 5 * red_share(obs.image)
        # It moves with the hand: turned away, the block leaves the middle of the picture.
        middle = (0, slice(16, 32), slice(24, 40))
        turned = env.reset(presets & AttrDict(ee_orientation_eul=[0, 0, 1.2]))[0]
        assert red_share(turned.ego_image[middle]) < red_share(obs.ego_image[middle])
        with EnvCamera(AttrDict(width=64, height=48, rgb_name="ego_image"), env) as camera:
            camera.show(obs)
            np.testing.assert_array_equal(camera.read_state().rgb, obs.ego_image[0])


def red_share(image: np.ndarray) -> float:
    """Return which share of the pixels are as red as the block."""
    red, green, blue = np.moveaxis(image.astype(int), -1, 0)
    return float(np.mean((red > 2 * green) & (red > 2 * blue)))


@pytest.mark.parametrize("cameras", [[], ["back"], ["front", "front"]])
def test_cameras_there_are_not_are_refused(cameras: list[str]) -> None:
    with pytest.raises(ParamError, match="'front', 'wrist'"):
        make(BlockEnv3D, AttrDict(cameras=cameras))
