"""The scripted expert of gymnasium's Pendulum."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.policy import Policy, next_count

#: Of gymnasium's pendulum: a rod of 1 kg and 1 m under g = 10 m/s^2, torque up to 2 N m.
_INERTIA, _WEIGHT, _TORQUE = 1.0 / 3.0, 5.0, 2.0
#: Within this angle of the top (cosine) and below this speed (rad/s) balance takes over.
_NEAR_TOP, _SLOW = 0.95, 3.0


class PendulumExpert(Policy):
    """Swings up by energy, then balances by a linear feedback; for `GymEnv` on Pendulum-v1.

    Astrom and Furuta, "Swinging up a pendulum by energy control", Automatica 36 (2000), eq. 7: the
    torque has the sign of (E_top - E) times the angular velocity.
    """

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 1), the torque in N m."""
        cosine, sine, speed = obs["obs"].astype(np.float64).T
        missing = _WEIGHT * (1.0 - cosine) - 0.5 * _INERTIA * speed**2
        turning = np.where(np.abs(speed) < 1e-3, 1.0, np.sign(speed))  # at rest: any way will do
        swing = np.clip(4.0 * missing, -_TORQUE, _TORQUE) * turning
        balance = -(10.0 * np.arctan2(sine, cosine) + 2.0 * speed)
        near = (cosine > _NEAR_TOP) & (np.abs(speed) < _SLOW)
        torque = np.clip(np.where(near, balance, swing), -_TORQUE, _TORQUE)
        return AttrDict(action=torque.astype(np.float32)[:, None]), next_count(memory)
