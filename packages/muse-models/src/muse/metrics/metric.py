"""The contract of a metric."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.params import Configurable, Param


class Metric(Configurable):
    """A number for each row of a batch, and its mean over the batch or over groups of rows.

    A subclass writes `compute_elementwise`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("name", str, help="what the metric is called in logs"),
    )

    def __init__(self, params: Any) -> None:
        self.params = self.resolve_params(params)
        self.name: str = self.params.name

    def compute_elementwise(
        self, inputs: AttrDict, outputs: AttrDict, model_outputs: AttrDict
    ) -> Tensor:
        """Return the value of each row `(B,)`."""
        raise NotImplementedError(f"{type(self).__name__} does not define compute_elementwise")

    def compute(self, inputs: AttrDict, outputs: AttrDict, model_outputs: AttrDict) -> Tensor:
        """Return the mean over the batch, a scalar; 0 for an empty batch."""
        values = self.compute_elementwise(inputs, outputs, model_outputs)
        return values.mean() if values.numel() else values.sum()

    def compute_group_wise(
        self,
        inputs: AttrDict,
        outputs: AttrDict,
        model_outputs: AttrDict,
        groups: Tensor,
        n_groups: int,
    ) -> AttrDict:
        """Return the mean of each group.

        Args:
            groups: `(B,)` integers from 0 to n_groups - 1.

        Returns:
            `mean` `(n_groups,)`, 0 for an empty group; `count` `(n_groups,)`; `worst`, the
            largest mean of a group that is not empty.
        """
        values = self.compute_elementwise(inputs, outputs, model_outputs)
        groups = groups.to(values.device).long()
        zeros = torch.zeros(n_groups, dtype=values.dtype, device=values.device)
        count = zeros.index_add(0, groups, torch.ones_like(values))
        mean = zeros.index_add(0, groups, values) / count.clamp(min=1)
        worst = torch.where(count > 0, mean, torch.full_like(mean, -torch.inf)).max()
        return AttrDict(mean=mean, count=count, worst=worst)
