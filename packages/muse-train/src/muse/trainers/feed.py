"""Feeds: a dataset, its sampler and how often it takes part in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from muse.core import AttrDict
from muse.core.errors import ParamError
from muse.core.params import BOOKKEEPING_KEYS, imported


class Feed:
    """Batches of one dataset.

    Args:
        dataset: the dataset.
        sampler: its sampler.
        every: take part every that many steps; 0: never.
        device: where batches go.
    """

    def __init__(self, dataset: Any, sampler: Any, every: int, device: torch.device) -> None:
        self.dataset = dataset
        self.sampler = sampler
        self.every = every
        self.device = device

    def is_due(self, step: int) -> bool:
        """Whether this feed takes part in `step`."""
        return self.every > 0 and step % self.every == 0

    def batch(self) -> tuple[AttrDict, AttrDict]:
        """Next batch (inputs, outputs) with leaves (B, H, …) on the device."""
        indices = self.sampler.get_indices()
        inputs, outputs = self.dataset.get_batch(indices=indices, torch_device=self.device)
        return inputs, outputs


def build_feeds(
    datasets: Sequence[Any],
    sampler: AttrDict | None,
    every: int | Sequence[int],
    device: torch.device,
    what: str,
) -> list[Feed]:
    """One feed for each dataset.

    With `sampler` params (`cls` and its parameters), each dataset's sampler sees all `datasets`
    with its own in front; without, each dataset gives its default sampler, which sees it alone.

    Args:
        every: for all, or one for each dataset.
        what: the trainer parameter behind `every`, for errors.
    """
    rates = [every] * len(datasets) if isinstance(every, int) else list(every)
    if len(rates) != len(datasets):
        raise ParamError(
            f"GoalTrainer: {what}={rates} has {len(rates)} entries for {len(datasets)} dataset(s); "
            "give one number, or one for each dataset"
        )
    if any(rate < 0 for rate in rates):
        raise ParamError(f"GoalTrainer: {what}={rates}: expected numbers >= 0 (0: never)")
    feeds = []
    for dataset, rate in zip(datasets, rates, strict=True):
        others = [other for other in datasets if other is not dataset]
        feeds.append(Feed(dataset, _build_sampler(dataset, others, sampler), rate, device))
    return feeds


def _build_sampler(dataset: Any, others: list[Any], sampler: AttrDict | None) -> Any:
    if sampler is None:
        return dataset.get_sampler()
    if "cls" not in sampler:
        raise ParamError(f"GoalTrainer: sampler has no 'cls', the sampler class; got {sampler}")
    cls = imported(sampler.cls)
    params = AttrDict((k, v) for k, v in sampler.items() if k not in BOOKKEEPING_KEYS)
    return cls([dataset, *others], params)
