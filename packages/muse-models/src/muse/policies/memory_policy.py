"""The policy of models with memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch

from muse.core.attrdict import AttrDict
from muse.core.params import Param, imported, non_negative
from muse.core.policy import Policy, next_count, where_rows
from muse.policies.model_io import model_inputs, named_arrays
from muse.policies.noise import draw_noise

#: Where the model's own part of the memory is.
MODEL_MEMORY = "model"


class MemoryPolicy(Policy):
    """Actions of a model that may remember, such as an RNN, for B environments at once.

    The memory holds `count` and `seed` `(B,)` and, at `model`, what the model remembers, every
    leaf with B in front. Each call turns the observation into tensors `(B, 1, …)`, runs the
    model one step, takes mean, mode or a draw of the action distribution, maps it back from
    normalised units, and clips it to the spec.

    A draw is a function of the row's seed and count alone, so the batch a row runs in does not
    change its actions.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "policy_model_forward_fn",
            Callable | str,
            "muse.policies.memory_policy.online_forward",
            help="(model, obs, goal, memory) -> (outputs, memory), leaves (B, 1, …)",
        ),
        Param(
            "is_terminated_fn",
            Callable | str | None,
            None,
            help="(model, obs, goal, memory) -> (B,) bool",
        ),
        Param("timeout", int, 0, help="end after so many steps; 0: never", check=non_negative),
        Param(
            "action_mode",
            str,
            "mean",
            choices=("mean", "mode", "sample"),
            help="what to take of the action distribution",
        ),
        Param(
            "noise_scale",
            float,
            1.0,
            help="factor on the deviations of a sample; 0: the chosen component's mean",
            check=non_negative,
        ),
        Param(
            "flush_horizon",
            int,
            0,
            help="the model's memory starts anew every so many steps; 0: only at a reset. Set it "
            "to the training horizon for a model that never saw longer windows",
            unit="steps",
            check=non_negative,
        ),
        Param("policy_out_names", list[str] | None, None, help="actions given; None: the spec's"),
    )

    def _set_up(self) -> None:
        self._forward_fn = imported(self.params.policy_model_forward_fn)
        self._is_terminated_fn = imported(self.params.is_terminated_fn)
        self.out_names = list(self.params.policy_out_names or self.env_spec.action_names)

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Return the memory at the start of B episodes."""
        memory = super().initial_memory(model, batch_size, seeds)
        own = model.initial_memory(batch_size) if hasattr(model, "initial_memory") else AttrDict()
        if len(own):
            memory[MODEL_MEMORY] = own
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return the actions `(B, …)` for `obs` `(B, …)`, and the next memory."""
        memory = memory.copy()
        if self.params.flush_horizon:
            flush_rows(model, memory, self.params.flush_horizon)
        with model_inputs(model, obs, goal) as (obs_in, goal_in):
            out, memory = self._forward_fn(model, obs_in, goal_in, memory)
            action = self._decode(model, out, memory)
        result = named_arrays(action, self.out_names, self.env_spec)
        return result, next_count(memory)

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return `(B,)`: which rows have reached the timeout or are ended by the function."""
        ended = np.zeros(np.shape(memory["count"]), dtype=bool)
        if self.params.timeout:
            ended |= np.asarray(memory["count"]) >= self.params.timeout
        if self._is_terminated_fn is not None:
            ended |= np.asarray(self._is_terminated_fn(model, obs, goal, memory), dtype=bool)
        return ended

    # -- inside -----------------------------------------------------------------------------

    def _decode(self, model: Any, out: AttrDict, memory: AttrDict) -> AttrDict:
        """Return the actions as tensors `(B, 1, …)`, in the units of the environment."""
        if not hasattr(model, "decode_action"):
            return out > self.out_names
        uniform = normal = None
        if self.params.action_mode == "sample" and model.noise_size:
            draws = draw_noise(memory, model.noise_size)
            uniform, normal = (torch.from_numpy(d).to(model.device).unsqueeze(1) for d in draws)
            normal = normal * self.params.noise_scale
        action = model.decode_action(out, self.out_names, self.params.action_mode, uniform, normal)
        normalized = [name for name in self.out_names if name in model.normalized_output_names]
        if normalized:
            action = model.normalize_by_statistics(action, normalized, inverse=True)
        return action


def flush_rows(model: Any, memory: AttrDict, flush_horizon: int) -> None:
    """Start the model's part of `memory` anew where count is a multiple of `flush_horizon`."""
    if MODEL_MEMORY not in memory:
        return
    count = np.asarray(memory["count"])
    due = (count > 0) & (count % flush_horizon == 0)
    if not due.any():
        return
    fresh = model.initial_memory(len(count))
    own = memory[MODEL_MEMORY]
    memory[MODEL_MEMORY] = AttrDict.leaf_combine_and_apply(
        [fresh, own], lambda leaves: where_rows(due, *leaves)
    )


def online_forward(
    model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict, flush_horizon: int = 0
) -> tuple[AttrDict, AttrDict]:
    """Run the model's `online_step` on its part of the memory: `(outputs, memory)`.

    Args:
        flush_horizon: as the parameter of `MemoryPolicy`, for use without it.
    """
    memory = memory.copy()
    if flush_horizon:
        flush_rows(model, memory, flush_horizon)
    own = memory << MODEL_MEMORY
    out, own = model.online_step(obs, goal, AttrDict() if own is None else own)
    if len(own):
        memory[MODEL_MEMORY] = own
    return out, memory


def timeout_terminated(
    model: Any,
    obs: AttrDict,
    goal: AttrDict,
    memory: AttrDict,
    max_steps: int,
    count_key: str = "count",
) -> np.ndarray:
    """Return `(B,)`: which rows have done `max_steps` steps."""
    return np.asarray(memory[count_key]) >= max_steps


def get_timeout_terminate_fn(max_steps: int, count_key: str = "count") -> Callable[..., np.ndarray]:
    """Return an `is_terminated_fn` that ends after `max_steps`, in a form `config.json` holds."""
    return functools.partial(timeout_terminated, max_steps=max_steps, count_key=count_key)
