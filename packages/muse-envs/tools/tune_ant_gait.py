"""Find the numbers of `AntGait`: python packages/muse-envs/tools/tune_ant_gait.py [--seed 0].

The cross-entropy method (Rubinstein 1999) on open floor, about a minute of one core; it prints
the gait to take over into `muse/envs/gym_robotics/ant_gait.py`. The same seed finds the same gait.
"""

from __future__ import annotations

import argparse
from dataclasses import astuple, fields
from pathlib import Path

import gymnasium
import mujoco
import numpy as np

from muse.envs.gym_robotics.ant_gait import STEP, AntGait

_ANT = Path(gymnasium.__file__).parent / "envs/mujoco/assets/ant.xml"
_STANDING = [0.0, 0.0, 0.75, 1.0, 0.0, 0.0, 0.0, *np.radians([0, 30, 0, -30, 0, -30, 0, 30])]
#: Where the search begins, how widely, and what it never leaves.
_FIRST = AntGait(1.8, 0.5, 0.9, 0.35, 0.5, 0.25, 0.5, 120.0, 12.0)
_WIDTH = AntGait(0.5, 0.15, 0.15, 0.15, 0.8, 0.15, 0.8, 50.0, 5.0)
_LOW = AntGait(0.8, 0.1, 0.5, 0.0, -np.pi, -0.8, -np.pi, 20.0, 2.0)
_HIGH = AntGait(4.0, 0.9, 1.3, 0.8, np.pi, 0.8, np.pi, 600.0, 60.0)
#: Each course walks straight on for so many steps, then turns, in each of so many directions.
_LEG, _TURNS = 30, 4
_COURSES = 3
_CANDIDATES, _ELITE = 24, 6


class Floor:
    """An ant on open floor."""

    def __init__(self) -> None:
        self._model = mujoco.MjModel.from_xml_path(str(_ANT))
        self._data = mujoco.MjData(self._model)

    def walk(self, gait: AntGait, ways: np.ndarray) -> float:
        """Return how well a gait follows the directions `ways` (T, 2): mean m/s, less its tilt.

        Tilt is 1 less the lowest height of the torso's axis; a fall ends the walk with -1.
        """
        data = self._data
        mujoco.mj_resetData(self._model, data)
        data.qpos[:] = _STANDING
        gained, lowest = 0.0, 1.0
        for count, way in enumerate(ways):
            state = np.concatenate([data.qpos, data.qvel])[None]
            data.ctrl[:] = gait.torques(state, np.array([count]), way[None])[0]
            before = data.qpos[:2].copy()
            mujoco.mj_step(self._model, data, round(STEP / self._model.opt.timestep))
            gained += float((data.qpos[:2] - before) @ way)
            lowest = min(lowest, float(1 - 2 * (data.qpos[4:6] ** 2).sum()))
            if lowest < 0.3:
                return -1.0
        return gained / (len(ways) * STEP) - (1.0 - lowest)


def main() -> None:
    """Search, and print the best gait of each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=26)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    floor = Floor()
    mean, width, low, high = (np.array(astuple(g)) for g in (_FIRST, _WIDTH, _LOW, _HIGH))
    for number in range(arguments.rounds):
        courses = _courses(rng)
        drawn = rng.normal(mean, width, (_CANDIDATES, len(mean)))
        candidates = np.clip(drawn, low, high)
        scores = [_score(floor, AntGait(*row), courses) for row in candidates]
        elite = candidates[np.argsort(scores)[-_ELITE:]]
        mean = 0.3 * mean + 0.7 * elite.mean(axis=0)
        spread = 0.01 * 0.9**number * (high - low)  # keeps the search from settling too soon
        width = 0.3 * width + 0.7 * elite.std(axis=0) + spread
        print(f"round {number}: best {max(scores):.3f}", flush=True)
    gait = AntGait(*np.round(mean, 3).tolist())
    print(f"their mean, on other courses: {_score(floor, gait, _courses(rng)):.3f}")
    for field in fields(gait):
        print(f"    {field.name}: float = {getattr(gait, field.name)}")


def _courses(rng: np.random.Generator) -> list[np.ndarray]:
    """Return directions (T, 2) of walks with turns of any angle."""
    angles = rng.uniform(-np.pi, np.pi, (_COURSES, _TURNS)).repeat(_LEG, axis=1)
    return list(np.stack([np.cos(angles), np.sin(angles)], axis=-1))


def _score(floor: Floor, gait: AntGait, courses: list[np.ndarray]) -> float:
    """Return how well a gait does over all courses, the worst counting most."""
    each = [floor.walk(gait, course) for course in courses]
    return 0.7 * min(each) + 0.3 * float(np.mean(each))


if __name__ == "__main__":
    main()
