"""Losses that a config can name: module-level functions of (model, model_out, inputs, outputs).

Each honours `padding_mask` `(B, H)`, true where a step is padding: it takes the mean over the
other steps only. Targets are `inputs[name]`, normalised where the model predicts in normalised
units (`model.normalized_output_names`), so that error and prediction share their units.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

MASK_NAME = "padding_mask"


def masked_mean(value: Tensor, padding: Tensor | None) -> Tensor:
    """Return the mean of `value` `(B, H)` over the steps that are not padding `(B, H)`.

    A batch of nothing but padding gives 0.
    """
    if padding is None:
        return value.mean()
    keep = ~padding.to(torch.bool)
    if keep.ndim > value.ndim:
        keep = keep.reshape(value.shape)
    # where, not a product: a padded step may hold NaN or infinity
    total = torch.where(keep, value, torch.zeros_like(value)).sum()
    return total / keep.sum().clamp(min=1)


def normalized_targets(model: Any, inputs: AttrDict, names: Sequence[str]) -> AttrDict:
    """Return the target actions in the units the model predicts in."""
    targets = inputs > list(names)
    normalized = [name for name in names if name in model.normalized_output_names]
    return model.normalize_by_statistics(targets, normalized) if normalized else targets


def flat_targets(
    model: Any, inputs: AttrDict, names: Sequence[str], padding: Tensor | None
) -> Tensor:
    """Return the targets side by side `(B, H, D)`, 0 where padded.

    A padded step may hold NaN, which would reach the gradient even with the loss masked.
    """
    targets = flat_actions(normalized_targets(model, inputs, names), names)
    if padding is None:
        return targets
    return targets.masked_fill(padding.to(torch.bool).view(*targets.shape[:2], 1), 0)


def flat_actions(actions: AttrDict, names: Sequence[str]) -> Tensor:
    """Return the named actions `(B, H, …)` side by side `(B, H, D)`."""
    if len(names) == 1 and actions[names[0]].ndim == 3:
        return actions[names[0]].float()
    return torch.cat([actions[n].flatten(2).float() for n in names], dim=-1)


def action_error_loss(
    model: Any,
    model_out: AttrDict,
    inputs: AttrDict,
    outputs: AttrDict,
    names: Sequence[str] | None = None,
    err_fn: str = "mse",
    mask_name: str = MASK_NAME,
) -> AttrDict:
    """Mean error of the named actions over batch, time and dimensions.

    Args:
        names: actions compared; the model's own by default.
        err_fn: "mse" or "mae".
        mask_name: where the padding mask is, if there is one.
    """
    names = _action_names(model, names)
    if err_fn not in ("mse", "mae"):
        raise ConfigError(f"err_fn={err_fn!r}, expected 'mse' or 'mae'")
    padding = inputs << mask_name
    error = flat_actions(model_out, names) - flat_targets(model, inputs, names, padding)
    error = error.square() if err_fn == "mse" else error.abs()
    return AttrDict(loss=masked_mean(error.mean(-1), padding))


def mse_action_loss(
    model: Any, model_out: AttrDict, inputs: AttrDict, outputs: AttrDict
) -> AttrDict:
    """Mean squared error of the model's actions."""
    return action_error_loss(model, model_out, inputs, outputs, err_fn="mse")


def mae_action_loss(
    model: Any, model_out: AttrDict, inputs: AttrDict, outputs: AttrDict
) -> AttrDict:
    """Mean absolute error of the model's actions."""
    return action_error_loss(model, model_out, inputs, outputs, err_fn="mae")


def nll_action_loss(
    model: Any,
    model_out: AttrDict,
    inputs: AttrDict,
    outputs: AttrDict,
    names: Sequence[str] | None = None,
    policy_dist_name: str | None = None,
    mask_name: str = MASK_NAME,
) -> AttrDict:
    """Mean negative log-likelihood of the demonstrated actions, in nats a step.

    Args:
        names: actions in the order of the distribution; the model's own by default.
        policy_dist_name: where the model puts the distribution; its own name by default.
    """
    names = _action_names(model, names)
    padding = inputs << mask_name
    dist = model_out[policy_dist_name or model.dist_out_name]
    log_prob = model.head.log_prob(dist, flat_targets(model, inputs, names, padding))
    return AttrDict(loss=masked_mean(-log_prob, padding))


def get_default_mae_action_loss_fn(
    names: Sequence[str] | None = None, err_fn: str = "mae", mask_name: str = MASK_NAME
) -> Callable[..., AttrDict]:
    """Return the error loss with its options set, in a form `config.json` can hold."""
    names = None if names is None else list(names)
    return functools.partial(action_error_loss, names=names, err_fn=err_fn, mask_name=mask_name)


def get_default_nll_loss_fn(
    names: Sequence[str] | None = None,
    policy_dist_name: str | None = None,
    mask_name: str = MASK_NAME,
) -> Callable[..., AttrDict]:
    """Return the likelihood loss with its options set, in a form `config.json` can hold."""
    names = None if names is None else list(names)
    return functools.partial(
        nll_action_loss, names=names, policy_dist_name=policy_dist_name, mask_name=mask_name
    )


def _action_names(model: Any, names: Sequence[str] | None) -> Sequence[str]:
    return model.action_names if names is None else names
