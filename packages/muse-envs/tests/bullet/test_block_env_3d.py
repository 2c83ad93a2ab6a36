from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.envs.bullet_envs.block3d.block_env_3d import TABLE_TASKS, BlockEnv3D
from muse.envs.bullet_envs.block3d.layout import PLATFORM_HEIGHT, TABLE
from muse.envs.bullet_envs.block3d.mug_env_3d import MugEnv3D
from muse.envs.bullet_envs.block3d.platform_block_env_3d import PlatformBlockEnv3D
from muse.envs.env import Env, make

ABOVE = [0.5, 0.0, 0.2]


def stay(env: Env, steps: int, gripper: float = 0.0) -> AttrDict:
    """Hold the tool above the table."""
    for _ in range(steps):
        obs, _, _ = env.step(AttrDict(action=np.array([[*ABOVE, 0, 0, 0, gripper]], np.float32)))
    return obs


def grip(env: Env, place: np.ndarray) -> AttrDict:
    """Shut the hand round what lies at `place` (3,)."""
    for height, gripper, steps in ((0.1, 0, 12), (0.0, 0, 12), (0.0, 255, 8)):
        x, y, z = place
        action = np.array([[x, y, max(z + height, 0.012), 0, 0, 0, gripper]], np.float32)
        for _ in range(steps):
            obs, _, _ = env.step(AttrDict(action=action))
    return obs


def test_objects_are_drawn_within_their_ranges() -> None:
    with make(BlockEnv3D, AttrDict(task=None, start_yaw=30.0)) as env:
        env.seed(0)
        drawn = [env.reset()[0] for _ in range(40)]
    sizes = np.concatenate([obs["objects/size"][0] for obs in drawn])
    places = np.concatenate([obs["objects/position"][0] for obs in drawn])
    yaws = np.concatenate([obs["objects/orientation_eul"][0, :, 2] for obs in drawn])
    assert sizes.min() >= 0.025 and sizes.max() <= 0.055 and np.ptp(sizes) > 0.02
    assert all(TABLE.part(0.7001).holds(place) for place in places)
    assert not all(TABLE.part(0.5).holds(place) for place in places)
    assert np.abs(yaws).max() <= np.deg2rad(30.01) and np.ptp(yaws) > 0.5
    np.testing.assert_allclose(places[:, 2], sizes[:, 2] / 2, atol=1e-6)


def test_presets_place_the_object() -> None:
    presets = {
        "objects/position": [0.45, 0.1, 0.02],
        "objects/size": [0.03, 0.05, 0.04],
        "objects/mass": 0.1,
        "objects/orientation": [0.0, 0.0, np.sin(0.2), np.cos(0.2)],
    }
    with make(BlockEnv3D) as env:
        obs, _ = env.reset(AttrDict(presets))
        np.testing.assert_allclose(obs["objects/position"][0, 0], [0.45, 0.1, 0.02], atol=1e-6)
        np.testing.assert_allclose(obs["objects/size"][0, 0], [0.03, 0.05, 0.04], atol=1e-6)
        assert obs["objects/orientation_eul"][0, 0, 2] == pytest.approx(0.4, abs=1e-5)
        assert env.bullet.getDynamicsInfo(env.object, -1)[0] == pytest.approx(0.1)
        with pytest.raises(EnvError, match="objects/size"):
            env.reset(AttrDict({"objects/size": [0.03, -0.05, 0.04]}))


def test_a_mug_keeps_its_proportions() -> None:
    with make(MugEnv3D) as env:
        obs, _ = env.reset(AttrDict({"objects/size": [0.045, 0.045, 0.06]}))
        low, high = obs["objects/aabb"][0, 0, :3], obs["objects/aabb"][0, 0, 3:]
        assert high[2] - low[2] == pytest.approx(0.06, abs=2e-3)
        with pytest.raises(EnvError, match="proportion"):
            env.reset(AttrDict({"objects/size": [0.06, 0.045, 0.06]}))
    with pytest.raises(ParamError, match="object_spec"):
        make(MugEnv3D, AttrDict(object_spec=["block"]))


