from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError, SpecError
from muse.envs.env import Env, make
from muse.envs.robosuite import rotations
from muse.envs.robosuite.robosuite_env import RobosuiteEnv
from muse.envs.robosuite.tasks import TASKS
from muse.envs.testing import check_env

pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")


def build(**params: Any) -> RobosuiteEnv:
    env = make(RobosuiteEnv, AttrDict(hard_reset=False) & AttrDict(params))
    assert isinstance(env, RobosuiteEnv)
    return env


def act(env: Env, value: float = 0.0) -> AttrDict:
    return AttrDict(action=np.full((1, *env.env_spec.shape("action")), value, np.float32))


@pytest.mark.parametrize("task", TASKS)
def test_keeps_the_contract(task: str) -> None:
    params = AttrDict(env_name=task, parse_objects=True)
    check_env(RobosuiteEnv, params, steps=6, render=False)


def test_keeps_the_contract_with_pictures() -> None:
    params = AttrDict(imgs=True, ego_imgs=True, cameras=["sideview"], hard_reset=False)
    params &= AttrDict(img_width=32, img_height=24, fast_render=True)
    check_env(RobosuiteEnv, params, steps=2)


@pytest.mark.parametrize("task", TASKS)
def test_observations_equal_robosuites_own(task: str) -> None:
    with build(env_name=task) as env:
        env.seed(0)
        env.reset()
        inner = env.simulation.env
        names = [s.name for s in inner._observables.values() if s.modality == "object"]
        shown = [n for n in names if inner._observables[n].is_active()]
        assert shown == list(env.task.layout)
        for _ in range(5):
            obs, _, _ = env.step(act(env, 0.3))
            own = inner._get_observations()
            np.testing.assert_array_equal(obs.object[0], own["object-state"].astype(np.float32))
            for name in obs.leaf_keys():
                if name in own:
                    np.testing.assert_array_equal(obs[name][0], own[name].astype(np.float32))


def test_a_seed_repeats_the_episode_bit_for_bit_in_another_environment() -> None:
    for hard in (True, False):
        seen = []
        for _ in range(2):
            with build(env_name="Lift", hard_reset=hard) as env:
                env.reset()  # an unseeded episode before must not matter
                env.seed(5)
                obs, _ = env.reset()
                seen.append([obs.object, *[env.step(act(env, 0.5))[0].object for _ in range(5)]])
        np.testing.assert_array_equal(seen[0], seen[1])


@pytest.mark.parametrize("task", ["Stack", "NutAssemblySquare", "PickPlaceCan", "Door", "ToolHang"])
def test_a_soft_reset_starts_and_goes_on_as_a_hard_one(task: str) -> None:
    with build(env_name=task) as soft, build(env_name=task, hard_reset=True) as hard:
        for seed in (0, 1):
            for env in (soft, hard):
                env.seed(seed)
            ours, theirs = soft.reset()[0], hard.reset()[0]
            np.testing.assert_array_equal(ours.object, theirs.object)
            for _ in range(3):
                ours, theirs = soft.step(act(soft, 0.4))[0], hard.step(act(hard, 0.4))[0]
            np.testing.assert_array_equal(ours.object, theirs.object)


def test_a_hard_reset_draws_the_size_of_the_cube_anew_and_a_soft_one_keeps_it() -> None:
    for hard in (True, False):
        with build(env_name="Lift", hard_reset=hard) as env:
            sizes = []
            for seed in (0, 1):
                env.seed(seed)
                env.reset()
                sizes.append(env.simulation.model.geom("cube_g0").size.copy())
            assert np.array_equal(*sizes) != hard


