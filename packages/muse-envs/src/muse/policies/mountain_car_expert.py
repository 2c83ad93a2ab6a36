"""The scripted expert of gymnasium's two MountainCars."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, fraction
from muse.core.policy import Policy, next_count


class MountainCarExpert(Policy):
    """Pushes the way the car rolls, which pumps energy; for `GymEnv` on both MountainCars."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("force", float, 1.0, help="size of the continuous action", check=fraction),
    )

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 1): a force, or 0 left and 2 right."""
        forward = obs["obs"][:, 1:] >= 0.0
        dtype = np.dtype(self.env_spec.dtype("action"))
        force = self.params.force
        low, high = (-force, force) if dtype.kind == "f" else (0, 2)
        return AttrDict(action=np.where(forward, high, low).astype(dtype)), next_count(memory)
