from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.success_metrics import block3d_success_metrics


def poses(prefix: str, *rows: tuple[float, float]) -> AttrDict:
    """Objects at x (m) turned by yaw (deg), one a row."""
    position = np.array([[[x, 0.0, 0.02]] for x, _ in rows], np.float32)
    euler = np.array([[[0.0, 0.0, np.deg2rad(yaw)]] for _, yaw in rows], np.float32)
    names = [f"{prefix}objects/position", f"{prefix}objects/orientation_eul"]
    return AttrDict.from_kvs(names, [position, euler])


def judged(primitive: str, *rows: tuple[float, float]) -> AttrDict:
    """Judge rows of (x, yaw) by the goal x = 0, yaw = 0."""
    return block3d_success_metrics(
        primitive, poses("", *rows), poses("goal/", *[(0, 0)] * len(rows))
    )


@pytest.mark.parametrize(("primitive", "scores"), [
    ("push_left", [1.0, 0.75, 0.25, 0.0]),
    ("lift_forward", [1.0, 0.75, 0.25, 0.0]),
    ("top_rot_left", [1.0, 0.25, 0.75, 0.0]),
])  # fmt: skip
def test_position_and_angle_are_weighed(primitive: str, scores: list[float]) -> None:
    found = judged(primitive, (0.024, 14.0), (0.024, 16.0), (0.026, 14.0), (0.026, 16.0))
    np.testing.assert_allclose(found.score, scores)
    np.testing.assert_array_equal(found.success, np.array(scores) >= 0.5)


def test_moves_have_twice_the_tolerance() -> None:
    np.testing.assert_array_equal(
        judged("move_to_drawer", (0.049, 90.0), (0.051, 0.0)).success, [True, False]
    )


def test_errors_are_metres_or_radians() -> None:
    assert judged("push_left", (0.3, 10.0)).error[0] == pytest.approx(0.3, abs=1e-6)
    assert judged("top_rot_left", (0.3, 90.0)).error[0] == pytest.approx(np.pi / 2, abs=1e-6)


@pytest.mark.parametrize(("joint", "primitive", "tolerance"), [
    ("drawer", "drawer_open", 0.02), ("cabinet", "cabinet_close", np.deg2rad(10.0)),
])  # fmt: skip
def test_joints_have_a_tolerance(joint: str, primitive: str, tolerance: float) -> None:
    at = np.array([[0.1], [0.1 + 0.99 * tolerance], [0.1 - 1.01 * tolerance]], np.float32)
    obs = AttrDict.from_kvs([f"{joint}/joint_position"], [at])
    goal = AttrDict.from_kvs([f"goal/{joint}/joint_position"], [np.full((3, 1), 0.1, np.float32)])
    found = block3d_success_metrics(primitive, obs, goal)
    np.testing.assert_array_equal(found.success, [True, True, False])


def test_a_button_is_pressed_from_one_centimetre_on() -> None:
    heights = np.array([[0.0, -0.0101, -0.0099]], np.float32)
    obs = AttrDict.from_kvs(["buttons/joint_position"], [heights])
    pressed = [block3d_success_metrics(f"press_button_{i}", obs, AttrDict()) for i in range(3)]
    assert [bool(found.success[0]) for found in pressed] == [False, True, False]
