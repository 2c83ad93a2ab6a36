"""Moving the hand of RoboHive's Franka arm."""

from __future__ import annotations

import numpy as np

from muse.envs.robohive.simulation import Simulation

#: Joints of the arm, without the fingers.
JOINTS = 7
_DAMPING = 1e-3


class Arm:
    """Actions that move the hand, by damped least squares (Nakamura and Hanafusa 1986).

    Args:
        simulation: of a task with the arm; it is read, never changed.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        model, robot = simulation.model, simulation.env.robot
        self._hand = model.site("end_effector").id
        self._stiffness = model.actuator_gainprm[:JOINTS, 0].copy()
        self._by_velocity = robot._act_mode == "vel"
        kind = "vel_range" if self._by_velocity else "pos_range"
        motors = robot.robot_config["franka"]["actuator"]
        #: What an action of -1 and of 1 mean, rad or rad/s.
        self._low, self._high = np.array([motor[kind] for motor in motors[:JOINTS]]).T

    def towards(self, way: np.ndarray, keep_pose: bool = True) -> np.ndarray:
        """Return the part (7,) of an action that moves the hand.

        Args:
            way: where to from here, (3,) m in the world.
            keep_pose: do not turn the hand; without it, the hand reaches further.
        """
        mujoco, model, data = (getattr(self._simulation, n) for n in ("mujoco", "model", "data"))
        jacobian = np.zeros((6, model.nv))
        mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], self._hand)
        rows = 6 if keep_pose else 3
        jacobian = jacobian[:rows, :JOINTS]
        square = jacobian @ jacobian.T + _DAMPING * np.eye(rows)
        moved = jacobian.T @ np.linalg.solve(square, np.pad(way, (0, rows - 3)))
        # The servos sag by what holds the weight.
        moved += data.qfrc_bias[:JOINTS] / self._stiffness
        if self._by_velocity:
            asked = moved / self._simulation.step_time
        else:
            asked = data.qpos[:JOINTS] + moved
        fraction = (asked - self._low) / (self._high - self._low)
        action: np.ndarray = np.clip(2.0 * fraction - 1.0, -1.0, 1.0)
        return action

    def fingers(self, closed: bool) -> np.ndarray:
        """Return the part (2,) of an action that closes or opens the fingers."""
        if self._by_velocity:
            return np.full(2, -1.0 if closed else 1.0)
        return np.full(2, 0.0 if closed else 0.04)  # RoboHive passes these on as they are, m
