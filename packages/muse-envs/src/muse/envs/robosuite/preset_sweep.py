"""A grid of starting poses, one after the other: the same starts in every evaluation."""

from __future__ import annotations

import itertools

import numpy as np

from muse.envs.robosuite import rotations
from muse.envs.robosuite.tasks import Sweep

#: name of an object -> its pose in place of the drawn one: position (3,), quaternion (4,).
Poses = dict[str, tuple[np.ndarray, np.ndarray]]


class PresetSweep:
    """Cycles through every combination of places and turns of the swept objects.

    With `positions` P and `turns` O, one object gives P * O starts, two give P^2 * O^2.

    Args:
        objects: which objects, and the ends of their sweeps.
        positions, turns: how many of each, evenly spaced; a full circle counts its ends once.
        position_noise: standard deviation added to x and y, m.
        angle_noise: standard deviation added to the turn, rad.
    """

    def __init__(
        self,
        objects: tuple[Sweep, ...],
        positions: int,
        turns: int,
        position_noise: float = 0.0,
        angle_noise: float = 0.0,
    ) -> None:
        self._objects = objects
        self._noise = (position_noise, angle_noise)
        grids = []
        for swept in objects:
            full = np.isclose(swept.angle[1] - swept.angle[0], 2.0 * np.pi)
            angles = np.linspace(*swept.angle, turns, endpoint=not full)
            grids.append([(y, a) for y in np.linspace(*swept.y, positions) for a in angles])
        self._grid = list(itertools.product(*grids))
        self._next = 0

    def __len__(self) -> int:
        return len(self._grid)

    def restart(self) -> None:
        """Begin again with the first start."""
        self._next = 0

    def next_poses(self, drawn: Poses, origin: np.ndarray, rng: np.random.Generator) -> Poses:
        """Return the poses of the next start.

        Args:
            drawn: where the reset has put the objects; heights and tilts are kept.
            origin: centre of the table (x, y), m.
        """
        chosen = self._grid[self._next]
        self._next = (self._next + 1) % len(self._grid)
        poses = {}
        for swept, (y, angle) in zip(self._objects, chosen, strict=True):
            noise = rng.normal(size=3) * np.array([self._noise[0], self._noise[0], self._noise[1]])
            position, quat = drawn[swept.body]
            place = np.array([*(origin + np.array([swept.x, y]) + noise[:2]), position[2]])
            poses[swept.body] = place, turned(quat, angle + noise[2])
        return poses


def turned(quat: np.ndarray, angle: float) -> np.ndarray:
    """Return `quat` (4,) xyzw with the turn about the vertical replaced by `angle`, rad."""
    yaw = rotations.to_euler(quat)[2]
    about_z = rotations.from_rotation_vector(np.array([0.0, 0.0, angle - yaw]))
    whole = rotations.multiply(about_z, quat)
    return whole if whole[3] >= 0.0 else -whole  # the same rotation, always written the same
