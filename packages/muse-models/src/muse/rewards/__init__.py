"""Rewards: one number a step, from what happened and possibly from a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.rewards.output_reward import OutputReward as OutputReward
    from muse.rewards.reward import Reward as Reward

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "output_reward": ("OutputReward",),
        "reward": ("Reward",),
    },
)
