"""Driving the agent of the 2-D block family by keys and mouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from muse.envs.pymunk.block_observers import MAX_GRAB
from muse.envs.teleop.user_input import UserInput

TELEOP_KEYS: Mapping[str, str] = {
    "i": "up",
    "k": "down",
    "j": "left",
    "l": "right",
    "g": "grab",
    "mouse left": "towards the pointer",
    "mouse right": "grab",
}
_DIRECTIONS = {"i": (0.0, 1.0), "k": (0.0, -1.0), "j": (-1.0, 0.0), "l": (1.0, 0.0)}
#: The share of the last velocity that a step keeps, and the noise of a moving agent's velocity, as
#: a share of its speed: people's demonstrations are neither jerky nor exact.
SMOOTHING, NOISE = 0.75, 0.1

PositionToVelocity = Callable[[np.ndarray, np.ndarray], np.ndarray]


def get_posact_to_velact_fn(
    Kv_P: float = 1.5, GRAB_THRESH: float = 0.5, MAX_VEL: float = 100.0
) -> PositionToVelocity:
    """Return a function that turns a wanted position into an action of `BlockEnv2D`.

    Args:
        Kv_P: speed for each px of distance, 1/s.
        GRAB_THRESH: a wanted grab above this grabs.
        MAX_VEL: greatest speed in x and in y, px/s.

    Returns:
        `(position, wanted) -> action`: position (..., 2) of the agent, wanted (..., 3) = x, y in
        px and grab from 0 to 1; action (..., 3) = velocity x, y in px/s and grab, 0 or 500.
    """

    def to_velocity(position: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        error = np.asarray(wanted)[..., :2] - np.asarray(position)
        velocity = np.clip(Kv_P * error, -MAX_VEL, MAX_VEL)
        grab = np.where(np.asarray(wanted)[..., 2:] > GRAB_THRESH, MAX_GRAB, 0.0)
        return np.concatenate([velocity, grab], axis=-1)

    return to_velocity


class BlockTeleop:
    """Turns keys and mouse into velocities, smoothed over the steps of an episode.

    Args:
        speed: of the agent under keys, px/s.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._follow = get_posact_to_velact_fn()
        self.reset()

    def reset(self) -> None:
        """Forget the motion of the last episode."""
        self._velocity = np.zeros(2)
        self._rng = np.random.default_rng(0)

    def command(
        self, user_input: UserInput, position: Sequence[float], grid_size: tuple[float, float]
    ) -> np.ndarray:
        """Return velocity x, y and grab, (3,).

        Args:
            user_input: keys and mouse, as polled.
            position: (2,) of the agent, px.
            grid_size: width and height of what the picture shows, px.
        """
        grabs = user_input.is_down("g") or user_input.is_button_down(3)
        pointer = user_input.pointer
        if pointer is not None and user_input.is_button_down(1):
            wanted = [pointer[0] * grid_size[0], (1.0 - pointer[1]) * grid_size[1], float(grabs)]
            return self._follow(np.array(position), np.array(wanted))
        held = [way for key, way in _DIRECTIONS.items() if user_input.is_down(key)]
        wanted_velocity = self._speed * np.sum(held, axis=0) if held else np.zeros(2)
        self._velocity = SMOOTHING * self._velocity + (1.0 - SMOOTHING) * wanted_velocity
        speed = float(np.linalg.norm(self._velocity))
        velocity = self._velocity + NOISE * speed * self._rng.normal(size=2) * bool(held)
        return np.array([*velocity, MAX_GRAB * grabs])
