"""Optimizers step like torch's own, clip, schedule and resume exactly."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn

from muse.core import AttrDict
from muse.core.errors import CheckpointError, ParamError
from muse.trainers.optimizers.optimizer import MultiOptimizer, Optimizer, SingleOptimizer


def _net() -> nn.Module:
    torch.manual_seed(0)
    return nn.ModuleDict({"actor": nn.Linear(3, 2), "critic": nn.Linear(3, 1)})


def _losses(net: nn.Module, step: int) -> AttrDict:
    x = torch.linspace(-1, 1, 12).reshape(4, 3) + step
    actor, critic = net["actor"](x).square().mean(), net["critic"](x).square().mean()
    return AttrDict(loss=actor + critic, actor_loss=actor + critic, critic_loss=critic)


def _sgd(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.5)


def test_single_equals_torch() -> None:
    net, other = _net(), _net()
    mine = SingleOptimizer(
        AttrDict(base_optimizer=AttrDict(cls="torch.optim.AdamW", lr=0.01, weight_decay=0.1)), net
    )
    theirs = torch.optim.AdamW(other.parameters(), lr=0.01, weight_decay=0.1, fused=True)
    for step in range(5):
        mine.step(_losses(net, step))
        theirs.zero_grad()
        _losses(other, step)["loss"].backward()
        theirs.step()
    for a, b in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_fused_can_be_turned_off_and_classes_without_it_work() -> None:
    for group in (
        AttrDict(cls="torch.optim.Adam", lr=0.01, fused=False),
        AttrDict(cls="torch.optim.RMSprop", lr=0.01),
    ):
        net = _net()
        optimizer = SingleOptimizer(AttrDict(base_optimizer=group), net)
        optimizer.step(_losses(net, 0))
        inner = optimizer.state_dict()["optimizer"]["param_groups"][0]
        assert not inner.get("fused")


def test_clipping_returns_the_norm() -> None:
    net = _net()
    before = copy.deepcopy(net.state_dict())
    optimizer = SingleOptimizer(
        AttrDict(base_optimizer=AttrDict(cls="torch.optim.SGD", lr=1.0), max_grad_norm=1e-3),
        net,
    )
    scalars = optimizer.step(_losses(net, 3))
    assert float(scalars.grad_norm) > 1e-3
    moved = sum(
        (a - b).square().sum()
        for a, b in zip(net.state_dict().values(), before.values(), strict=True)
    )
    assert float(moved.sqrt()) == pytest.approx(1e-3, rel=1e-3)


def test_functions_build_optimizer_and_scheduler() -> None:
    optimizer = SingleOptimizer(
        AttrDict(
            get_base_optimizer=_sgd,
            base_scheduler=AttrDict(cls="torch.optim.lr_scheduler.StepLR", step_size=1, gamma=0.5),
        ),
        net := _net(),
    )
    assert optimizer.learning_rates() == {"learning_rate": 0.5}
    optimizer.step(_losses(net, 0))
    assert optimizer.learning_rates() == {"learning_rate": 0.25}


def _multi(net: nn.Module) -> MultiOptimizer:
    part = {
        name: AttrDict(
            parameters=[name],
            loss=f"{name}_loss",
            base_optimizer=AttrDict(cls="torch.optim.SGD", lr=0.1),
        )
        for name in ("actor", "critic")
    }
    return MultiOptimizer(AttrDict(optimizers=AttrDict(part)), net)


def test_multi_steps_each_part_on_its_own_loss_only() -> None:
    net = _net()
    other = _net()
    _multi(net).step(_losses(net, 1))
    # actor_loss depends on the critic too, yet the critic moves by critic_loss alone.
    losses = _losses(other, 1)
    losses.critic_loss.backward(retain_graph=True)
    expected = other["critic"].weight - 0.1 * other["critic"].weight.grad
    assert torch.allclose(net["critic"].weight, expected)
    assert not torch.equal(net["actor"].weight, other["actor"].weight)


def _single(net: nn.Module) -> Optimizer:
    return SingleOptimizer(
        AttrDict(
            base_scheduler=AttrDict(cls="torch.optim.lr_scheduler.CosineAnnealingLR", T_max=50)
        ),
        net,
    )


@pytest.mark.parametrize("build", [_single, _multi])
def test_resume_is_exact(build: Callable[[nn.Module], Optimizer]) -> None:
    net = _net()
    optimizer = build(net)
    for step in range(3):
        optimizer.step(_losses(net, step))
    twin = copy.deepcopy(net)
    second = build(twin)
    second.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for step in range(3, 6):
        optimizer.step(_losses(net, step))
        second.step(_losses(twin, step))
    for a, b in zip(net.parameters(), twin.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        (AttrDict(base_optimizer=AttrDict(lr=1.0)), "no 'cls'"),
        (AttrDict(base_optimizer=AttrDict(cls="torch.optim.Adam", lrr=1.0)), "lrr"),
        (AttrDict(max_grad_norm=-1.0), "max_grad_norm"),
        (AttrDict(max_grad_nrm=1.0), "max_grad_norm"),
    ],
)
def test_mistakes_are_named(params: AttrDict, match: str) -> None:
    with pytest.raises(ParamError, match=match):
        SingleOptimizer(params, _net())


def test_multi_refuses_shared_parameters_and_unknown_losses() -> None:
    shared = AttrDict(a=AttrDict(parameters=["actor"]), b=AttrDict(parameters=["actor", "critic"]))
    with pytest.raises(ParamError, match="belongs to both"):
        MultiOptimizer(AttrDict(optimizers=shared), _net())
    net = _net()
    wrong = MultiOptimizer(
        AttrDict(optimizers=AttrDict(a=AttrDict(parameters=["actor"], loss="actor_los"))), net
    )
    with pytest.raises(ParamError, match="Did you mean 'actor_loss'"):
        wrong.step(_losses(net, 0))


def test_scheduler_mismatch_is_explained() -> None:
    with_one, without = _single(_net()), SingleOptimizer(AttrDict(), _net())
    with pytest.raises(CheckpointError, match="scheduler"):
        without.load_state_dict(with_one.state_dict())
