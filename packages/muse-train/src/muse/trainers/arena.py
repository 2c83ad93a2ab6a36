"""Arenas: an environment with the policies that act in it, evaluated during training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from muse.trainers.checkpoint import isolated_rng

if TYPE_CHECKING:
    from muse.envs.rollout import Episode


@dataclass
class Arena:
    """One environment and how often its policies are tried out there.

    Each evaluation runs the same seeds and counts only its own episodes, so results of different
    steps compare one to one and nothing stale is mixed in.

    Attributes:
        name: prefix of its scalars: `env_train` or `env_holdout`.
        every: evaluate every that many steps; 0: never.
        seeds: one episode for each.
        max_steps: longest episode; None leaves the end to the environment.
    """

    name: str
    env: Any
    policy: Any
    goal_policy: Any | None
    every: int
    seeds: Sequence[int]
    max_steps: int | None

    def is_due(self, step: int, blocked_until: int) -> bool:
        """Whether to evaluate after `step` steps of training."""
        return self.every > 0 and step % self.every == 0 and step >= blocked_until

    def evaluate(self, model: Any) -> dict[str, float]:
        """Run all episodes and return their summary; training's random numbers stay untouched."""
        from muse.envs.rollout import rollout

        was_training = model.training
        model.eval()
        try:
            with isolated_rng(), torch.no_grad():
                episodes = rollout(
                    self.env,
                    self.policy,
                    model,
                    seeds=self.seeds,
                    max_steps=self.max_steps,
                    goal_policy=self.goal_policy,
                )
        finally:
            model.train(was_training)
        return {f"{self.name}/{key}": value for key, value in scalars_of(episodes).items()}


def scalars_of(episodes: Sequence[Episode]) -> dict[str, float]:
    """The scalars worth a curve: success rate with its Wilson interval and the means."""
    from muse.envs.statistics import summarize

    found = summarize(episodes)
    low, high = found.interval
    return {
        "success": found.rate,
        "success_low": low,
        "success_high": high,
        "score": found.mean_score,
        "return": found.mean_return,
        "max_reward": found.mean_max_reward,
        "length": found.mean_length,
        "episodes": float(found.n),
    }
