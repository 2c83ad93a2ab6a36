"""The simulated Franka Panda with its hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.envs.bullet_envs.simulator import ASSETS

#: Joint indices in the URDF.
ARM, FINGERS, WRIST, TOOL = tuple(range(7)), (9, 10), 7, 11
#: Positions of the arm, rad, from which inverse kinematics starts and to which posture returns.
REST = np.array([0.0, 0.1, 0.0, -2.2, 0.0, 2.3, np.pi / 4])
EFFORT = np.array([87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0])
VELOCITY = np.array([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61])
LOWER = np.array([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973])
UPPER = np.array([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973])
#: Opening of the hand, m, at `gripper_pos` 0; at 255 it is shut.
MAX_OPENING = 0.08
GRIPPER_SHUT = 255.0
#: From the origin of a finger's link to the end of its pad, m.
FINGER_LENGTH = 0.0538
#: The camera on the hand and the middle of its picture, in the tool frame, m.
_EYE, _SEEN = np.array([0.09, 0.0, 0.075]), np.array([0.05, 0.0, 0.0])
_FINGER_FORCE, _FINGER_SPEED = 10.0, 0.2


class Panda:
    """The arm in one pybullet world.

    The tool frame lies between the finger tips; its axes are those of the world when the hand
    points straight down and the fingers open along y.

    Args:
        bullet: the world, from `simulator.connect`.
    """

    def __init__(self, bullet: Any) -> None:
        self.bullet = bullet
        self.body: int = bullet.loadURDF(
            str(ASSETS / "panda.urdf"),
            useFixedBase=True,
            flags=bullet.URDF_USE_INERTIA_FROM_FILE,
        )
        for joint in range(-1, bullet.getNumJoints(self.body)):
            bullet.changeDynamics(
                self.body, joint, linearDamping=0.0, angularDamping=0.0, jointDamping=0.0
            )
        # Without its motors, a joint moves as torques tell it.
        bullet.setJointMotorControlArray(
            self.body, ARM, bullet.VELOCITY_CONTROL, forces=np.zeros(len(ARM))
        )
        bullet.enableJointForceTorqueSensor(self.body, WRIST, True)
        self._couple_fingers()
        # Bound once: these run in every inner step.
        self._joint_states, self._jacobian = bullet.getJointStates, bullet.calculateJacobian
        self._mass_matrix, self._link_state = bullet.calculateMassMatrix, bullet.getLinkState
        self._inverse_dynamics = bullet.calculateInverseDynamics

    def _couple_fingers(self) -> None:
        left, right = FINGERS
        gear = self.bullet.createConstraint(
            self.body, left, self.body, right, self.bullet.JOINT_GEAR, [1, 0, 0], [0] * 3, [0] * 3
        )
        self.bullet.changeConstraint(gear, gearRatio=-1, erp=0.1, maxForce=50)

    # ---- state -------------------------------------------------------------------------------

    def joints(self) -> tuple[list[float], list[float]]:
        """Return positions and velocities of the seven arm joints and the two fingers."""
        states = self._joint_states(self.body, (*ARM, *FINGERS))
        return [s[0] for s in states], [s[1] for s in states]

    def tool(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return position (3,), orientation xyzw (4,), velocity (3,) and angular velocity (3,)."""
        state = self._link_state(self.body, TOOL, computeLinkVelocity=1, computeForwardKinematics=1)
        return np.array(state[4]), np.array(state[5]), np.array(state[6]), np.array(state[7])

    def tip_position(self) -> np.ndarray:
        """Return the point between the ends of the fingers, (3,) m."""
        ends = []
        for finger in FINGERS:
            state = self._link_state(self.body, finger, computeForwardKinematics=1)
            matrix = np.reshape(self.bullet.getMatrixFromQuaternion(state[5]), (3, 3))
            ends.append(np.array(state[4]) + FINGER_LENGTH * matrix[:, 2])
        middle: np.ndarray = 0.5 * (ends[0] + ends[1])
        return middle

    def wrench(self) -> np.ndarray:
        """Return force (3,) N and torque (3,) Nm that the flange carries, (6,), in its frame."""
        return np.array(self.bullet.getJointState(self.body, WRIST)[2])

    def wrist_view(self) -> Sequence[float]:
        """Return the view matrix of the camera on the hand, 16 numbers, column after column."""
        position, quaternion, _, _ = self.tool()
        matrix = np.reshape(self.bullet.getMatrixFromQuaternion(quaternion), (3, 3))
        eye, target = (position + matrix @ place for place in (_EYE, _SEEN))
        view: Sequence[float] = self.bullet.computeViewMatrix(eye, target, matrix[:, 0])
        return view

    # ---- placing -----------------------------------------------------------------------------

    def place(self, positions: np.ndarray, velocities: np.ndarray | None = None) -> None:
        """Put arm and fingers, (9,), where they shall be, at rest unless `velocities` say more."""
        speeds = np.zeros(9) if velocities is None else velocities
        for joint, position, speed in zip((*ARM, *FINGERS), positions, speeds, strict=True):
            self.bullet.resetJointState(self.body, joint, float(position), float(speed))

    def solve(self, position: np.ndarray, quaternion: np.ndarray) -> np.ndarray:
        """Return arm joints (7,) rad for a pose of the tool, from the joints as they are now."""
        found = self.bullet.calculateInverseKinematics(
            self.body,
            TOOL,
            position,
            quaternion,
            maxNumIterations=200,
            residualThreshold=1e-7,
        )
        return np.clip(found[:7], LOWER, UPPER)

    # ---- driving -----------------------------------------------------------------------------

    def grip(self, gripper_pos: float) -> None:
        """Let the fingers go to `gripper_pos`: 0 open, 255 shut."""
        width = 0.5 * MAX_OPENING * (1.0 - gripper_pos / GRIPPER_SHUT)
        for finger in FINGERS:
            self.bullet.setJointMotorControl2(
                self.body,
                finger,
                self.bullet.POSITION_CONTROL,
                targetPosition=width,
                force=_FINGER_FORCE,
                maxVelocity=_FINGER_SPEED,
            )

    def push(self, torques: np.ndarray) -> None:
        """Apply arm torques (7,) Nm, within what the motors can give, until the next inner step."""
        self.bullet.setJointMotorControlArray(
            self.body,
            ARM,
            self.bullet.TORQUE_CONTROL,
            forces=np.clip(torques, -EFFORT, EFFORT).tolist(),
        )

    def steer(self, positions: np.ndarray) -> None:
        """Let the arm's motors go to joint positions (7,) rad."""
        for joint, position in zip(ARM, positions, strict=True):
            self.bullet.setJointMotorControl2(
                self.body,
                joint,
                self.bullet.POSITION_CONTROL,
                targetPosition=float(position),
                force=EFFORT[joint],
                maxVelocity=VELOCITY[joint],
                positionGain=0.15,
            )

    # ---- dynamics ----------------------------------------------------------------------------

    def jacobian(self, positions: list[float]) -> np.ndarray:
        """Return the tool's Jacobian (6, 7): linear rows, then angular."""
        zeros = [0.0] * 9
        linear, angular = self._jacobian(self.body, TOOL, [0.0] * 3, positions, zeros, zeros)
        return np.array(linear + angular)[:, :7]

    def mass_matrix(self, positions: list[float]) -> np.ndarray:
        """Return the arm's joint-space inertia (7, 7)."""
        return np.array(self._mass_matrix(self.body, positions))[:7, :7]

    def bias(self, positions: list[float], velocities: list[float]) -> np.ndarray:
        """Return the torques (7,) Nm that gravity and Coriolis forces ask for."""
        return np.array(self._inverse_dynamics(self.body, positions, velocities, [0.0] * 9))[:7]
