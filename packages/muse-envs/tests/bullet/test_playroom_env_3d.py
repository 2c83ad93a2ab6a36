from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.drawer_button_playroom_env_3d import DrawerButtonPlayroomEnv3D
from muse.envs.bullet_envs.block3d.drawer_playroom_env_3d import (
    PLAYROOM_TASKS,
    DrawerPlayroomEnv3D,
)
from muse.envs.bullet_envs.block3d.layout import CABINET_TRAVEL, DRAWER_TRAVEL, drawer_handle
from muse.envs.env import Env, make
from muse.envs.rollout import rollout
from muse.policies.block3d_play_policy import Block3DPlayPolicy

OVER = [0.4, 0.0, 0.2]


def stay(env: Env, steps: int = 1, gripper: float = 0.0) -> AttrDict:
    for _ in range(steps):
        obs, _, _ = env.step(AttrDict(action=np.array([[*OVER, 0, 0, 0, gripper]], np.float32)))
    return obs


def test_snaps_open_and_shut_by_chance() -> None:
    with make(DrawerPlayroomEnv3D, AttrDict(task=None)) as env:
        env.seed(0)
        starts = [env.reset()[0] for _ in range(16)]
        for name, travel in (("drawer", DRAWER_TRAVEL), ("cabinet", CABINET_TRAVEL)):
            openings = {round(float(obs[f"{name}/joint_position"][0, 0]), 3) for obs in starts}
            assert openings == {0.0, round(travel, 3)}
            for obs in starts:
                shut = obs[f"{name}/joint_position"][0, 0] == 0.0
                assert obs[f"{name}/closed"][0, 0] == shut
                assert obs[f"{name}/joint_position_normalized"][0, 0] == 1.0 - shut
    with make(DrawerPlayroomEnv3D, AttrDict(task=None, random_snap=False)) as env:
        assert all(env.reset()[0]["drawer/closed"][0, 0] for _ in range(6))


def test_presets_open_things_and_handles_follow() -> None:
    presets = {"drawer/joint_position": 0.1, "cabinet/joint_position": 0.7, "ee_position": OVER}
    with make(DrawerPlayroomEnv3D, AttrDict(task=None)) as env:
        obs, _ = env.reset(AttrDict(presets))
        assert obs["drawer/joint_position"][0, 0] == pytest.approx(0.1)
        np.testing.assert_allclose(obs["drawer/handle_position"][0], drawer_handle(0.1), atol=1e-6)
        # The handle's place comes from the layout; the body's own frame must agree with it.
        frame = env.bullet.getLinkState(env.furniture, 1, computeForwardKinematics=1)
        matrix = np.reshape(env.bullet.getMatrixFromQuaternion(frame[5]), (3, 3))
        handle = np.array(frame[4]) + matrix @ [-0.035, -0.185, 0.067]
        np.testing.assert_allclose(obs["cabinet/handle_position"][0], handle, atol=1e-6)


def test_joints_stop_at_their_ends() -> None:
    with make(DrawerPlayroomEnv3D, AttrDict(task=None, random_snap=False)) as env:
        env.reset(AttrDict(ee_position=OVER))
        for _ in range(10):
            env.bullet.applyExternalForce(
                env.furniture, 0, [-60, 0, 0], [0, 0, 0], env.bullet.LINK_FRAME
            )
            obs = stay(env)
        assert obs["drawer/joint_position"][0, 0] == pytest.approx(DRAWER_TRAVEL, abs=5e-3)


def test_a_block_in_the_drawer_goes_along_until_it_is_touched() -> None:
    presets = AttrDict({"drawer/joint_position": DRAWER_TRAVEL, "ee_position": OVER})
    params = AttrDict(task="move_from_drawer", done_on_success=False)
    with make(DrawerPlayroomEnv3D, params) as env:
        env.seed(0)
        obs, _ = env.reset(presets)
        obs = stay(env, 3)
        before = obs["objects/position"][0, 0] - obs["drawer/handle_position"][0]
        # Struck shut at two metres a second, it would slide without the tether.
        env.bullet.resetJointState(env.furniture, 0, DRAWER_TRAVEL, -2.0)
        obs = stay(env, 8)
        assert obs["drawer/joint_position"][0, 0] < 0.1
        after = obs["objects/position"][0, 0] - obs["drawer/handle_position"][0]
        np.testing.assert_allclose(after, before, atol=0.02)
        assert env.save_state()["tether"][0] == 1.0

        obs, goal = env.reset(presets)
        policy = Block3DPlayPolicy(AttrDict(primitive="move_from_drawer"), env.env_spec)
        memory = policy.initial_memory(None, 1)
        while obs["objects/position"][0, 0, 2] < 0.0:
            action, memory = policy.get_action(None, obs, goal, memory)
            obs, goal, done = env.step(action)
            assert not done[0]
        assert env.save_state()["tether"][0] == 0.0


def test_objects_may_start_in_drawer_or_cabinet() -> None:
    with make(DrawerPlayroomEnv3D, AttrDict(task=None, object_start_in_dcab=True)) as env:
        env.seed(1)
        heights = [float(env.reset()[0]["objects/position"][0, 0, 2]) for _ in range(12)]
        assert min(heights) < -0.1 and max(heights) > -0.05


@pytest.mark.parametrize("task", [task for task in PLAYROOM_TASKS if "_open" in task or
                                  "close" in task or "move" in task])  # fmt: skip
def test_a_task_begins_where_it_can_be_carried_out(task: str) -> None:
    with make(DrawerPlayroomEnv3D, AttrDict(task=task)) as env:
        policy = Block3DPlayPolicy(AttrDict(primitive=task), env.env_spec)
        episodes = rollout(env, policy, seeds=[11, 12])
        assert sum(episode.success for episode in episodes) >= 1
        assert all(episode.length > 5 for episode in episodes)


def test_a_button_springs_back() -> None:
    task = "press_button_1"
    with make(DrawerButtonPlayroomEnv3D, AttrDict(task=task, done_on_success=False)) as env:
        env.seed(0)
        obs, goal = env.reset()
        policy = Block3DPlayPolicy(AttrDict(primitive=task), env.env_spec)
        memory = policy.initial_memory(None, 1)
        pressed = []
        while not policy.is_terminated(None, obs, goal, memory)[0]:
            action, memory = policy.get_action(None, obs, goal, memory)
            obs, goal, _ = env.step(action)
            pressed.append(obs["buttons/pressed"][0].tolist())
        assert [0.0, 1.0, 0.0] in pressed and [1.0, 0.0, 0.0] not in pressed
        assert pressed[-1] == [0.0, 0.0, 0.0] and env.is_success()[0]
        np.testing.assert_allclose(obs["buttons/joint_position"], 0.0, atol=2e-3)
