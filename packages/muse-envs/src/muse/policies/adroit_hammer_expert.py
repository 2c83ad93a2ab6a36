"""The planning expert that drives a nail in with a hammer in the Adroit hand."""

from __future__ import annotations

import numpy as np

from muse.policies.adroit_planning_expert import COARSE, AdroitPlanningExpert
from muse.policies.sampling_planner import Search

#: The hammer is up from here on, m above the table.
_UP = 0.15
#: What a metre costs: from palm to handle, up to `_UP`, from the head to the nail, of nail.
_PALM, _LIFT, _HEAD, _NAIL = 2.0, 5.0, 1.0, 10.0


class AdroitHammerExpert(AdroitPlanningExpert):
    """Takes the hammer, lifts it, and drives the nail in.

    For `AdroitEnv` with `task` hammer and `RoboHiveEnv` with hammer-v1. Velocities of the hammer
    beyond 1, where the observations cut them off, are the simulation's.
    """

    task = "hammer"
    search = Search(horizon=40, knots=4, samples=60, temperature=0.03, substeps=COARSE)
    every = 4
    noise = 0.5
    sites = ("S_grasp", "tool", "S_target", "nail_goal")

    def _place(self, row: np.ndarray) -> None:
        height = self._model.body("nail_board").pos[2:]
        height[:] = 0.0
        self._data.qpos[26] = row[26]
        self._mujoco.mj_kinematics(self._model, self._data)
        height[:] = row[44] - self._data.site("S_target").xpos[2]

    def _follow(self, row: np.ndarray, lag: float) -> None:
        velocity, seen = self._data.qvel[-6:], row[27:33]
        turn = np.empty(4)
        self._mujoco.mju_euler2Quat(turn, row[39:42], "xyz")
        self._data.qpos[:27] = row[:27]
        self._thing.move(-lag)
        self._thing.put(row[36:39], turn)
        velocity[:] = np.where(np.abs(seen) < 1.0, seen, velocity)
        self._thing.move(lag)

    def _cost(self, thing: np.ndarray, *sites: np.ndarray) -> np.ndarray:
        palm, head, nail, end = sites
        low = np.maximum(0.0, _UP - np.minimum(thing[..., 2], head[..., 2]))
        ways = (
            _PALM * _distance(palm, thing),
            _LIFT * low,
            _HEAD * _distance(head, nail),
            _NAIL * _distance(nail, end),
        )
        return np.sum(ways, axis=0)  # type: ignore[no-any-return]


def _distance(these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """Return the distances (...) of points (..., 3)."""
    distance: np.ndarray = np.linalg.norm(these - those, axis=-1)
    return distance
