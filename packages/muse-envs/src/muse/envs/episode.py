"""What one episode of a rollout gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict


@dataclass
class Episode:
    """The result of one episode.

    Attributes:
        seed: what the environment and the policy drew from.
        length: steps taken, T.
        success: whether the environment's success rule held at the end.
        score: the environment's score at the end (PushT: largest overlap so far).
        total_reward: sum of `reward` over the episode.
        max_reward: largest `reward` of the episode.
        terminated: the task itself ended (reached, failed).
        truncated: the episode was cut off (time limit, the policy gave up).
        failed: a broken simulator (or a dead worker) ended it: truncated, without success, its
            score 0; leave it out of data and say so.
        data: (inputs, outputs) with leaves (T, ...) as a dataset's `add_episode` takes them;
            names given once an episode have leaves (1, ...). None unless recorded, and for a
            failed episode.
        frames: T + 1 pictures (H, W, 3) uint8, of the start and after each step; empty unless
            asked for.
    """

    seed: int
    length: int
    success: bool
    score: float
    total_reward: float
    max_reward: float
    terminated: bool
    truncated: bool
    failed: bool = False
    data: tuple[AttrDict, AttrDict] | None = None
    frames: list[np.ndarray] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The numbers of the episode, ready for JSON."""
        return {
            "seed": self.seed,
            "length": self.length,
            "success": self.success,
            "score": self.score,
            "total_reward": self.total_reward,
            "max_reward": self.max_reward,
            "terminated": self.terminated,
            "truncated": self.truncated,
            "failed": self.failed,
        }
