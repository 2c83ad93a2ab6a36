"""How keys move the tool of a `RobotBulletEnv`."""

from __future__ import annotations

import numpy as np

from muse.envs.bullet_envs.panda import GRIPPER_SHUT
from muse.envs.teleop.user_input import UserInput

KEYS = {
    "up": "forward",
    "down": "back",
    "left": "left",
    "right": "right",
    "i": "up",
    "k": "down",
    "a": "turn left",
    "d": "turn right",
    "w": "pitch forward",
    "s": "pitch back",
    "q": "roll left",
    "e": "roll right",
    "g": "open or shut the gripper",
}
#: What a held key changes in one step, m and rad.
_MOVE, _TURN = 0.03, 0.12
_PAIRS = (("up", "down"), ("left", "right"), ("i", "k"))
_TURN_PAIRS = (("e", "q"), ("w", "s"), ("a", "d"))


def pose_change(user_input: UserInput, gripper: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the change of position (3,) m and of roll, pitch, yaw (3,) rad, and the gripper.

    Args:
        user_input: the keys as they are now.
        gripper: where it was sent last, 0 to 255; `g` sends it to the other end.
    """
    down = user_input.is_down
    moved = np.array([_MOVE * (down(more) - down(less)) for more, less in _PAIRS])
    turned = np.array([_TURN * (down(more) - down(less)) for more, less in _TURN_PAIRS])
    if user_input.was_pressed("g"):
        gripper = 0.0 if gripper > 0.5 * GRIPPER_SHUT else GRIPPER_SHUT
    return moved, turned, gripper
