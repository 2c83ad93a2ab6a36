"""Moving the hand of RoboHive's Franka arm."""

from __future__ import annotations

import numpy as np

from muse.envs.mujoco.hand_pose import limited, rotation_vector
from muse.envs.robohive.simulation import Simulation

#: Joints of the arm, without the fingers.
JOINTS = 7
_DAMPING = 1e-3
_ENOUGH = 0.005  # m and rad, of inverse kinematics
_STEP, _TURN = 0.1, 0.3  # m and rad, of one of its iterations
_MARGIN = 0.02  # rad to the joints' limits


class Arm:
    """Actions that move the hand, by damped least squares (Nakamura and Hanafusa 1986).

    Args:
        simulation: of a task with the arm; `solve` tries joints in it, the rest only reads it.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        model, robot = simulation.model, simulation.env.robot
        self._hand = model.site("end_effector").id
        self._stiffness = model.actuator_gainprm[:JOINTS, 0].copy()
        self._strength = model.actuator_forcerange[:JOINTS, 1].copy()
        damping = model.dof_damping[:JOINTS]
        # A servo against its damper goes this part of the way in a step.
        self._reached = 1.0 - np.exp(-simulation.step_time * self._stiffness / damping)
        #: How far a joint turns in a step at most, (7,) rad.
        self.speed = simulation.step_time * self._strength / damping
        self._limits = model.jnt_range[:JOINTS].T + np.array([[_MARGIN], [-_MARGIN]])
        self._by_velocity = robot._act_mode == "vel"
        kind = "vel_range" if self._by_velocity else "pos_range"
        motors = robot.robot_config["franka"]["actuator"]
        #: What an action of -1 and of 1 mean, rad or rad/s.
        self._low, self._high = np.array([motor[kind] for motor in motors[:JOINTS]]).T

    @property
    def joints(self) -> np.ndarray:
        """The joints, (7,) rad."""
        return np.array(self._simulation.data.qpos[:JOINTS])

    @property
    def hand(self) -> np.ndarray:
        """Where the hand is, (3,) m in the world."""
        return np.array(self._simulation.data.site_xpos[self._hand])

    def rotation_to(self, pose: np.ndarray) -> np.ndarray:
        """Return the rotation vector (3,) from the hand's pose to `pose` (3, 3), in the world."""
        now = self._simulation.data.site_xmat[self._hand].reshape(3, 3)
        return rotation_vector(self._simulation.mujoco, pose @ now.T)

    def turns(self, way: np.ndarray, rotation: np.ndarray | None = None) -> np.ndarray:
        """Return by how much the joints turn, (7,) rad, to move the hand.

        Args:
            way: where to from here, (3,) m in the world.
            rotation: how to turn the hand, a rotation vector (3,) in the world; None leaves it
                free, and the hand reaches further.
        """
        simulation = self._simulation
        jacobian = np.zeros((6, simulation.model.nv))
        simulation.mujoco.mj_jacSite(
            simulation.model, simulation.data, jacobian[:3], jacobian[3:], self._hand
        )
        moved = way if rotation is None else np.concatenate([way, rotation])
        jacobian = jacobian[: len(moved), :JOINTS]
        square = jacobian @ jacobian.T + _DAMPING * np.eye(len(moved))
        turns: np.ndarray = jacobian.T @ np.linalg.solve(square, moved)
        return turns

    def action(self, turns: np.ndarray, together: bool = True) -> np.ndarray:
        """Return the part (7,) of an action that turns the joints.

        Args:
            turns: by how much in this step, (7,) rad.
            together: where some joint is too slow for that, slow all, so that the hand keeps its
                direction; else each turns as fast as it can.
        """
        offset = turns / self._reached
        if together:
            offset = offset / max(1.0, np.max(np.abs(offset) * self._stiffness / self._strength))
        # The servos sag by what holds the weight.
        offset = offset + self._simulation.data.qfrc_bias[:JOINTS] / self._stiffness
        asked = offset / self._simulation.step_time if self._by_velocity else self.joints + offset
        fraction = (asked - self._low) / (self._high - self._low)
        return np.asarray(np.clip(2.0 * fraction - 1.0, -1.0, 1.0))

    def fingers(self, closed: bool) -> np.ndarray:
        """Return the part (2,) of an action that closes or opens the fingers."""
        if self._by_velocity:
            return np.full(2, -1.0 if closed else 1.0)
        return np.full(2, 0.0 if closed else 0.04)  # RoboHive passes these on as they are, m

    def solve(
        self, position: np.ndarray, pose: np.ndarray, start: np.ndarray, iterations: int = 80
    ) -> tuple[np.ndarray, float]:
        """Return joints (7,) that bring the hand to a place, and what is left to it, m plus rad.

        Args:
            position: where to, (3,) m in the world.
            pose: axes of the hand there in columns, (3, 3).
            start: joints to begin from, (7,).
            iterations: how many to try at most.
        """
        simulation, before = self._simulation, self.joints
        data, left = simulation.data, 0.0
        data.qpos[:JOINTS] = start
        for _ in range(iterations):
            simulation.move_bodies()
            way, rotation = position - self.hand, self.rotation_to(pose)
            left = float(np.linalg.norm(way) + np.linalg.norm(rotation))
            if left < _ENOUGH:
                break
            turns = self.turns(limited(way, _STEP), limited(rotation, _TURN))
            data.qpos[:JOINTS] = np.clip(self.joints + turns, *self._limits)
        found = self.joints
        data.qpos[:JOINTS] = before
        simulation.move_bodies()
        return found, left
