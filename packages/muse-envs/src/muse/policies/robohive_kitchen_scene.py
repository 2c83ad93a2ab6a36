"""RoboHive's kitchen, or an arm with one appliance, rebuilt from what the policy observes."""

from __future__ import annotations

import numpy as np

from muse.envs.mujoco.hand_pose import turned
from muse.envs.robohive.arm import JOINTS, Arm
from muse.envs.robohive.handles import HANDLES
from muse.envs.robohive.simulation import Simulation
from muse.envs.robohive.tasks import find_task

_ROBOT = JOINTS + 2
_PIVOT = np.array([0.0, 0.5])  # m; RoboHive turns the appliances about it
_FOUND = 0.01  # m


class KitchenScene:
    """A model of the room that is put where an observation says.

    Args:
        env_name: RoboHive's name of the task.
        simhive: SimHive's folder; None looks for it.
    """

    def __init__(self, env_name: str, simhive: str | None) -> None:
        self.simulation = Simulation(find_task(env_name), simhive, None)
        self.arm = Arm(self.simulation)
        inside, model = self.simulation.env, self.simulation.model
        #: Joints of the things, in the order of the observation.
        self.names = [name for name in inside.obj if not name.startswith("dof_")]
        #: How near each must come to its goal, rad or m.
        self.near: np.ndarray = inside.obj["dof_proximity"]
        self._dofs: np.ndarray = inside.obj["dof_adrs"]
        self._appliance = len(self.names) == 1
        # What an episode places: the arm in the kitchen, else the appliance.
        self._placed = model.body("chef").id
        if self._appliance:
            site = model.site_bodyid[model.site(HANDLES[self.names[0]].site).id]
            self._placed = model.body_rootid[site]
        self._pose = model.body_pos[self._placed].copy(), model.body_quat[self._placed].copy()

    def place(self, observation: np.ndarray) -> None:
        """Go to the state that `observation` (n,) tells."""
        model, data, things = self.simulation.model, self.simulation.data, len(self.names)
        robot, now, goals, rest = np.split(observation, np.cumsum([_ROBOT, things, things]))
        #: Where the things are and where they should be, (things,) rad or m.
        self.now, self.goals = now, goals
        data.qvel[:] = 0.0
        data.qpos[:_ROBOT], data.qpos[self._dofs] = robot, now
        model.body_pos[self._placed], model.body_quat[self._placed] = self._pose
        self.simulation.mujoco.mj_forward(model, data)
        if self._appliance:
            self._place_appliance(self.arm.hand + rest[1:4])
        else:
            model.body_pos[self._placed] += rest[:3] - self.arm.hand
        self.simulation.mujoco.mj_forward(model, data)

    def _place_appliance(self, site: np.ndarray) -> None:
        """Put the appliance so that the site of its handle is at `site` (3,).

        A random one stands at some distance from a pivot and faces it, which the site tells.
        """
        model, data = self.simulation.model, self.simulation.data
        before = data.site(HANDLES[self.names[0]].site).xpos
        if np.linalg.norm(site - before) < _FOUND:
            return
        frame = data.xmat[self._placed].reshape(3, 3)[:2, :2]
        side, front = frame.T @ (before - data.xpos[self._placed])[:2]
        from_pivot = site[:2] - _PIVOT
        distance = np.sqrt(max(from_pivot @ from_pivot - side**2, 0.0)) - front
        angle = np.arctan2(side, distance + front) - np.arctan2(*from_pivot)
        height = model.body_pos[self._placed][2]
        place = _PIVOT + distance * np.array([-np.sin(angle), np.cos(angle)])
        model.body_pos[self._placed] = [*place, height]
        model.body_quat[self._placed] = [np.cos(angle / 2), 0.0, 0.0, np.sin(angle / 2)]

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
        simulation, handle = self.simulation, HANDLES[self.names[thing]]
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
        position = data.site(handle.site).xpos + handle.depth * pose[:, 2]
        data.qpos[self._dofs[thing]] = before
        simulation.move_bodies()
        return position, pose
