from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.robosuite.robosuite_env import RobosuiteEnv
from muse.envs.robosuite.teleop import KEYS, Teleop


class Held:
    """Keys that are held down, keys just pressed, and a pointer."""

    def __init__(
        self,
        *down: str,
        pressed: tuple[str, ...] = (),
        pointer: tuple[float, float] | None = None,
    ) -> None:
        self._down, self._pressed, self.pointer = down, pressed, pointer

    def poll(self) -> None:
        pass

    def is_down(self, key: str) -> bool:
        assert key in KEYS
        return key in self._down

    def was_pressed(self, key: str) -> bool:
        assert key in KEYS
        return key in self._pressed

    def is_button_down(self, button: int = 1) -> bool:
        return self.pointer is not None

    @property
    def wants_end(self) -> bool:
        return False


def test_keys_move_and_turn_the_hand() -> None:
    teleop = Teleop(7)
    np.testing.assert_array_equal(teleop.action(Held()), [[0, 0, 0, 0, 0, 0, -1]])
    np.testing.assert_array_equal(teleop.action(Held("s", "r")), [[1, 0, 1, 0, 0, 0, -1]])
    np.testing.assert_array_equal(teleop.action(Held("q")), [[0, 0, 0, 0, 0, 1, -1]])
    np.testing.assert_array_equal(teleop.action(Held("w", "s")), [[0, 0, 0, 0, 0, 0, -1]])
    slow = teleop.action(Held("d", "left shift"))
    np.testing.assert_array_equal(slow, [[0, 0.25, 0, 0, 0, 0, -1]])


def test_the_gripper_stays_as_it_was_told() -> None:
    teleop = Teleop(4)
    assert teleop.action(Held(pressed=("space",)))[0, -1] == 1.0
    assert teleop.action(Held("space"))[0, -1] == 1.0
    assert teleop.action(Held(pressed=("space",)))[0, -1] == -1.0


def test_the_mouse_draws_the_hand_towards_the_pointer() -> None:
    action = Teleop(7).action(Held(pointer=(0.9, 0.3)))
    np.testing.assert_allclose(action[0, :3], [-0.5, 1.0, 0.0], atol=1e-6)


def test_one_of_two_arms_is_driven() -> None:
    teleop = Teleop(14, arms=2)
    first = teleop.action(Held("r"))
    assert first[0, 2] == 1.0 and not first[0, 7:13].any()
    second = teleop.action(Held("r", pressed=("tab", "space")))
    assert not second[0, :6].any() and second[0, 9] == 1.0
    assert second[0, 6] == -1.0 and second[0, 13] == 1.0


@pytest.mark.parametrize(
    ("size", "arms", "gripper"),
    [(3, 1, False), (4, 1, True), (6, 1, False), (7, 1, True), (8, 2, True), (14, 2, True)],
)
def test_actions_fit_every_task(size: int, arms: int, gripper: bool) -> None:
    action = Teleop(size, arms, gripper).action(Held("w", "a", "r", "z", "t", "q"))
    assert action.shape == (1, size) and action.dtype == np.float32
    assert np.abs(action).max() <= 1.0


@pytest.mark.parametrize(
    ("controller", "size"), [("OSC_POSE", 7), ("OSC_POSITION", 4), ("IK_POSE", 7)]
)
def test_keys_drive_the_hand_and_no_joints(controller: str, size: int) -> None:
    pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")
    with make(RobosuiteEnv, AttrDict(hard_reset=False, controller=controller)) as env:
        env.seed(0)
        before, _ = env.reset()
        action = env.teleop_action(Held("r"), before)
        assert action.action.shape == (1, size)
        for _ in range(5):
            after, _, _ = env.step(action)
        assert after.robot0_eef_pos[0, 2] > before.robot0_eef_pos[0, 2] + 0.005
    with make(RobosuiteEnv, AttrDict(hard_reset=False, controller="JOINT_POSITION")) as env:
        obs, _ = env.reset()
        with pytest.raises(EnvError, match="IK_POSE"):
            env.teleop_action(Held(), obs)
