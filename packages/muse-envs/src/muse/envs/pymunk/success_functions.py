"""How well an episode of a play primitive reached its goal: push, pull, rotate, side-rotate, tip.

The measure of PLATO (Belkhale and Sadigh 2022, "PLATO: Predicting Latent Affordances Through
Object-Centric Play"): a goal is where a demonstration of the primitive left the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError

#: Within this the blocks are where they should be, px and rad.
POSITION_TOLERANCE = 15.0
ANGLE_TOLERANCE = math.radians(15.0)
#: The best score of an episode from which on it counts as a success.
SUCCESS_SCORE = 0.5


@dataclass(frozen=True)
class PlaySuccess:
    """The score w [mean block distance < 15 px] + (1 - w) [mean angle < 15 degrees].

    Args:
        position_weight: w, from 0 to 1.
    """

    position_weight: float

    def __call__(self, obs: AttrDict, goal: AttrDict) -> AttrDict:
        """Score an episode.

        Args:
            obs: `block_positions` (T, n, 2) px and `block_angles` (T, n) rad of its T frames.
            goal: the same of the goal, (n, 2) and (n,), or with a leading 1.

        Returns:
            AttrDict with `best`, `initial` and `final` score and `success`, whether the best one
            is at least 0.5.

        Raises:
            DataError: when there is no frame or shapes do not fit together.
        """
        positions, angles = (np.asarray(obs[name], np.float64) for name in _READ)
        frames, blocks = positions.shape[:2] if positions.ndim == 3 else (0, 0)
        target, target_angles = (np.asarray(goal[name], np.float64) for name in _READ)
        good = frames > 0 and positions.shape[2:] == (2,) and angles.shape == (frames, blocks)
        if not good or target.size != 2 * blocks or target_angles.size != blocks:
            raise DataError(
                f"{_READ[0]} and {_READ[1]} have shapes {positions.shape} and {angles.shape}, "
                f"those of the goal {target.shape} and {target_angles.shape}; expected (T, n, 2) "
                "and (T, n), (n, 2) and (n,), T >= 1"
            )
        scores = self.frame_scores(
            positions, angles, target.reshape(blocks, 2), target_angles.reshape(blocks)
        )
        best = float(scores.max())
        return AttrDict(
            best=best,
            initial=float(scores[0]),
            final=float(scores[-1]),
            success=best >= SUCCESS_SCORE,
        )

    def frame_scores(
        self, positions: np.ndarray, angles: np.ndarray, target: np.ndarray, turned: np.ndarray
    ) -> np.ndarray:
        """Return the score (T,) of frames (T, n, 2) and (T, n) for a goal (n, 2) and (n,)."""
        distance = np.linalg.norm(positions - target, axis=-1).mean(axis=-1)
        # Angles wind up: a full turn is no difference.
        turn = np.abs((angles - turned + np.pi) % (2 * np.pi) - np.pi).mean(axis=-1)
        weight = self.position_weight
        scores: np.ndarray = weight * (distance < POSITION_TOLERANCE) + (1.0 - weight) * (
            turn < ANGLE_TOLERANCE
        )
        return scores


_READ = ("block_positions", "block_angles")
_MOVE, _TURN = PlaySuccess(0.75), PlaySuccess(0.25)

#: Name of the primitive -> its measure.
pname_to_success: Mapping[str, PlaySuccess] = {
    "pull_back_move_left": _MOVE,
    "pull_back_move_right": _MOVE,
    "pull_back_move_up": _MOVE,
    "push_left": _MOVE,
    "push_right": _MOVE,
    "rotate_left": _TURN,
    "rotate_right": _TURN,
    "left_side_rotate": _TURN,
    "right_side_rotate": _TURN,
    "tip": _TURN,
}
