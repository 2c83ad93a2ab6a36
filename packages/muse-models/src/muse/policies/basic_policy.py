"""A policy without memory of its own beyond counting steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, imported, non_negative
from muse.core.policy import Policy, next_count
from muse.policies.model_io import model_inputs, named_arrays


class BasicPolicy(Policy):
    """Actions of a function of model, observation and goal; it ends after `timeout` steps.

    With the default function it is the dummy goal policy: it gives nothing, and its timeout says
    when the next goal is due.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "policy_model_forward_fn",
            Callable | str,
            "muse.policies.basic_policy.forward_nothing",
            help="(model, obs, goal) -> outputs, leaves (B, 1, …)",
        ),
        Param("timeout", int, 0, help="end after so many steps; 0: never", check=non_negative),
        Param("out_names", list[str] | None, None, help="outputs given; None: all there are"),
    )

    def _set_up(self) -> None:
        fn = self.params.policy_model_forward_fn
        self._forward_fn = imported(fn)

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return the function's outputs `(B, …)`, clipped to the spec, and the next memory."""
        with model_inputs(model, obs, goal) as (obs_in, goal_in):
            out = self._forward_fn(model, obs_in, goal_in)
        names = list(out.leaf_keys()) if self.params.out_names is None else self.params.out_names
        return named_arrays(out, names, self.env_spec), next_count(memory)

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return `(B,)`: which rows have done `timeout` steps."""
        count = np.asarray(memory["count"])
        if not self.params.timeout:
            return np.zeros(count.shape, dtype=bool)
        return count >= self.params.timeout


def forward_nothing(model: Any, obs: AttrDict, goal: AttrDict) -> AttrDict:
    """Give no outputs: there is nothing to choose."""
    return AttrDict()


def forward_model(model: Any, obs: AttrDict, goal: AttrDict) -> AttrDict:
    """Give the outputs of the model's forward."""
    from muse.models.model import merged

    return model(merged(obs, goal))
