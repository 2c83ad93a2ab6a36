"""What keeps an object in a drawer while it moves."""

from __future__ import annotations

from typing import Any

import numpy as np

_MAX_FORCE = 5.0  # N


class Tether:
    """A weak fixed joint between the floor of a container and an object that has come to lie there.

    Args:
        bullet: the world.
        body, link: the container.
        thing: the object.
    """

    def __init__(self, bullet: Any, body: int, link: int, thing: int) -> None:
        self._bullet, self._body, self._link, self._thing = bullet, body, link, thing
        self._constraint: int | None = None
        #: Pose of the object in the frame of the container, (7,).
        self._pose = np.zeros(7)

    def update(self, is_held: bool) -> None:
        """Tie an object that lies in the container; untie it when a finger touches it."""
        if is_held:
            self._untie()
        elif self._constraint is None and self._lies_inside():
            self._tie(self._relative_pose())

    def read(self) -> np.ndarray:
        """Return 1 when tied, else 0, and the pose at which it is, (8,)."""
        return np.array([self._constraint is not None, *self._pose], np.float64)

    def restore(self, state: np.ndarray) -> None:
        """Go back to what `read` gave, in a world built anew."""
        self._constraint = None
        if state[0]:
            self._tie(state[1:])

    def _lies_inside(self) -> bool:
        touching = self._bullet.getContactPoints(
            bodyA=self._body, bodyB=self._thing, linkIndexA=self._link
        )
        # Upright contact: it rests on the floor rather than against the front.
        return any(c[9] > 0.0 and abs(c[7][2]) > 0.9 for c in touching)

    def _relative_pose(self) -> np.ndarray:
        state = self._bullet.getLinkState(self._body, self._link, computeForwardKinematics=1)
        # Constraints are anchored in the frame of the centre of mass.
        inverse = self._bullet.invertTransform(state[0], state[1])
        thing = self._bullet.getBasePositionAndOrientation(self._thing)
        position, quaternion = self._bullet.multiplyTransforms(*inverse, *thing)
        return np.array([*position, *quaternion])

    def _tie(self, pose: np.ndarray) -> None:
        self._pose = np.array(pose, np.float64)
        self._constraint = self._bullet.createConstraint(
            self._body,
            self._link,
            self._thing,
            -1,
            self._bullet.JOINT_FIXED,
            [0.0, 0.0, 0.0],
            self._pose[:3].tolist(),
            [0.0, 0.0, 0.0],
            self._pose[3:].tolist(),
        )
        self._bullet.changeConstraint(self._constraint, maxForce=_MAX_FORCE)

    def _untie(self) -> None:
        if self._constraint is not None:
            self._bullet.removeConstraint(self._constraint)
            self._constraint = None
