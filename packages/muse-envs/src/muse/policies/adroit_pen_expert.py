"""The planning expert that turns a pen in the fingers of the Adroit hand."""

from __future__ import annotations

import numpy as np

from muse.policies.adroit_planning_expert import COARSE, AdroitPlanningExpert
from muse.policies.sampling_planner import Search

#: So far from its place the pen is on its way out of the hand, and lost, m.
_LEAVING, _LOST = 0.06, 0.1
#: What a metre from its place costs, and one beyond `_LEAVING`; what it costs to be lost.
_OFF, _FAR, _LOSS = 2.0, 5.0, 4.0


class AdroitPenExpert(AdroitPlanningExpert):
    """Turns the pen to where it shall point and keeps it in the hand.

    For `AdroitEnv` with `task` pen and `RoboHiveEnv` with pen-v1. The roll of the pen about its own
    axis, which is not observed, is the simulation's.
    """

    task = "pen"
    search = Search(horizon=40, knots=5, samples=100, temperature=0.03, substeps=COARSE)
    every = 2
    noise = 1.0
    sites = ("object_top", "object_bottom", "target_top", "target_bottom", "eps_ball")

    def _place(self, row: np.ndarray) -> None:
        self._mujoco.mju_quatZ2Vec(self._model.body("target").quat, row[36:39])

    def _follow(self, row: np.ndarray, lag: float) -> None:
        self._data.qpos[:24] = row[:24]
        self._thing.move(-lag)
        self._thing.put(row[24:27], self._thing.along(row[33:36]))
        self._data.qvel[-6:] = row[27:33]
        self._thing.move(lag)

    def _cost(self, thing: np.ndarray, *sites: np.ndarray) -> np.ndarray:
        top, bottom, target_top, target_bottom, place = sites
        similarity = np.sum(_unit(top - bottom) * _unit(target_top - target_bottom), axis=-1)
        off = np.linalg.norm(thing - place, axis=-1)
        far = np.maximum(0.0, off - _LEAVING)
        cost: np.ndarray = 1.0 - similarity + _OFF * off + _FAR * far + _LOSS * (off > _LOST)
        return cost


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (..., 3) at length 1."""
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit
