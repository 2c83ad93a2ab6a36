"""`check_model`: does a model keep the contract? For users' own models as for Muse's."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.errors import CheckpointError, MuseError
from muse.models.model import Model


class ContractError(MuseError, AssertionError):
    """A model does not keep the contract."""


def check_model(model: Model, batch: tuple[AttrDict, AttrDict], online: bool = True) -> None:
    """Check a model whose statistics are loaded on one batch.

    Args:
        batch: (inputs, outputs) as a data set gives them, tensors `(B, H, …)` on the model's
            device.
        online: also compare `online_step` with `forward`, step by step.

    Raises:
        ContractError: naming what is not as the contract says.
    """
    inputs, outputs = batch
    before = inputs.leaf_apply(lambda v: v.clone() if isinstance(v, Tensor) else v)
    _check_forward(model, inputs)
    _check_loss(model, inputs, outputs)
    _check_state(model)
    for name, value in inputs.leaf_items():
        if isinstance(value, Tensor) and not torch.equal(value, before[name]):
            raise ContractError(f"{_name(model)}: forward or loss changed the input {name!r}")
    if online:
        _check_online(model, inputs)


def _name(model: Model) -> str:
    return type(model).__name__


def _check_forward(model: Model, inputs: AttrDict) -> None:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        first, second = model(inputs), model(inputs)
    model.train(was_training)
    if not isinstance(first, AttrDict):
        raise ContractError(f"{_name(model)}: forward gave {type(first).__name__}, not an AttrDict")
    for name, value in first.leaf_items():
        if isinstance(value, Tensor) and not torch.equal(value, second[name]):
            raise ContractError(
                f"{_name(model)}: in evaluation, output {name!r} differs from call to call"
            )


def _check_loss(model: Model, inputs: AttrDict, outputs: AttrDict) -> None:
    result = model.loss(inputs, outputs)
    if not isinstance(result, AttrDict) or "loss" not in result:
        raise ContractError(
            f"{_name(model)}: loss() gave {result!r}, expected an AttrDict with loss"
        )
    loss = result["loss"]
    if loss.ndim or not torch.isfinite(loss):
        raise ContractError(f"{_name(model)}: loss is {loss!r}, expected a finite scalar")
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        return
    if not loss.requires_grad:
        raise ContractError(f"{_name(model)}: loss has no gradient")
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    if all(g is None for g in gradients):
        raise ContractError(f"{_name(model)}: no parameter gets a gradient of the loss")


def _check_state(model: Model) -> None:
    """A state dict must survive a file that holds nothing but tensors, and be checked strictly."""
    file = io.BytesIO()
    torch.save({"model": model.state_dict()}, file)
    file.seek(0)
    chkpt = torch.load(file, weights_only=True, map_location=model.device)
    model.restore_from_checkpoint(chkpt)
    wrong = {**chkpt["model"], "no_such_weight": torch.zeros(1)}
    try:
        copy.copy(model).restore_from_checkpoint({"model": wrong})
    except CheckpointError as error:
        if "no_such_weight" not in str(error):
            raise ContractError(
                f"{_name(model)}: the error of a wrong checkpoint does not name the key"
            ) from error
    else:
        raise ContractError(f"{_name(model)}: a checkpoint with an unexpected key was accepted")


def _check_online(model: Model, inputs: AttrDict) -> None:
    """Stepping through a window must give what running over it gives."""
    was_training = model.training
    model.eval()
    names = model.env_spec.observation_names
    goals = [name for name in model.env_spec.goal_names if name in inputs]
    with torch.no_grad():
        whole = model(inputs)
        batch, horizon = _front(inputs, names)
        memory = model.initial_memory(batch)
        _check_memory(model, memory, batch)
        steps: list[AttrDict] = []
        for t in range(horizon):
            obs, goal = _at(inputs, names, t), _at(inputs, goals, t)
            out, memory = model.online_step(obs, goal, memory)
            steps.append(out)
    model.train(was_training)
    for name, value in whole.leaf_items():
        if not isinstance(value, Tensor) or tuple(value.shape[:2]) != (batch, horizon):
            continue
        if any(name not in s or s[name].shape[1] != 1 for s in steps):
            continue
        stepped = torch.cat([s[name] for s in steps], dim=1)
        if not torch.allclose(stepped, value, atol=1e-4, rtol=1e-4):
            worst = (stepped - value).abs().max().item()
            raise ContractError(
                f"{_name(model)}: {name!r} differs by {worst:.2g} between online_step and forward"
            )


def _at(inputs: AttrDict, names: Sequence[str], step: int) -> AttrDict:
    """Return one step `(B, 1, …)` of the named inputs."""
    return (inputs > list(names)).leaf_apply(lambda v: v[:, step : step + 1])


def _front(inputs: AttrDict, names: Any) -> tuple[int, int]:
    value = inputs[names[0]]
    return int(value.shape[0]), int(value.shape[1])


def _check_memory(model: Model, memory: AttrDict, batch: int) -> None:
    for name, value in memory.leaf_items():
        if value.shape[0] != batch:
            raise ContractError(
                f"{_name(model)}: memory {name!r} has shape {tuple(value.shape)}, expected "
                f"leading {batch}"
            )
