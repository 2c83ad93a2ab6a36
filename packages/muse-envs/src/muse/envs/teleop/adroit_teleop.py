"""Driving the Adroit hand of 24 joints by keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from muse.envs.teleop.user_input import UserInput

#: Key -> what it does, the motor, and which way; a task has the motors of the arm it needs.
_TURNS = {
    "a": ("palm left", "A_ARTx", 1.0),
    "d": ("palm right", "A_ARTx", -1.0),
    "r": ("palm up", "A_ARTy", 1.0),
    "f": ("palm down", "A_ARTy", -1.0),
    "w": ("palm forward", "A_ARTz", 1.0),
    "s": ("palm back", "A_ARTz", -1.0),
    "t": ("tilt the arm up", "A_ARRx", -1.0),
    "g": ("tilt the arm down", "A_ARRx", 1.0),
    "z": ("swing the arm left", "A_ARRy", 1.0),
    "x": ("swing the arm right", "A_ARRy", -1.0),
    "q": ("roll the arm left", "A_ARRz", -1.0),
    "e": ("roll the arm right", "A_ARRz", 1.0),
    "left": ("wrist left", "A_WRJ1", 1.0),
    "right": ("wrist right", "A_WRJ1", -1.0),
    "up": ("wrist up", "A_WRJ0", -1.0),
    "down": ("wrist down", "A_WRJ0", 1.0),
}
_FINGERS = ("FFJ", "MFJ", "RFJ", "LFJ")
_BENT = {0: 0.9, 1: 1.2, 2: 1.3}  # rad, of a finger's joints from the tip on
_THUMB = {"A_THJ4": 1.0, "A_THJ3": 0.8, "A_THJ0": -0.7}
#: Key -> what it does while held, and where the fingers' motors go, rad; the rest are at 0.
_GRASPS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "space": (
        "close the hand while held",
        {f"A_{name}{i}": bend for name in _FINGERS for i, bend in _BENT.items()} | _THUMB,
    ),
    "p": (
        "pinch with thumb and first finger while held",
        {"A_FFJ2": 0.9, "A_FFJ1": 0.7, "A_FFJ0": 0.3} | _THUMB,
    ),
    "v": (
        "spread the fingers while held",
        {"A_FFJ3": 0.4, "A_MFJ3": 0.1, "A_RFJ3": -0.1, "A_LFJ3": -0.4},
    ),
}
#: How fast a person drives, m/s or rad/s.
_SPEED, _FINGER_SPEED = 0.5, 4.0


class AdroitTeleop:
    """Turns what a person holds down into targets of the hand's motors.

    It goes on from the targets of the step before, which the simulation holds, so it remembers
    nothing itself.

    Args:
        model: the `mujoco.MjModel`; it is read, never changed.
        data: its `mujoco.MjData`.
        step_time: of the environment, s.
    """

    def __init__(self, model: Any, data: Any, step_time: float) -> None:
        self._data, self._step_time = data, step_time
        motors = {model.actuator(i).name: i for i in range(model.nu)}
        self._turns = {
            key: (does, motors[motor], sign)
            for key, (does, motor, sign) in _TURNS.items()
            if motor in motors
        }
        self._fingers = slice(motors["A_FFJ3"], model.nu)
        self._low, self._high = model.actuator_ctrlrange.T
        self._grasps = {key: np.zeros(model.nu) for key in _GRASPS}
        for key, (_, targets) in _GRASPS.items():
            for motor, angle in targets.items():
                self._grasps[key][motors[motor]] = angle

    @property
    def keys(self) -> Mapping[str, str]:
        """What each key does."""
        turns = {key: does for key, (does, _, _) in self._turns.items()}
        return turns | {key: does for key, (does, _) in _GRASPS.items()}

    def action(self, user_input: UserInput) -> np.ndarray:
        """Return the action (1, m) float32, -1 to 1 over the motors' ranges."""
        targets = np.array(self._data.ctrl)
        for key, (_, motor, sign) in self._turns.items():
            targets[motor] += sign * user_input.is_down(key) * _SPEED * self._step_time
        held = [grasp for key, grasp in self._grasps.items() if user_input.is_down(key)]
        ends = np.sum([np.zeros_like(targets), *held], axis=0)[self._fingers]
        most = _FINGER_SPEED * self._step_time
        targets[self._fingers] += np.clip(ends - targets[self._fingers], -most, most)
        action = 2.0 * (targets - self._low) / (self._high - self._low) - 1.0
        return np.asarray(np.clip(action, -1.0, 1.0), np.float32)[None]
