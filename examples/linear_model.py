"""A model of one's own, checked, then trained for a moment: `python examples/linear_model.py`."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from csv_dataset import SPEC
from torch import nn

from muse.core import AttrDict
from muse.core.params import Param, positive
from muse.models.model import Model


class LinearModel(Model):
    """Actions as a linear function of the last `history` observations.

    Args as `Model`. Inputs `(B, H, 2)`, output `action` `(B, H, 2)`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("history", int, 1, help="observations it looks at", unit="steps", check=positive),
    )

    def build(self) -> None:
        """Create the layers; the spec says how wide they are."""
        size = self.env_spec.dim(["xy"])
        self.linear = nn.Linear(size * self.params.history, self.env_spec.dim(["action"]))

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        """Return the actions for every step of the window."""
        xy = self.normalize(inputs).xy  # by statistics kept in the state dict
        past = self.params.history - 1
        padded = torch.cat([xy[:, :1].expand(-1, past, -1), xy], dim=1)
        windows = padded.unfold(1, self.params.history, 1).flatten(2)
        return AttrDict(action=self.linear(windows))

    def loss(self, inputs: AttrDict, outputs: AttrDict) -> AttrDict:
        """Return the mean squared error of the actions."""
        error = self(inputs).action - inputs.action
        return AttrDict(loss=error.square().mean())


def main() -> None:
    """Check the contract, then take a few steps."""
    import tempfile
    from pathlib import Path

    from csv_dataset import CsvDataset, write_csv_files

    from muse.models.testing import check_model

    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        write_csv_files(Path(folder))
        dataset = CsvDataset(AttrDict(folder=folder, batch_size=8, horizon=5), SPEC)
        model = LinearModel(AttrDict(normalize_inputs=True), SPEC, dataset)
        model.load_statistics()
        check_model(model, dataset.get_batch(torch_device="cpu"))
        print("LinearModel keeps the contract of Model")
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        for _ in range(50):
            loss = model.loss(*dataset.get_batch(torch_device="cpu")).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print(f"loss after 50 steps: {loss.item():.2f}")


if __name__ == "__main__":
    main()
