"""`AntGait`: how the ant of the mazes walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Seconds of a control step.
STEP = 0.05
#: Torque of an action of 1, Nm.
_TORQUE = 150.0
#: Where the four legs point in the frame of the torso, rad, in the order of the joints.
_LEGS = np.array([0.25, 0.75, 1.25, 1.75]) * np.pi
#: Which way an ankle bends the foot down, by leg.
_DOWN = np.array([1.0, -1.0, -1.0, 1.0])
#: A trot: legs that face each other step together.
_TROT = np.array([0.0, 1.0, 0.0, 1.0]) * np.pi
#: Of the wave that turns over an ant on its back, Hz.
_ROLL_FREQUENCY = 3.5


@dataclass(frozen=True)
class AntGait:
    """A trot that goes in any direction without turning, the ant being fourfold symmetric.

    Hip and ankle of every leg oscillate (a central pattern generator without feedback, Ijspeert
    2008), and a PD law turns their targets into torques. A leg that points at the angle b from the
    direction of walking swings its foot along -sin(b) by the hip and along cos(b) by the ankle.
    The numbers come from `packages/muse-envs/tools/tune_ant_gait.py`.

    Args:
        frequency: of the steps, Hz.
        swing: amplitude of a hip that stands square to the direction, rad.
        bend: of the ankle, in the middle of its oscillation, rad.
        lift: the ankle bends less by it in the middle of a step, rad.
        lift_phase: of the lift to the swing, rad.
        reach: amplitude of an ankle in line with the direction, rad.
        reach_phase: of the reach to the swing, rad.
        stiffness: of the PD law, Nm/rad.
        damping: of the PD law, Nm s/rad.
    """

    frequency: float = 3.039
    swing: float = 0.447
    bend: float = 0.942
    lift: float = 0.375
    lift_phase: float = 1.66
    reach: float = 0.527
    reach_phase: float = 2.0
    stiffness: float = 177.187
    damping: float = 14.663

    def torques(self, state: np.ndarray, count: np.ndarray, way: np.ndarray) -> np.ndarray:
        """Return the action of the next step, (B, 8).

        Args:
            state: of `AntMazeEnv`, (B, 29).
            count: control steps walked so far, (B,).
            way: where to, in the world, (B, 2); of length 1 at full stride, 0 to stand.
        """
        stride = np.minimum(np.linalg.norm(way, axis=1), 1.0)[:, None]
        heading = np.arctan2(way[:, 1], way[:, 0]) - _yaw(state[:, 3:7])
        angle = _LEGS - heading[:, None]
        phase = 2 * np.pi * self.frequency * STEP * count[:, None] + _TROT
        hip = -self.swing * np.sin(angle) * np.cos(phase) * stride
        lift = self.lift * np.maximum(np.sin(phase + self.lift_phase), 0.0)
        reach = self.reach * np.cos(angle) * np.cos(phase + self.reach_phase)
        ankle = _DOWN * (self.bend + (reach - lift) * stride)
        error = np.stack([hip, ankle], axis=2) - state[:, 7:15].reshape(-1, 4, 2)
        speed = state[:, 21:29].reshape(-1, 4, 2)
        walking = (self.stiffness * error - self.damping * speed) / _TORQUE
        fallen = _up(state[:, 3:7]) < 0
        action = np.where(fallen[:, None, None], _rolling_over(count), walking)
        # The motors begin with the last leg.
        return np.asarray(np.clip(np.roll(action, 1, axis=1).reshape(-1, 8), -1.0, 1.0))


def _rolling_over(count: np.ndarray) -> np.ndarray:
    """Return the action of an ant on its back, (B, 4, 2): a wave of blows round the legs.

    It rolls on the torso's sphere until it stands: every other time within 15 s.
    """
    blow = np.sign(np.cos(2 * np.pi * _ROLL_FREQUENCY * STEP * count[:, None] - _LEGS))
    return np.stack([-blow, _DOWN * blow], axis=2)


def _up(quaternion: np.ndarray) -> np.ndarray:
    """Return the height of the torso's own vertical axis for quaternions (B, 4): 1 to -1."""
    _, x, y, _ = quaternion.T
    return np.asarray(1 - 2 * (x * x + y * y))


def _yaw(quaternion: np.ndarray) -> np.ndarray:
    """Return the angle about the vertical of quaternions (B, 4), rad."""
    w, x, y, z = quaternion.T
    return np.asarray(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
