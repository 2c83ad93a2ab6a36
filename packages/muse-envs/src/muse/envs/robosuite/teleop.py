"""Driving an arm's hand by keyboard and mouse."""

from __future__ import annotations

import numpy as np

from muse.envs.teleop.user_input import UserInput

#: Index of the action, and which way, for every key that moves the hand.
_MOVES = {
    "w": (0, -1.0),
    "s": (0, 1.0),
    "a": (1, -1.0),
    "d": (1, 1.0),
    "r": (2, 1.0),
    "f": (2, -1.0),
    "z": (3, 1.0),
    "x": (3, -1.0),
    "t": (4, 1.0),
    "g": (4, -1.0),
    "q": (5, 1.0),
    "e": (5, -1.0),
}
KEYS = {
    "w": "away from the viewer",
    "s": "towards the viewer",
    "a": "left",
    "d": "right",
    "r": "up",
    "f": "down",
    "z": "roll one way",
    "x": "roll back",
    "t": "pitch one way",
    "g": "pitch back",
    "q": "turn one way",
    "e": "turn back",
    "space": "close or open the gripper",
    "left shift": "slowly, a quarter of the speed",
    "tab": "the other arm, where there are two",
    "mouse left": "towards the pointer, across the table",
}
_SLOW = 0.25
#: Share of the picture from its middle at which the mouse asks for full speed.
_FULL_SPEED_AT = 0.4


class Teleop:
    """Turns what a person holds down into an action; knows which arm and whether it grips.

    Args:
        size: numbers of the action: 7 for each arm, 4 without orientation, 6 without a gripper.
        arms: how many arms share them.
        gripper: whether an arm's last number is its gripper's.
    """

    def __init__(self, size: int, arms: int = 1, gripper: bool = True) -> None:
        self._arms, self._gripper = arms, gripper
        self._per_arm = size // arms
        self.reset()

    def reset(self) -> None:
        """Open the grippers; the first arm is driven."""
        self._arm = 0
        self._grip = np.full(self._arms, -1.0)

    def action(self, user_input: UserInput) -> np.ndarray:
        """Return the action, (1, size) float32."""
        if self._arms > 1 and user_input.was_pressed("tab"):
            self._arm = 1 - self._arm
        if user_input.was_pressed("space"):
            self._grip[self._arm] *= -1.0
        move = np.zeros(6)
        for key, (index, sign) in _MOVES.items():
            move[index] += sign * user_input.is_down(key)
        if user_input.pointer is not None and user_input.is_button_down(1):
            across, down = ((np.array(user_input.pointer) - 0.5) / _FULL_SPEED_AT).tolist()
            move[0] += down
            move[1] += across
        if user_input.is_down("left shift"):
            move *= _SLOW
        moved = self._per_arm - self._gripper
        action = np.zeros((self._arms, self._per_arm), np.float32)
        action[self._arm, :moved] = np.clip(move, -1.0, 1.0)[:moved]
        if self._gripper:
            action[:, -1] = self._grip
        return action.reshape(1, -1)
