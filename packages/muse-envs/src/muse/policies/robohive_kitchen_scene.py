"""RoboHive's kitchen, or an arm with one appliance, rebuilt from what the policy observes."""

from __future__ import annotations

import numpy as np

from muse.envs.mujoco.hand_pose import turned
from muse.envs.robohive.arm import JOINTS, Arm
from muse.envs.robohive.handles import HANDLES
from muse.envs.robohive.simulation import Simulation
from muse.envs.robohive.suites import KITCHEN
from muse.envs.robohive.tasks import find_task

_ROBOT = JOINTS + 2


class KitchenScene:
    """A model of the room that is put where an observation says.

    Args:
        env_name: RoboHive's name of the task.
        simhive: SimHive's folder; None looks for it.
    """

    def __init__(self, env_name: str, simhive: str | None) -> None:
        task = find_task(env_name)
        self.simulation = Simulation(task, simhive, None)
        self._arm_is_moved = task.suite is KITCHEN
        self.arm = Arm(self.simulation)
        inside, model = self.simulation.env, self.simulation.model
        #: Joints of the things, in the order of the observation.
        self.names = [name for name in inside.obj if not name.startswith("dof_")]
        #: How near each must come to its goal, rad or m.
        self.near: np.ndarray = inside.obj["dof_proximity"]
        self._dofs: np.ndarray = inside.obj["dof_adrs"]
        self._base = model.body("chef").id
        self._base_pos = model.body_pos[self._base].copy()

    def place(self, observation: np.ndarray) -> None:
        """Go to the state that `observation` (n,) tells."""
        model, data, things = self.simulation.model, self.simulation.data, len(self.names)
        robot, now, goals, rest = np.split(observation, np.cumsum([_ROBOT, things, things]))
        #: Where the things are and where they should be, (things,) rad or m.
        self.now, self.goals = now, goals
        data.qvel[:] = 0.0
        data.qpos[:_ROBOT], data.qpos[self._dofs] = robot, now
        model.body_pos[self._base] = self._base_pos
        self.simulation.move_bodies()
        if self._arm_is_moved:
            model.body_pos[self._base] += rest[:3] - self.arm.hand
        self.simulation.mujoco.mj_forward(model, data)

    def handle(
        self, thing: int, value: float, yaw: float, pitch: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where the hand holds a handle, (3,) m, and its pose there, (3, 3).

        Args:
            thing: whose, by number.
            value: of its joint, rad or m.
            yaw: of the hand about the handle, rad; it turns with the thing.
            pitch: of the hand, rad.
        """
        simulation = self.simulation
        mujoco, model, data = simulation.mujoco, simulation.model, simulation.data
        joint = model.joint(self.names[thing]).id
        before, data.qpos[self._dofs[thing]] = data.qpos[self._dofs[thing]], value
        simulation.move_bodies()
        turn = np.eye(3)
        if model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_HINGE:
            quaternion, flat = np.zeros(4), np.zeros(9)
            mujoco.mju_axisAngle2Quat(quaternion, data.xaxis[joint], value)
            mujoco.mju_quat2Mat(flat, quaternion)
            turn = flat.reshape(3, 3)
        parent = data.xmat[model.body_parentid[model.jnt_bodyid[joint]]].reshape(3, 3)
        pose = turn @ parent @ turned(yaw=yaw, pitch=pitch)
        position = data.site(HANDLES[self.names[thing]].site).xpos.copy()
        data.qpos[self._dofs[thing]] = before
        simulation.move_bodies()
        return position, pose
