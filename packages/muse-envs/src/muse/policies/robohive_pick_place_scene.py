"""RoboHive's bins and objects, rebuilt from what the policy observes, to try things in."""

from __future__ import annotations

import numpy as np

from muse.envs.robohive.arm import Arm
from muse.envs.robohive.simulation import Simulation
from muse.envs.robohive.suites import PICK_PLACE, SHAPE_SIZE
from muse.envs.robohive.tasks import find_task

_ROBOT = 9
_ENDS = np.cumsum([PICK_PLACE.sizes[name] for name in PICK_PLACE.vector])[:-1]


class PickPlaceScene:
    """A simulation that is put where an observation says, and steps as the environment does.

    Args:
        simhive: SimHive's folder; None looks for it.
    """

    def __init__(self, simhive: str | None) -> None:
        self.simulation = Simulation(find_task("FrankaPickPlaceFixed-v0"), simhive, None)
        self.arm = Arm(self.simulation)

    def place(self, observation: np.ndarray, shapes: np.ndarray) -> None:
        """Go to the state that `observation` (63,) and `object_shapes` (88,) tell."""
        inside, data = self.simulation, self.simulation.data
        robot, things, robot_speed, thing_speed, _, way = np.split(observation, _ENDS)
        inside.shapes = shapes.reshape(-1, SHAPE_SIZE)
        data.qpos[:], data.qvel[:] = np.append(robot, things), np.append(robot_speed, thing_speed)
        inside.move_bodies()
        inside.model.site("drop_target").pos = self.object + way
        inside.mujoco.mj_forward(inside.model, data)

    @property
    def object(self) -> np.ndarray:
        """Where the object is, (3,) m in the world."""
        return np.array(self.simulation.data.site("obj0").xpos)

    @property
    def object_speed(self) -> np.ndarray:
        """How fast it moves, (3,) m/s in the world."""
        return np.array(self.simulation.data.qvel[_ROBOT : _ROBOT + 3])

    @property
    def target(self) -> np.ndarray:
        """Where it should be, (3,) m in the world."""
        return np.array(self.simulation.data.site("drop_target").xpos)
