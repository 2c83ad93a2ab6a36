from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, UsageError
from muse.envs.bullet_envs.block3d.block_env_3d import BlockEnv3D
from muse.envs.bullet_envs.block3d.drawer_button_playroom_env_3d import DrawerButtonPlayroomEnv3D
from muse.envs.bullet_envs.block3d.platform_block_env_3d import PlatformBlockEnv3D
from muse.envs.bullet_envs.block3d.platform_mug_env_3d import PlatformMugEnv3D
from muse.envs.env import make
from muse.envs.rollout import rollout
from muse.envs.vector import SyncVectorEnv
from muse.policies.block3d_play_policy import Block3DPlayPolicy


@pytest.mark.parametrize(("params", "primitive", "error", "says"), [
    ({}, "juggle_left", ParamError, "juggle_left"),
    ({"task": None}, "lift_up", UsageError, "task='lift_up'"),
])  # fmt: skip
def test_what_it_cannot_do_is_refused(
    params: dict, primitive: str, error: type[Exception], says: str
) -> None:
    with make(BlockEnv3D, AttrDict(params)) as env, pytest.raises(error, match=says):
        Block3DPlayPolicy(AttrDict(primitive=primitive), env.env_spec)


def test_the_primitive_is_the_task_of_the_environment_unless_given() -> None:
    with make(BlockEnv3D, AttrDict(task="push_left")) as env:
        policy = Block3DPlayPolicy(AttrDict(), env.env_spec, env=env)
        assert rollout(env, policy, seeds=[0])[0].success
        with pytest.raises(UsageError, match="give a primitive"):
            Block3DPlayPolicy(AttrDict(), env.env_spec)


@pytest.mark.parametrize(("cls", "task"), [
    (BlockEnv3D, "push_left"), (BlockEnv3D, "pull_backward"), (BlockEnv3D, "top_rot_right"),
    (PlatformMugEnv3D, "lift_forward"), (PlatformMugEnv3D, "push_right"),
    (DrawerButtonPlayroomEnv3D, "press_button_2"), (DrawerButtonPlayroomEnv3D, "lift_right"),
])  # fmt: skip
def test_carries_out_the_primitive(cls: type, task: str) -> None:
    with make(cls, AttrDict(task=task)) as env:
        policy = Block3DPlayPolicy(AttrDict(primitive=task), env.env_spec)
        episodes = rollout(env, policy, seeds=range(4))
        assert sum(episode.success for episode in episodes) >= 3


@pytest.mark.parametrize("limits", [
    {}, {"max_delta_position": 0.02, "max_delta_orientation": 0.1},
], ids=["wide", "narrow"])  # fmt: skip
@pytest.mark.parametrize(("cls", "task"), [
    (BlockEnv3D, "top_rot_left"), (DrawerButtonPlayroomEnv3D, "cabinet_open"),
])  # fmt: skip
def test_works_by_changes_too(cls: type, task: str, limits: dict) -> None:
    with make(cls, AttrDict(task=task, action_mode="delta", **limits)) as env:
        policy = Block3DPlayPolicy(AttrDict(primitive=task), env.env_spec)
        episodes = rollout(env, policy, seeds=range(4), record=True)
        assert sum(episode.success for episode in episodes) >= 3
        actions = np.concatenate([episode.data[0]["action"] for episode in episodes])
        _, high = env.env_spec.limits("action")
        assert 0.9 * high[0] < np.abs(actions[:, :3]).max() <= high[0] + 1e-6


def test_what_has_no_room_behind_it_is_drawn_out_and_pushed() -> None:
    presets = AttrDict({"objects/position": [0.62, 0.05, 0.02], "objects/size": [0.04] * 3,
                        "objects/orientation_eul": [0, 0, 0]})  # fmt: skip
    with make(PlatformBlockEnv3D, AttrDict(task="push_backward")) as env:
        policy = Block3DPlayPolicy(AttrDict(primitive="push_backward"), env.env_spec)
        episode = rollout(env, policy, seeds=[0], presets=presets, record=True)[0]
        gripper = episode.data[0]["action"][:, 6]
        assert episode.success and (gripper == 255).any() and 0 < gripper[-1] < 255


def test_rows_do_not_depend_on_one_another() -> None:
    group = AttrDict(cls=BlockEnv3D, task="lift_up")
    with make(group) as single, make(SyncVectorEnv, AttrDict(num_envs=2, env=group)) as both:
        policy = Block3DPlayPolicy(AttrDict(primitive="lift_up", noise_std=0.002), single.env_spec)
        alone = rollout(single, policy, seeds=[3, 4])
        together = rollout(both, policy, seeds=[3, 4])
        for a, b in zip(alone, together, strict=True):
            assert (a.length, a.success, a.score) == (b.length, b.success, b.score)


def test_it_is_finished_after_its_last_waypoint() -> None:
    with make(BlockEnv3D, AttrDict(task="pull_left", done_on_success=False)) as env:
        policy = Block3DPlayPolicy(AttrDict(primitive="pull_left"), env.env_spec)
        episode = rollout(env, policy, seeds=[0], record=True)[0]
        assert episode.truncated and episode.length < 150 and episode.success
        inputs, _ = episode.data
        last = inputs["objects/position"][-1] - inputs["goal/objects/position"][-1]
        assert np.linalg.norm(last) < 0.025
