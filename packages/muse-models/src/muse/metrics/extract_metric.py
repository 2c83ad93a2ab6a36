"""A metric that reads a value that is already there."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.metrics.metric import Metric


class ExtractMetric(Metric):
    """The value at `key` of the inputs, the outputs or the model's outputs."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("key", str | None, None, help="where the value is; None: at the metric's name"),
        Param(
            "source",
            str,
            "outputs",
            choices=("inputs", "outputs", "model_outputs"),
            help="what to read it from",
        ),
        Param(
            "reduce_fn",
            str,
            "mean",
            choices=("mean", "max", "min", "sum", "last"),
            help="how a row (H, …) becomes one number",
        ),
    )

    def compute_elementwise(
        self, inputs: AttrDict, outputs: AttrDict, model_outputs: AttrDict
    ) -> Tensor:
        """Return `(B,)` of a value `(B, …)`."""
        source = {"inputs": inputs, "outputs": outputs, "model_outputs": model_outputs}
        value: Tensor = source[self.params.source][self.params.key or self.name]
        rows = value.flatten(1) if value.ndim > 1 else value.unsqueeze(1)
        rows = rows if rows.dtype.is_floating_point else rows.float()
        reduce_fn = self.params.reduce_fn
        if reduce_fn == "last":
            return rows[:, -1]
        if reduce_fn in ("max", "min"):
            return rows.amax(1) if reduce_fn == "max" else rows.amin(1)
        return rows.mean(1) if reduce_fn == "mean" else rows.sum(1)
