"""Operational-space control (Khatib 1987): the tool behaves as a unit mass on a damped spring."""

from __future__ import annotations

import numpy as np

from muse.envs.bullet_envs.panda import REST, Panda
from muse.envs.bullet_envs.rotations import rotation_vector

#: Makes the task inertia finite at singular poses of the arm, 1/kg.
_REGULARISER = 1e-3


class OperationalSpaceController:
    """Torques that bring the tool to a pose and, in the null space, the arm to a posture.

    x'' = kp (x* - x) - kd x', its stiff part cut so that no more than `max_speed` is asked for;
    tau = J^T L x'' + (1 - J^T L J M^-1) M (kp_posture (q0 - q) - kd_posture q') + bias, with the
    task inertia L = (J M^-1 J^T)^-1 (Khatib, IEEE J. Robotics and Automation 3(1), 1987).

    Args:
        stiffness: kp, 1/s^2.
        damping: kd, 1/s.
        posture: kp_posture, 1/s^2; its damping is critical.
        max_speed: of the tool, m/s and rad/s.
    """

    def __init__(
        self, stiffness: float, damping: float, posture: float, max_speed: tuple[float, float]
    ) -> None:
        self._kp, self._kd, self._posture = stiffness, damping, posture
        self._max_pull = [damping * speed for speed in max_speed]

    def __call__(self, robot: Panda, position: np.ndarray, orientation: np.ndarray) -> None:
        """Apply the torques of this instant.

        Args:
            robot: the arm.
            position: where the tool shall be, (3,) m.
            orientation: how it shall be turned, a rotation matrix (3, 3).
        """
        q, qd = robot.joints()
        here, quaternion, velocity, spin = robot.tool()
        matrix = np.reshape(robot.bullet.getMatrixFromQuaternion(quaternion), (3, 3))
        pull = _shorten(self._kp * (position - here), self._max_pull[0])
        turn = _shorten(self._kp * rotation_vector(orientation @ matrix.T), self._max_pull[1])
        wanted = np.concatenate([pull - self._kd * velocity, turn - self._kd * spin])

        jacobian, mass = robot.jacobian(q), robot.mass_matrix(q)
        # M^-1 J^T; its transpose is J M^-1.
        mobility = np.linalg.solve(mass, jacobian.T)
        inertia = np.linalg.inv(jacobian @ mobility + _REGULARISER * np.eye(6))
        arm, speed = np.array(q[:7]), np.array(qd[:7])
        relax = self._posture * (REST - arm) - 2.0 * np.sqrt(self._posture) * speed
        task = inertia @ (wanted - jacobian @ relax)
        robot.push(jacobian.T @ task + mass @ relax + robot.bias(q, qd))


def _shorten(vector: np.ndarray, limit: float) -> np.ndarray:
    """Return `vector` with its length cut to `limit`."""
    length = float(np.sqrt(vector @ vector))
    return vector if length <= limit else vector * (limit / length)
