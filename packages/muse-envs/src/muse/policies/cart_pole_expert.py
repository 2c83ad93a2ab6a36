"""The scripted expert of gymnasium's CartPole."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.policy import Policy, next_count

#: Weights of cart position, cart velocity, pole angle and pole velocity: push to where it falls,
#: a little earlier the further the cart has strayed.
_GAINS = np.array([0.05, 0.2, 1.0, 0.5])


class CartPoleExpert(Policy):
    """Balances the pole by the sign of a linear state feedback; for `GymEnv` on CartPole-v1."""

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 1) int64: 0 left, 1 right."""
        push = obs["obs"].astype(np.float64) @ _GAINS
        return AttrDict(action=(push > 0.0).astype(np.int64)[:, None]), next_count(memory)