def test_objects_are_placed_by_presets() -> None:
    with build(env_name="Stack", parse_objects=True) as env:
        env.seed(0)
        obs, _ = env.reset()
        wanted = obs["objects/position"][0] + np.array([[0.03, 0.0, 0.0], [-0.05, 0.02, 0.0]])
        turned = np.tile([0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)], (2, 1))
        presets = AttrDict({"objects/position": wanted, "objects/orientation": turned})
        obs, _ = env.reset(presets)
        np.testing.assert_allclose(obs["objects/position"][0], wanted, atol=1e-6)
        np.testing.assert_allclose(obs["objects/orientation"][0], turned, atol=1e-6)
        np.testing.assert_allclose(obs["objects/orientation_eul"][0, :, 2], np.pi / 2, atol=1e-5)
        np.testing.assert_allclose(obs.object[0, :3], wanted[0], atol=1e-6)
        with pytest.raises(EnvError, match=r"expected \(2, 3\)"):
            env.reset(AttrDict({"objects/position": np.zeros((3, 3))}))


def test_what_is_fixed_cannot_be_placed() -> None:
    with build(env_name="Door") as env, pytest.raises(EnvError, match="no free object"):
        env.reset(AttrDict({"objects/position": np.zeros((2, 3))}))


def test_an_episode_ends_when_success_has_held_for_two_steps() -> None:
    with build(env_name="Lift", parse_objects=True) as env:
        env.seed(0)
        high = env.reset()[0]["objects/position"] + np.array([0.0, 0.0, 0.5])
        env.reset(AttrDict({"objects/position": high}))
        obs, _, done = env.step(act(env))
        assert env.is_success()[0] and not done[0] and obs.reward[0, 0] == 1.0
        obs, _, done = env.step(act(env))
        assert done[0] and obs.terminated[0, 0] and not obs.truncated[0, 0]


def test_success_need_not_end_the_episode_and_time_does() -> None:
    with build(env_name="Lift", done_on_success=False, max_steps=3) as env:
        env.seed(0)
        env.reset()
        ends = [env.step(act(env)) for _ in range(3)]
        assert [bool(done[0]) for _, _, done in ends] == [False, False, True]
        assert ends[-1][0].truncated[0, 0]


def test_without_orientation_the_hand_only_moves() -> None:
    with build(no_ori=True) as short, build() as full:
        for env in (short, full):
            env.seed(0)
            env.reset()
        ours = short.step(AttrDict(action=np.array([[0.5, 0.2, -0.1, 1.0]], np.float32)))[0]
        same = np.array([[0.5, 0.2, -0.1, 0.0, 0.0, 0.0, 1.0]], np.float32)
        theirs = full.step(AttrDict(action=same))[0]
        np.testing.assert_array_equal(ours.robot0_joint_pos, theirs.robot0_joint_pos)


def test_two_arms_take_one_action_each() -> None:
    with build(env_name="TwoArmTransport", no_ori=True) as env:
        env.seed(0)
        before, _ = env.reset()
        up = np.array([[0, 0, 1, -1, 0, 0, -1, -1]], np.float32)
        for _ in range(5):
            after, _, _ = env.step(AttrDict(action=up))
        assert after.robot0_eef_pos[0, 2] > before.robot0_eef_pos[0, 2] + 0.02
        assert after.robot1_eef_pos[0, 2] < before.robot1_eef_pos[0, 2] - 0.02


def test_an_action_follows_the_axes_it_is_told_to() -> None:
    moved = {}
    for frame in ("world", "base"):
        with build(env_name="TwoArmTransport", no_ori=True, action_frame=frame) as env:
            env.seed(0)
            before, _ = env.reset()
            ahead = AttrDict(action=np.array([[1, 0, 0, -1, 0, 0, 0, -1]], np.float32))
            for _ in range(5):
                after, _, _ = env.step(ahead)
            moved[frame] = (after.robot0_eef_pos - before.robot0_eef_pos)[0]
    # The first arm stands turned by a quarter: its own "ahead" is the world's y.
    assert moved["world"][0] > 0.03 and abs(moved["world"][1]) < 0.01
    assert moved["base"][1] > 0.03 and abs(moved["base"][0]) < 0.01


