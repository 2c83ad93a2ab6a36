"""The contract of every writer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from muse.core import AttrDict
from muse.core.params import Configurable


class Writer(Configurable):
    """Receives one row of scalars per logging step.

    Args:
        params: see `declared_params`.
        exp_name: name of the experiment.
        exp_dir: the experiment's folder.
    """

    def __init__(self, params: AttrDict, exp_name: str, exp_dir: str | Path) -> None:
        self.params = self.resolve_params(params)
        self.exp_name = exp_name
        self.exp_dir = Path(exp_dir)

    def open(self, resume_step: int | None = None) -> None:
        """Start writing. Rows after `resume_step` (a resumed run repeats them) are dropped."""
        raise NotImplementedError

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        """Write the finite numbers of one row."""
        raise NotImplementedError

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""

    def close(self) -> None:
        """Finish; more rows may not follow."""
