"""Noise on the actions, so that demonstrations show how to recover."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, fraction, non_negative
from muse.envs.wrappers.wrapper import Wrapper


class ActionNoise(Wrapper):
    """Adds Gaussian noise to the float actions, clipped to their limits.

    What is recorded is the action that was asked for, what is seen comes of the noisy one: noise
    injection as in Laskey et al., "DART", CoRL 2017.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "noise_std",
            float,
            0.1,
            help="standard deviation, in halves of the range of an action; where that is "
            "unlimited, in its own unit",
            check=non_negative,
        ),
        Param("noise_chance", float, 1.0, help="share of the steps with noise", check=fraction),
        Param("names", list[str] | None, None, help="which actions; None: all floats"),
    )

    def _before(self, action: AttrDict) -> AttrDict:
        noisy = action.copy()
        strikes = self.rng.random() < self.params.noise_chance
        for name in self.env_spec.action_names if self.params.names is None else self.params.names:
            low, high = self.env_spec.limits(name)
            if self.env_spec.dtype(name).kind != "f":
                continue
            half = np.where(np.isfinite(high - low), (high - low) / 2, 1.0)
            drawn = self.rng.normal(0.0, 1.0, action[name].shape) * self.params.noise_std * half
            value = np.clip(action[name] + strikes * drawn, low, high)
            noisy[name] = value.astype(action[name].dtype)
        return self.env_spec.clip(noisy, self.env_spec.action_names)