@pytest.mark.parametrize(
    "controller", ["OSC_POSITION", "IK_POSE", "JOINT_POSITION", "JOINT_TORQUE"]
)
def test_controllers(controller: str) -> None:
    check_env(RobosuiteEnv, AttrDict(controller=controller), steps=4, render=False)


@pytest.mark.parametrize("axis", range(6))
def test_inverse_kinematics_moves_the_hand_along_the_worlds_axes(axis: int) -> None:
    with build(controller="IK_POSE") as env:
        env.seed(0)
        before, _ = env.reset()
        still, _, _ = env.step(AttrDict(action=np.zeros((1, 7), np.float32)))
        np.testing.assert_allclose(still.robot0_eef_pos, before.robot0_eef_pos, atol=1e-4)
        ask = AttrDict(action=np.eye(7, dtype=np.float32)[axis : axis + 1])
        for _ in range(10):
            after, _, _ = env.step(ask)
    turned = rotations.multiply(after.robot0_eef_quat, rotations.inverse(before.robot0_eef_quat))
    turn = rotations.to_rotation_vector(turned)[0]
    moved = np.concatenate([(after.robot0_eef_pos - before.robot0_eef_pos)[0], turn])
    # At most 2 cm or 0.05 rad a step, of which the arm makes a share.
    assert 0.02 < moved[axis] < (0.2 if axis < 3 else 0.5)
    rest = np.delete(moved, axis)
    assert np.abs(rest).max() < 0.01


def test_other_arms() -> None:
    check_env(RobosuiteEnv, AttrDict(robots="UR5e"), steps=4, render=False)


def test_stages_are_the_reward_where_asked() -> None:
    with build(env_name="ToolHang", use_reward_stages=True) as env:
        env.seed(0)
        env.reset()
        obs, _, _ = env.step(act(env))
        assert obs.reward[0, 0] == 0.0 and env.simulation.stages() == [False, False]
    with pytest.raises(EnvError, match="no reward stages; these have"):
        build(env_name="Lift", use_reward_stages=True)


def test_a_broken_simulation_ends_the_episode_with_a_flag() -> None:
    with build() as env:
        env.seed(0)
        env.reset()
        env.simulation.data.qvel[0] = np.nan
        obs, _, done = env.step(act(env))
        assert done[0] and env.failed[0] and obs.truncated[0, 0]
        assert all(np.isfinite(v).all() for _, v in obs.leaf_items() if v.dtype.kind == "f")
        obs, _ = env.reset()
        assert not env.step(act(env))[2][0] and not env.failed[0]


def test_bad_actions_and_settings_are_named() -> None:
    with build() as env:
        env.reset()
        with pytest.raises(SpecError, match=r"2\.0 is outside"):
            env.step(act(env, 2.0))
        with pytest.raises(SpecError, match="NaN"):
            env.step(act(env, np.nan))
    with pytest.raises(ParamError, match="NutAssemblySquare"):
        build(env_name="NutAssemblySquar")
    with pytest.raises(EnvError, match="OSC_POSE"):
        build(no_ori=True, controller="JOINT_POSITION")
    with pytest.raises(EnvError, match="action_frame='base'"):
        build(action_frame="base", controller="IK_POSE")
    with pytest.raises(EnvError, match="Supported robots"):
        build(controller="IK_POSE", robots="UR5e")
    with (
        build(imgs=True, offscreen_camera="topview") as env,
        pytest.raises(EnvError, match="no camera 'topview'"),
    ):
        env.reset()


def test_images_have_the_size_asked_for_and_pass_the_postprocessing() -> None:
    with build(imgs=True, img_width=40, img_height=20, fast_render=True) as env:
        env.seed(0)
        plain = env.reset()[0].image
        assert plain.shape == (1, 20, 40, 3) == (1, *env.env_spec.shape("image"))
    with build(
        imgs=True, img_width=40, img_height=20, fast_render=True, img_postproc=np.flipud
    ) as env:
        env.seed(0)
        np.testing.assert_array_equal(env.reset()[0].image[0], plain[0, ::-1])
