"""Recurrent layers; time is the second dimension, `(B, H, D)`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict


def build_recurrent(
    kind: type[nn.RNNBase],
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    dropout: float = 0.0,
    **options: Any,
) -> nn.RNNBase:
    """A recurrent network over `(B, H, input_size)`.

    Args:
        dropout: between layers; a single layer has none.
        options: what else torch's class takes: `bidirectional`, `bias`, `nonlinearity`.
    """
    return kind(
        input_size,
        hidden_size,
        num_layers,
        batch_first=True,
        dropout=_between(dropout, num_layers),
        **options,
    )


build_lstm = partial(build_recurrent, nn.LSTM)
build_gru = partial(build_recurrent, nn.GRU)
build_rnn = partial(build_recurrent, nn.RNN)


def state_names(rnn: nn.RNNBase) -> tuple[str, ...]:
    """The parts of a hidden state: ("h", "c") for an LSTM, ("h",) for the others."""
    return ("h", "c") if isinstance(rnn, nn.LSTM) else ("h",)


def zero_state(rnn: nn.RNNBase, batch_size: int, like: Tensor) -> AttrDict:
    """Return the hidden state of an episode's beginning, each part `(B, layers, hid)`."""
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    shape = (batch_size, layers, rnn.hidden_size)
    zeros = {n: torch.zeros(shape, device=like.device, dtype=like.dtype) for n in state_names(rnn)}
    return AttrDict(zeros)


def run(rnn: nn.RNNBase, x: Tensor, state: AttrDict | None) -> tuple[Tensor, AttrDict]:
    """Run over `(B, H, D)` from `state` (zeros when None): `(B, H, hid)` and the last state."""
    if state is None:
        out, last = rnn(x)
    else:
        # torch keeps the layers first, (layers, B, hid)
        parts = tuple(state[n].transpose(0, 1).contiguous() for n in state_names(rnn))
        out, last = rnn(x, parts if len(parts) > 1 else parts[0])
    parts = last if isinstance(last, tuple) else (last,)
    names = state_names(rnn)
    return out, AttrDict({n: p.transpose(0, 1) for n, p in zip(names, parts, strict=True)})


def run_masked(
    rnn: nn.RNNBase, x: Tensor, state: AttrDict | None, padding: Tensor
) -> tuple[Tensor, AttrDict]:
    """As `run`, passing over padded steps: their output is zero and the state stays as it was.

    Args:
        padding: `(B, H)` bool, true where there is no data; anywhere in the window.
    """
    state = zero_state(rnn, x.shape[0], x) if state is None else state
    outs: list[Tensor] = []
    for step in range(x.shape[1]):
        pad = padding[:, step, None, None]
        out, following = run(rnn, x[:, step : step + 1], state)
        outs.append(torch.where(pad, torch.zeros_like(out), out))
        state = AttrDict({n: torch.where(pad, state[n], following[n]) for n in state_names(rnn)})
    return torch.cat(outs, dim=1), state


def reset_rows(state: AttrDict, rows: Tensor | Sequence[bool]) -> AttrDict:
    """Return `state` with the given rows `(B,)` set to zero."""
    where = torch.as_tensor(rows)
    return state.leaf_apply(
        lambda v: v.masked_fill(where.to(v.device).view(-1, *[1] * (v.ndim - 1)), 0)
    )


def _between(dropout: float, num_layers: int) -> float:
    # torch's dropout stands between the layers; with one layer there is no between
    return dropout if num_layers > 1 else 0.0
