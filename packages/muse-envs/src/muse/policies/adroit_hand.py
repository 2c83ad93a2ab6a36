"""The Adroit hand as scripted policies see it: where it is, and which actions move it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.core.errors import UsageError
from muse.core.spec import EnvSpec
from muse.envs.gym_robotics.adroit_env import TASKS
from muse.envs.gym_robotics.robotics_env import find_robotics
from muse.envs.mujoco.loading import load_mujoco
from muse.envs.robohive.simulation import Simulation
from muse.envs.robohive.suites import ADROIT
from muse.envs.robohive.tasks import find_task

_ITERATIONS = 4
_DAMPING = 1e-3
#: Seconds of a control step.
_STEP = 0.01
#: A servo of the slides is worth 200 N/m, and they swing with it; N/m and N s/m.
_SLIDE_STIFFNESS, _SLIDE_DAMPING = 800.0, 110.0


def observation_name(env_spec: EnvSpec) -> str:
    """Return what holds the task: `state` of `AdroitEnv`, `observation` of `RoboHiveEnv`.

    Both begin with the same numbers.
    """
    return "state" if "state" in env_spec.observation_names else "observation"


def adroit_model(owner: str, task: str, env_spec: EnvSpec, simhive: str | None) -> Any:
    """Return a `mujoco.MjModel` of the caller's own, as the environment steps it.

    Args:
        owner: the class it serves, for the message when the simulator is missing.
        task: `door`, `hammer`, `pen` or `relocate`.
        env_spec: tells gymnasium-robotics from RoboHive.
        simhive: SimHive's folder for RoboHive; None looks for it.

    Raises:
        UsageError: when the environment is another, or a visual one, which shows the hand alone.
    """
    name, suite = observation_name(env_spec), ADROIT[task]
    in_robohive = name == "observation"
    size = sum(suite.sizes[k] for k in suite.vector) if in_robohive else TASKS[task].state
    if env_spec.shape(name) != (size,):
        raise UsageError(
            f"{owner}: {name!r} has shape {env_spec.shape(name)}, expected ({size},): it is for "
            f"AdroitEnv with task={task!r} and RoboHiveEnv with env_name='{task}-v1'"
        )
    if in_robohive:
        return Simulation(find_task(f"{task}-v1"), simhive, None).model
    return find_robotics(owner, f"adroit_hand.{TASKS[task].cls}")().model


class AdroitHand:
    """Inverse kinematics by damped least squares (Nakamura and Hanafusa 1986), and its actions.

    Args:
        model: from `adroit_model`; `place` and the caller write to it.
        grip: (3,) m in the palm's frame, what `reach` brings somewhere: where a thing is held.
    """

    def __init__(self, model: Any, grip: Sequence[float]) -> None:
        self._mujoco = load_mujoco("AdroitHand", "kitchen")
        self.model, self.data = model, self._mujoco.MjData(model)
        self._grip, self._palm = np.asarray(grip), model.body("palm").id
        #: Joints of arm and wrist; they come first.
        self.arm = int(model.joint("FFJ3").id)
        self._low, self._high = model.jnt_range[: self.arm].T
        self._slides = model.jnt_type[: self.arm] == self._mujoco.mjtJoint.mjJNT_SLIDE
        self._middle = model.actuator_ctrlrange.mean(axis=1)
        self._half_range = np.ptp(model.actuator_ctrlrange, axis=1) / 2
        self._jacobian = np.zeros((6, model.nv))

    def place(self, joints: np.ndarray) -> None:
        """Go to the positions of all joints, hand and things, (nq,)."""
        self.data.qpos[:] = joints
        self._mujoco.mj_kinematics(self.model, self.data)
        self._mujoco.mj_comPos(self.model, self.data)

    @property
    def grip(self) -> np.ndarray:
        """Where the grip is, (3,) m."""
        turn = self.data.xmat[self._palm].reshape(3, 3)
        where: np.ndarray = self.data.xpos[self._palm] + turn @ self._grip
        return where

    def reach(
        self,
        joints: np.ndarray,
        point: np.ndarray,
        facing: np.ndarray,
        ahead: np.ndarray,
        stiffness: tuple[float, float] = (0.05, 0.05),
    ) -> np.ndarray:
        """Return positions (arm,) of arm and wrist that bring the grip to a point.

        Args:
            joints: (nq,) where to begin.
            point: (3,) m in the world.
            facing: (3,) unit vector, where the palm is to face.
            ahead: (3,) unit vector, where the fingers are to point.
            stiffness: what a radian off `facing` and `ahead` weighs, in m.
        """
        joints = joints.copy()
        for _ in range(_ITERATIONS):
            self.place(joints)
            turn = self.data.xmat[self._palm].reshape(3, 3)
            at = self.grip
            moved, turned = self._jacobian[:3], self._jacobian[3:]
            self._mujoco.mj_jac(self.model, self.data, moved, turned, at, self._palm)
            rows, errors = [moved[:, : self.arm]], [point - at]
            for weight, axis, aim in zip(
                stiffness, (-turn[:, 1], turn[:, 2]), (facing, ahead), strict=True
            ):
                # Turning about the aim itself is free.
                square_to_aim = np.eye(3) - np.outer(aim, aim)
                rows.append(weight * square_to_aim @ turned[:, : self.arm])
                errors.append(weight * np.cross(axis, aim))
            slope, error = np.concatenate(rows), np.concatenate(errors)
            self._descend(joints[: self.arm], slope, slope.T @ error)
        return joints[: self.arm]

    def _descend(self, arm: np.ndarray, slope: np.ndarray, downhill: np.ndarray) -> None:
        """Move `arm` (arm,) by a damped least-squares step; joints at a limit stay out of it."""
        stuck = ((arm <= self._low) & (downhill < 0)) | ((arm >= self._high) & (downhill > 0))
        slope = np.where(stuck, 0.0, slope)
        square = slope.T @ slope + _DAMPING**2 * np.eye(self.arm)
        step = np.linalg.solve(square, np.where(stuck, 0.0, downhill))
        arm[:] = np.clip(arm + step, self._low, self._high)

    def action(
        self,
        joints: np.ndarray,
        arm: np.ndarray,
        fingers: np.ndarray,
        before: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the action (m,), -1 to 1, whose forces come to rest where they are asked to.

        Args:
            joints: (nq,) of now; the arm carries its own weight there.
            arm: (arm,) positions to pull arm and wrist to.
            fingers: (m - arm,) targets, from `posture`.
            before: (nq,) of a step ago, to move the arm's slides quickly and without swinging;
                without it they follow the pull of their own servos, gently.
        """
        self.data.qpos[:], self.data.qvel[:] = joints, 0.0
        self._mujoco.mj_forward(self.model, self.data)
        stiffness = -self.model.actuator_biasprm[: self.arm, 1]
        force = stiffness * arm + self.data.qfrc_bias[: self.arm]
        if before is not None:
            now, speed = joints[: self.arm], (joints - before)[: self.arm] / _STEP
            brisk = stiffness * now + _SLIDE_STIFFNESS * (arm - now) - _SLIDE_DAMPING * speed
            force = np.where(self._slides, brisk + self.data.qfrc_bias[: self.arm], force)
        control = np.concatenate([force / self.model.actuator_gainprm[: self.arm, 0], fingers])
        action: np.ndarray = np.clip((control - self._middle) / self._half_range, -1.0, 1.0)
        return action

    def posture(self, bend: Sequence[float], thumb: Sequence[float]) -> np.ndarray:
        """Return targets (m - arm,) of fingers and thumb, rad.

        Args:
            bend: of the joints 2, 1 and 0 of each finger, from the palm on; the rest stay straight.
            thumb: of its joints 4 (across the palm), 3 (off the palm) and 0 (tip).
        """
        targets = np.zeros(self.model.nu)
        for finger in ("FFJ", "MFJ", "RFJ", "LFJ"):
            for joint, angle in zip((2, 1, 0), bend, strict=True):
                targets[self.model.actuator(f"A_{finger}{joint}").id] = angle
        for joint, angle in zip((4, 3, 0), thumb, strict=True):
            targets[self.model.actuator(f"A_THJ{joint}").id] = angle
        return targets[self.arm :]