def test_a_mug_is_hollow() -> None:
    """What falls into it from above comes to lie on its bottom."""
    with make(MugEnv3D, AttrDict(task=None)) as env:
        env.reset(AttrDict({"objects/position": [0.5, 0.1, 0.045], "objects/size":
                            [0.0675, 0.0675, 0.09], "ee_position": ABOVE}))  # fmt: skip
        shape = env.bullet.createCollisionShape(env.bullet.GEOM_SPHERE, radius=0.01)
        ball = env.bullet.createMultiBody(0.005, shape, -1, [0.5, 0.1, 0.14])
        stay(env, 10)
        assert env.bullet.getBasePositionAndOrientation(ball)[0][2] < 0.03


def test_a_mug_stands_still() -> None:
    with make(MugEnv3D, AttrDict(task=None)) as env:
        start, _ = env.reset(AttrDict({"objects/position": [0.5, 0.2, 0.045], "objects/size":
                                       [0.0675, 0.0675, 0.09], "ee_position": ABOVE}))  # fmt: skip
        obs = stay(env, 30)
        for name in ("objects/position", "objects/orientation_eul"):
            np.testing.assert_allclose(obs[name], start[name], atol=1e-3)


def test_fingers_and_wrist_feel_the_block() -> None:
    with make(BlockEnv3D, AttrDict(task=None)) as env:
        env.reset(AttrDict({"ee_position": ABOVE, "objects/position": [0.5, 0.0, 0.02],
                            "objects/orientation_eul": [0, 0, 0], "objects/mass": 0.15,
                            "objects/size": [0.04, 0.04, 0.04]}))  # fmt: skip
        obs = stay(env, 2)
        assert not (obs.finger_left_contact or obs.finger_right_contact or obs["objects/contact"])
        empty = stay(env, 8)
        obs = grip(env, np.array([0.5, 0.0, 0.02]))
        assert obs.finger_left_contact and obs.finger_right_contact and obs["objects/contact"]
        held = stay(env, 15, 255.0)
        assert held["objects/position"][0, 0, 2] > 0.15
        assert 100 < held.gripper_pos[0, 0] < 160
        load = np.linalg.norm(held.wrist_ft[0, :3]) - np.linalg.norm(empty.wrist_ft[0, :3])
        assert load == pytest.approx(0.15 * 9.81, abs=0.6)


def test_lifting_by_ten_centimetres_succeeds_and_is_kept() -> None:
    with make(BlockEnv3D, AttrDict(done_on_success=False)) as env:
        obs, goal = env.reset(AttrDict({
            "ee_position": ABOVE, "objects/position": [0.5, 0.0, 0.02],
            "objects/orientation_eul": [0, 0, 0], "objects/size": [0.04, 0.04, 0.04],
        }))  # fmt: skip
        np.testing.assert_allclose(goal["goal/objects/position"][0, 0], [0.5, 0, 0.12], atol=1e-6)
        assert env.success_rule.startswith("lift_up")
        grip(env, np.array([0.5, 0.0, 0.02]))
        assert not env.is_success()[0]
        rewards = []
        for height in np.linspace(0.02, 0.12, 12):
            action = np.array([[0.5, 0, height, 0, 0, 0, 255]], np.float32)
            rewards.append(float(env.step(AttrDict(action=action))[0].reward[0, 0]))
        for _ in range(6):
            rewards.append(float(env.step(AttrDict(action=action))[0].reward[0, 0]))
        assert rewards[0] == 0.0 and rewards[-1] == 1.0
        obs = stay(env, 15)
        assert obs.reward[0, 0] == 0.0 and env.is_success()[0] and env.score()[0] == 1.0


