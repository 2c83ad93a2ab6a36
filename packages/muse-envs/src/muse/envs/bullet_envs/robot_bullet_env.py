"""An arm in a pybullet world: the base of the three-dimensional environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.core.params import Param, imported
from muse.core.spec import EnvSpec
from muse.envs.bullet_envs.camera import IMAGE_NAMES, Camera
from muse.envs.bullet_envs.operational_space import OperationalSpaceController
from muse.envs.bullet_envs.panda import (
    FINGERS,
    GRIPPER_SHUT,
    LOWER,
    MAX_OPENING,
    REST,
    UPPER,
    Panda,
)
from muse.envs.bullet_envs.presets import read_preset
from muse.envs.bullet_envs.robot_params import ROBOT_PARAMS
from muse.envs.bullet_envs.robot_spec import MAX_EULER, Workspace, action_limits, robot_spec_params
from muse.envs.bullet_envs.rotations import euler_to_matrix, matrix_to_euler, vector_to_matrix
from muse.envs.bullet_envs.simulator import connect
from muse.envs.bullet_envs.teleop import KEYS, pose_change
from muse.envs.env import Env, Goal, Observation
from muse.envs.teleop.user_input import UserInput

#: Gravity, m/s^2.
GRAVITY = -9.81
#: Side of `render()`, px.
PICTURE_SIZE = 320
#: With actions as changes, how far the target may run ahead of the tool, m.
_LEAD = 0.15
#: How far from a preset pose the tool may start, m.
_REACHED = 0.005
#: Limits of the arm's joints and the fingers.
_LOWER, _UPPER = np.append(LOWER, [0.0, 0.0]), np.append(UPPER, [0.04, 0.04])


class RobotBulletEnv(Env):
    """A Franka Panda on its own; subclasses add what it works on.

    The action (B, 7) is where the tool shall be: x, y, z in m, roll, pitch, yaw in rad (0 when the
    hand points straight down and the fingers open along y) and the gripper from 0, open, to 255,
    shut. With `action_mode="delta"` it is the change of the last target instead, turns as a
    rotation vector in the world; the gripper stays absolute. The limits in the spec are true ones.

    Observations (B = 1), in m, rad, N and s: `ee_position` (B, 3), `ee_orientation_eul` (B, 3),
    `ee_velocity` (B, 3), `ee_angular_velocity` (B, 3) of the tool frame between the fingers;
    `joint_positions` (B, 9), seven of the arm and two of the fingers; `gripper_pos` (B, 1) 0 to
    255; `gripper_tip_pos` (B, 3); `finger_left_contact`, `finger_right_contact` (B, 1) 0 or 1;
    `wrist_ft` (B, 6), force and torque in the flange; with `compute_images` also the
    pictures of `cameras`, `image` (front) and `ego_image` (wrist), (B, h, w, 3) uint8. The outputs
    hold reward, terminated, truncated, and as `target/...` what the controller was told.

    The world is built anew for each episode: the simulator's memory stays flat and an episode
    depends on its seed alone. A subclass may override, in the order they are called,
    `pre_reset` (draw), `_load_robot`, `_load_assets`, `_load_dynamics`, `reset_robot`,
    `reset_assets`; then in each step `_control` and `_get_obs`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = ROBOT_PARAMS
    preset_names: ClassVar[tuple[str, ...] | None] = (
        "joint_positions",
        "ee_position",
        "ee_orientation_eul",
    )
    saves_state = True
    teleop_keys = KEYS
    #: Where the tool may be sent.
    workspace: ClassVar[Workspace] = ((0.25, -0.4, 0.01), (0.75, 0.4, 0.5))

    robot: Panda

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        p = self.params
        if not p.control_inner_step and p.controller == "osc":
            raise ParamError(
                f"{type(self).__name__}: control_inner_step=False needs controller='position': "
                "torques held for a whole step are unstable"
            )
        self._reward_fn = imported(p.env_reward_fn)
        self._osc = OperationalSpaceController(
            p.stiffness, p.damping, p.posture, (p.max_speed, p.max_spin)
        )
        self._cameras = {
            "front": Camera(p.debug_cam_fov, p.shadows),
            "wrist": Camera(p.wrist_cam_fov, p.shadows),
        }
        self._steps = 0
        self._target = np.zeros(7)
        self._last_obs, self._goal = AttrDict(), AttrDict()
        self.bullet = connect(type(self).__name__)

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        return robot_spec_params(env_params, RobotBulletEnv.workspace, [], [])

    # ---- the contract ------------------------------------------------------------------------

    def render(self) -> np.ndarray:
        return self._picture("front", PICTURE_SIZE, PICTURE_SIZE)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        moved, turned, gripper = pose_change(user_input, float(self._target[6]))
        if self.params.action_mode == "delta":
            action = np.concatenate([moved, turned, [gripper]])
        else:
            action = np.concatenate(
                [self._target[:3] + moved, self._target[3:6] + turned, [gripper]]
            )
        low, high = action_limits(self.params, self.workspace)
        return AttrDict(action=np.clip(action, low, high).astype(np.float32)[None])

    def _close(self) -> None:
        self.bullet.disconnect()

    def _is_healthy(self) -> bool:
        positions, velocities = self.robot.joints()
        return bool(np.isfinite(positions + velocities).all())

    # ---- an episode begins -------------------------------------------------------------------

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._steps = 0
        self.pre_reset(presets)
        self._build()
        self.reset_robot(presets)
        self.reset_assets(presets)
        self._aim_here()
        self._sense()
        self._begin_task()
        return self._first_observation()

    def _build(self) -> None:
        """Empty the world and fill it again."""
        self.bullet.resetSimulation()
        self._load_dynamics()
        self._load_robot()
        self._load_assets()

    def _load_dynamics(self) -> None:
        """Set gravity and time."""
        self.bullet.setGravity(0.0, 0.0, GRAVITY if self.params.use_gravity else 0.0)
        self.bullet.setPhysicsEngineParameter(
            fixedTimeStep=self.params.time_step,
            numSubSteps=self.params.sub_steps if self.params.sub_steps > 1 else 0,
            numSolverIterations=80,
            deterministicOverlappingPairs=1,
        )

    def _load_robot(self) -> None:
        """Put the robot into the empty world."""
        self.robot = Panda(self.bullet)

    def _load_assets(self) -> None:
        """Put in what the robot works on."""

    def pre_reset(self, presets: AttrDict) -> None:
        """Draw, or take from the presets, what must be known before the world is built."""

    def reset_robot(self, presets: AttrDict) -> None:
        """Place the arm: by its joints, by the pose of its tool, or at a drawn start."""
        joints = self._preset(presets, "joint_positions", (9,))
        if joints is None:
            position, euler = self._draw_start()
            given = self._preset(presets, "ee_position", (3,))
            turned = self._preset(presets, "ee_orientation_eul", (3,))
            position = position if given is None else given
            self._place_tool(position, euler if turned is None else turned)
        elif ((joints < _LOWER) | (joints > _UPPER)).any():
            raise EnvError(
                f"{type(self).__name__}: preset joint_positions={joints.tolist()} is outside the "
                f"joints' limits {_LOWER.tolist()} to {_UPPER.tolist()}"
            )
        else:
            self.robot.place(joints)

    def reset_assets(self, presets: AttrDict) -> None:
        """Place what the robot works on."""

    def _begin_task(self) -> None:
        """Remember what the task starts from; the world is as it will be seen."""

    def _draw_start(self) -> tuple[np.ndarray, np.ndarray]:
        """Return a start of the tool, position (3,) and Euler angles (3,)."""
        low, high = (np.array(corner) for corner in self.workspace)
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        drawn = middle + 0.5 * half * self.rng.uniform(-1.0, 1.0, 3)
        return drawn, np.array([0.0, 0.0, self.rng.uniform(-np.pi / 4, np.pi / 4)])

    def _place_tool(self, position: np.ndarray, euler: np.ndarray) -> None:
        opening = np.full(2, 0.5 * MAX_OPENING)
        self.robot.place(np.concatenate([REST, opening]))
        quaternion = self.bullet.getQuaternionFromEuler(euler)
        self.robot.place(np.concatenate([self.robot.solve(position, quaternion), opening]))
        reached = self.robot.tool()[0]
        if np.linalg.norm(reached - position) > _REACHED:
            raise EnvError(
                f"{type(self).__name__}: the arm cannot reach ee_position={list(position)} with "
                f"ee_orientation_eul={list(euler)}; it gets to {reached.round(3).tolist()}"
            )

    def _aim_here(self) -> None:
        """Let the tool stay where it is, or go to the nearest pose that an action may ask for."""
        position, quaternion, _, _ = self.robot.tool()
        euler = self.bullet.getEulerFromQuaternion(quaternion)
        joints, _ = self.robot.joints()
        low, high = (np.array(corner) for corner in self.workspace)
        self._target = np.concatenate(
            [
                np.clip(position, low, high),
                np.clip(euler, -np.array(MAX_EULER), MAX_EULER),
                [_gripper_pos(joints)],
            ]
        )
        self.robot.grip(self._target[6])

    # ---- a step ------------------------------------------------------------------------------

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        self._target = self._aim(action["action"][0].astype(np.float64))
        self.robot.grip(self._target[6])
        orientation = euler_to_matrix(self._target[3:6])
        for frame in range(self.params.skip_n_frames):
            if frame == 0 or self.params.control_inner_step:
                self._control(self._target[:3], orientation)
            self.bullet.stepSimulation()
        self._steps += 1
        self._sense()
        return self._judge(action)

    def _aim(self, action: np.ndarray) -> np.ndarray:
        """Return the target (7,), absolute, that an action asks for."""
        if self.params.action_mode == "absolute":
            return action
        low, high = (np.array(corner) for corner in self.workspace)
        here = self.robot.tool()[0]
        position = np.clip(self._target[:3] + action[:3], here - _LEAD, here + _LEAD)
        turned = vector_to_matrix(action[3:6]) @ euler_to_matrix(self._target[3:6])
        euler = np.clip(matrix_to_euler(turned), -np.array(MAX_EULER), MAX_EULER)
        return np.concatenate([np.clip(position, low, high), euler, action[6:]])

    def _control(self, position: np.ndarray, orientation: np.ndarray) -> None:
        """Drive the arm for one controller period.

        Args:
            position: where the tool shall be, (3,) m.
            orientation: how it shall be turned, a rotation matrix (3, 3).
        """
        if self.params.controller == "osc":
            self._osc(self.robot, position, orientation)
        else:
            quaternion = self.bullet.getQuaternionFromEuler(matrix_to_euler(orientation))
            self.robot.steer(self.robot.solve(position, quaternion))

    def _judge(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        """Return observation, goal and done of the step just made."""
        obs = self._get_obs()
        reward, terminated = self._judge_task(obs)
        limit = self.params.max_steps
        truncated = not terminated and limit is not None and self._steps >= limit
        done = np.array([terminated or truncated])
        obs.combine(self.outputs(reward, terminated, truncated))
        if self._reward_fn is not None:
            given = self._reward_fn(self._last_obs, self._goal, action, obs, done, self)
            obs["reward"] = np.asarray(given, np.float32).reshape(1, 1)
        self._last_obs = obs
        return obs, self._goal.copy(), done

    def _judge_task(self, obs: AttrDict) -> tuple[float, bool]:
        """Return the reward of the step just made and whether the task ends the episode."""
        return 0.0, False

    # ---- what is seen ------------------------------------------------------------------------

    def _sense(self) -> None:
        """Read what exists only right after a physics step: forces and contacts."""
        self._wrench = self.robot.wrench()
        touched = self.bullet.getContactPoints(bodyA=self.robot.body)
        pressing = [(c[3], c[2]) for c in touched if c[9] > 0.0 and c[2] != self.robot.body]
        self._finger_contacts = [any(link == f for link, _ in pressing) for f in FINGERS]
        #: What the robot presses against.
        self._touched_bodies = {body for _, body in pressing}

    def _first_observation(self) -> tuple[Observation, Goal]:
        """Return observation and goal where no step has been made."""
        self._last_obs = self._get_obs()
        self._last_obs.combine(self.outputs())
        return self._last_obs, self._goal.copy()

    def _get_obs(self) -> AttrDict:
        """Return the observations, leaves (1, ...)."""
        position, quaternion, velocity, spin = self.robot.tool()
        joints, _ = self.robot.joints()
        obs = AttrDict(
            wrist_ft=row(self._wrench),
            ee_position=row(position),
            ee_orientation_eul=row(self.bullet.getEulerFromQuaternion(quaternion)),
            ee_velocity=row(velocity),
            ee_angular_velocity=row(spin),
            joint_positions=row(joints),
            gripper_pos=row([_gripper_pos(joints)]),
            gripper_tip_pos=row(self.robot.tip_position()),
            finger_left_contact=row([self._finger_contacts[0]]),
            finger_right_contact=row([self._finger_contacts[1]]),
        )
        obs["target/ee_position"] = row(self._target[:3])
        obs["target/ee_orientation_eul"] = row(self._target[3:6])
        obs["target/gripper_pos"] = row(self._target[6:])
        if self.params.compute_images:
            size = (self.params.img_height, self.params.img_width)
            for camera in self.params.cameras:
                obs[IMAGE_NAMES[camera]] = self._picture(camera, *size)[None]
        return obs

    def _picture(self, camera: str, height: int, width: int) -> np.ndarray:
        """Return what `camera`, front or wrist, sees now, (height, width, 3) uint8 RGB."""
        view = self.robot.wrist_view() if camera == "wrist" else self.front_view()
        return self._cameras[camera].picture(self.bullet, view, height, width)

    def front_view(self) -> Sequence[float]:
        """Return the view matrix of the front camera, 16 numbers, column after column."""
        p = self.params
        view: Sequence[float] = self.bullet.computeViewMatrixFromYawPitchRoll(
            p.debug_cam_target_pos, p.debug_cam_dist, p.debug_cam_yaw, p.debug_cam_pitch, 0.0, 2
        )
        return view

    # ---- saving ------------------------------------------------------------------------------

    def _save_state(self) -> AttrDict:
        """Return the state as arrays, and go on from it.

        A pybullet world remembers more than can be read: impulses of contacts and motors, from
        which the solver starts its next step. So the world is built anew from the arrays here as
        in a restore, and both go on the same, bit for bit; an episode that saves may differ a
        little from one that does not.
        """
        state = self._read_state()
        self._restore_state(state)
        return state

    def _read_state(self) -> AttrDict:
        """Return the state as fresh arrays."""
        positions, velocities = self.robot.joints()
        return AttrDict(
            joints=np.array([positions, velocities]),
            target=self._target.copy(),
            steps=np.array(self._steps),
            wrench=self._wrench.copy(),
            finger_contacts=np.array(self._finger_contacts),
        )

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._build()
        self.robot.place(*state["joints"])
        self._target = np.array(state["target"], np.float64)
        self.robot.grip(self._target[6])
        self._touched_bodies = set()
        self._restore_assets(state)
        self._steps = int(state["steps"])
        self._wrench = np.array(state["wrench"])
        self._finger_contacts = [bool(c) for c in state["finger_contacts"]]
        return self._first_observation()

    def _restore_assets(self, state: AttrDict) -> None:
        """Put what the robot works on where `_read_state` found it; the world is built."""

    def _preset(self, presets: AttrDict, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        return read_preset(type(self).__name__, presets, name, shape)


def row(values: Any) -> np.ndarray:
    """Return values (...) as an observation (1, ...) float32."""
    return np.array([values], np.float32)


def _gripper_pos(joints: list[float]) -> float:
    """Return how far the hand is shut, 0 to 255."""
    shut = 1.0 - (joints[7] + joints[8]) / MAX_OPENING
    return min(max(GRIPPER_SHUT * shut, 0.0), GRIPPER_SHUT)
