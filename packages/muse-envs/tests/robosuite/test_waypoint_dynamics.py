from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import SpecError
from muse.envs.robosuite import rotations
from muse.envs.robosuite.robosuite_utils import (
    get_rs_online_action_postproc_fn,
    get_wp_dynamics_fn,
    rs_gripper_width_as_contact_fn,
)
from muse.envs.robosuite.waypoint_dynamics import REAL_ARM_DYNAMICS, REAL_ARM_NAMES

START = np.array([[0.1, -0.2, 0.9, 0.0, 0.0, 0.0, 1.0]])


def pose(position: list[float], euler: list[float]) -> np.ndarray:
    return np.concatenate([position, rotations.from_euler(np.array(euler))])[None]


def test_repeated_steps_reach_the_waypoint_no_faster_than_allowed() -> None:
    step = get_wp_dynamics_fn()
    target = pose([0.4, 0.1, 1.0], [0.3, -0.2, 1.5])
    now, reached = START, np.array([False])
    for _ in range(30):
        _, after, reached = step(now, target)
        assert np.linalg.norm(after[0, :3] - now[0, :3]) <= 0.4 * 0.05 + 1e-12
        now = after
        if reached[0]:
            break
    assert reached[0]
    np.testing.assert_allclose(now[:, :3], target[:, :3], atol=0.0075)


def test_an_action_is_the_share_of_what_the_controller_can_do() -> None:
    far = START + np.array([[1.0, 0, 0, 0, 0, 0, 0]])
    action, _, _ = get_wp_dynamics_fn()(START, far)
    np.testing.assert_allclose(action, [[0.4, 0, 0, 0, 0, 0]])
    slow, _, _ = get_wp_dynamics_fn(fast_dynamics=False)(START, far)
    np.testing.assert_allclose(slow, action / 2.0)
    plain, after, _ = get_wp_dynamics_fn(scale_action=False)(START, far)
    np.testing.assert_allclose(plain[:, :3], after[:, :3] - START[:, :3])


def test_both_position_and_orientation_must_be_reached() -> None:
    step = get_wp_dynamics_fn()
    turned = pose([0.1, -0.2, 0.9], [0.0, 0.0, 0.1])
    assert not step(START, turned)[2][0]
    assert step(START, pose([0.1, -0.2, 0.905], [0.0, 0.0, 0.05]))[2][0]
    assert get_wp_dynamics_fn(no_ori=True)(START[:, :3], turned[:, :3])[2][0]


def test_euler_angles_do_as_well_as_quaternions() -> None:
    step = get_wp_dynamics_fn()
    target = np.array([[0.2, 0.0, 1.0, 0.1, 0.2, 0.7]])
    euler_start = np.concatenate([START[:, :3], np.zeros((1, 3))], axis=1)
    quat, _, _ = step(START, pose(*np.split(target[0], 2)))
    euler, after, _ = step(euler_start, target)
    np.testing.assert_allclose(euler, quat, atol=1e-12)
    assert after.shape == (1, 6)
    with pytest.raises(SpecError, match="2 numbers beside its position"):
        step(START[:, :5], target)


def test_rows_are_stepped_by_themselves_and_inputs_left_alone() -> None:
    step, targets = get_wp_dynamics_fn(), np.concatenate([START, START + 0.01])
    poses = np.concatenate([START, START])
    kept = poses.copy(), targets.copy()
    action, _, reached = step(poses, targets)
    np.testing.assert_allclose(action[0], 0.0, atol=1e-12)
    assert reached.tolist() == [True, False]
    np.testing.assert_array_equal(poses, kept[0])
    np.testing.assert_array_equal(targets, kept[1])


def outputs(mode: float) -> AttrDict:
    """A model's outputs with a horizon of 2."""
    dense = np.array([0.1, 0.2, 0.3, 0.0, 0.0, 0.0, -1.0], np.float32)
    return AttrDict(
        {
            "action": np.stack([dense, 9 * dense])[None],
            "mode": np.array([[[mode], [1.0]]], np.float32),
            "target/position": np.array([[[1.1, -0.2, 0.9], [9, 9, 9]]], np.float32),
            "target/orientation": np.array([[[0, 0, 0, 1.0], [0, 0, 0, 1.0]]], np.float32),
        }
    )


def test_the_mode_decides_what_moves_the_arm_and_the_gripper_stays_dense() -> None:
    obs = AttrDict(robot0_eef_pos=START[:, None, :3], robot0_eef_quat=START[:, None, 3:])
    act = get_rs_online_action_postproc_fn()
    sparse = act(None, obs, AttrDict(), outputs(0.0)).action
    np.testing.assert_allclose(sparse, [[0.4, 0, 0, 0, 0, 0, -1]], atol=1e-6)
    dense = act(None, obs, AttrDict(), outputs(1.0)).action
    np.testing.assert_allclose(dense, outputs(1.0)["action"][:, 0])
    assert sparse.dtype == np.float32


def test_the_real_arm_uses_its_own_names_and_units() -> None:
    act = get_rs_online_action_postproc_fn(**REAL_ARM_NAMES, **REAL_ARM_DYNAMICS)
    obs = AttrDict(ee_position=START[:, :3], ee_orientation=START[:, 3:])
    given = outputs(0.0)
    given["target/ee_position"] = given["target/position"]
    given["target/ee_orientation"] = given["target/orientation"]
    action = act(None, obs, AttrDict(), given).action
    np.testing.assert_allclose(action[0, :3], [0.025, 0, 0], atol=1e-6)  # 0.25 m/s for 0.1 s


def test_settings_cannot_change_ready_dynamics() -> None:
    with pytest.raises(TypeError, match="no_ori"):
        get_rs_online_action_postproc_fn(get_wp_dynamics_fn(), no_ori=True)


def test_narrow_fingers_mean_contact() -> None:
    qpos = np.array([[0.04, -0.04], [0.02, -0.02]])
    assert rs_gripper_width_as_contact_fn(qpos).tolist() == [[False], [True]]
