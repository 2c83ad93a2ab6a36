"""What a batch of given names consists of, worked out once for each set of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.columns import PADDING, Columns


class BatchPlan:
    """Splits columns into inputs and outputs.

    Args:
        columns: the dataset's names.
        names: the names wanted, all of them known.
    """

    def __init__(self, columns: Columns, names: Sequence[str]) -> None:
        steps = [n for n in names if n not in columns.onetime]
        self.input_steps = [n for n in steps if n not in columns.outputs]
        self.output_steps = [n for n in steps if n in columns.outputs]
        self.steps = (*self.input_steps, *self.output_steps)
        onetime = [n for n in names if n in columns.onetime]
        self.input_onetime = tuple(n for n in onetime if n not in columns.outputs)
        self.output_onetime = tuple(n for n in onetime if n in columns.outputs)
        self.onetime = (*self.input_onetime, *self.output_onetime)
        self._flat = not any("/" in n for n in names)
        self._cut = len(self.input_steps)

    def build(
        self,
        arrays: Sequence[NDArray[Any]],
        onetime: Sequence[NDArray[Any]] = (),
        padded: NDArray[np.bool_] | None = None,
    ) -> tuple[AttrDict, AttrDict]:
        """Return (inputs, outputs) of arrays in the order of `steps` and `onetime`."""
        inputs, outputs = AttrDict(), AttrDict()
        # Plain names need no path handling, so the dict is filled in one C call.
        fill: Any = dict.update if self._flat else AttrDict.update
        fill(inputs, zip(self.input_steps, arrays[: self._cut], strict=True))
        fill(outputs, zip(self.output_steps, arrays[self._cut :], strict=True))
        if onetime:
            half = len(self.input_onetime)
            fill(inputs, zip(self.input_onetime, onetime[:half], strict=True))
            fill(outputs, zip(self.output_onetime, onetime[half:], strict=True))
        if padded is not None:
            inputs[PADDING] = padded
        return inputs, outputs