@pytest.mark.parametrize("task", TABLE_TASKS)
def test_every_task_has_a_goal_away_from_the_start(task: str) -> None:
    with make(BlockEnv3D, AttrDict(task=task)) as env:
        for seed in range(5):
            env.seed(seed)
            obs, goal = env.reset()
            moved = goal["goal/objects/position"] - obs["objects/position"]
            turned = goal["goal/objects/orientation_eul"] - obs["objects/orientation_eul"]
            expected = 0.0 if task.startswith("top_rot") else 0.1
            assert np.linalg.norm(moved) == pytest.approx(expected, abs=1e-6)
            assert np.abs(turned).max() == pytest.approx(
                np.pi / 4 if task.startswith("top_rot") else 0.0, abs=1e-6
            )
            assert not env.is_success()[0]


def test_the_nearest_platform_is_the_goal() -> None:
    sides = {"left": [0.5, 0.15], "right": [0.5, -0.15], "forward": [0.6, 0.0],
             "backward": [0.4, 0.0]}  # fmt: skip
    with make(PlatformBlockEnv3D) as env:
        for side, place in sides.items():
            obs, goal = env.reset(AttrDict({"objects/position": [*place, 0.02]}))
            assert env.get_nearest_platform() == side
            rise = goal["goal/objects/position"] - obs["objects/position"]
            assert rise[0, 0, 2] == pytest.approx(PLATFORM_HEIGHT, abs=1e-6)


def test_platforms_are_solid() -> None:
    with make(PlatformBlockEnv3D, AttrDict(task=None)) as env:
        env.reset(AttrDict({"objects/position": [0.5, 0.26, 0.12], "ee_position": ABOVE,
                            "objects/size": [0.04, 0.04, 0.04]}))  # fmt: skip
        obs = stay(env, 10)
        assert obs["objects/position"][0, 0, 2] == pytest.approx(PLATFORM_HEIGHT + 0.02, abs=2e-3)


def test_without_a_task_there_is_no_goal_and_no_end() -> None:
    with make(BlockEnv3D, AttrDict(task=None, max_steps=None)) as env:
        obs, goal = env.reset()
        assert len(goal) == 0 and env.env_spec.goal_names == ()
        assert stay(env, 3).reward[0, 0] == 0.0


def test_saved_states_keep_goal_and_progress() -> None:
    with make(BlockEnv3D) as env, make(BlockEnv3D) as other:
        env.seed(4)
        env.reset()
        stay(env, 3)
        saved = env.save_state()
        other.restore_state(saved)
        ours, theirs = stay(env, 5), stay(other, 5)
        for name, value in ours.leaf_items():
            np.testing.assert_array_equal(value, theirs[name], err_msg=name)
        action = np.array([[*ABOVE, 0, 0, 0, 0]], np.float32)
        goals = [e.step(AttrDict(action=action))[1]["goal/objects/position"] for e in (env, other)]
        np.testing.assert_array_equal(*goals)


def test_a_state_that_is_not_finite_ends_the_episode() -> None:
    with make(BlockEnv3D) as env:
        env.reset()
        env.bullet.resetBaseVelocity(env.object, [np.nan] * 3, [0.0] * 3)
        action = np.array([[*ABOVE, 0, 0, 0, 0]], np.float32)
        obs, _, done = env.step(AttrDict(action=action))
        assert done[0] and env.failed[0] and np.isfinite(obs["objects/position"]).all()
        env.reset()
        assert not env.step(AttrDict(action=action))[2][0]


def test_what_falls_off_the_table_lands_on_the_floor() -> None:
    with make(BlockEnv3D, AttrDict(task=None)) as env:
        env.reset(AttrDict({"objects/position": [0.5, 0.6, 0.1], "ee_position": ABOVE}))
        height = stay(env, 15)["objects/position"][0, 0, 2]
        assert -0.4 < height < -0.35


def test_a_start_beyond_the_workspace_is_led_back_into_it() -> None:
    with make(BlockEnv3D) as env:
        obs, _ = env.reset(AttrDict(ee_position=[0.4, 0.0, 0.5]))
        assert obs.ee_position[0, 2] == pytest.approx(0.5, abs=2e-3)
        assert obs["target/ee_position"][0, 2] == pytest.approx(env.workspace[1][2])
