"""A dataset of one's own, one CSV file an episode: `python examples/csv_dataset.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from muse.core import AttrDict
from muse.core.errors import DataError
from muse.core.params import Param
from muse.core.spec import ParamEnvSpec
from muse.datasets import NpSequenceDataset


class CsvDataset(NpSequenceDataset):
    """Reads `x, y, action_x, action_y` of every CSV file in a folder; a file is an episode."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("folder", str, help="holds the CSV files"),
    )

    def __init__(
        self, params: Any, env_spec: Any, file_manager: Any = None, base_dataset: Any = None
    ) -> None:
        super().__init__(params, env_spec, file_manager, base_dataset)
        paths = sorted(Path(self.params.folder).glob("*.csv"))
        if not paths:
            raise DataError(f"{self.params.folder}: no .csv files; expected one an episode")
        for path in paths:
            rows = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float32, ndmin=2)
            done = np.zeros(len(rows), bool)
            done[-1] = True
            self.add_episode(AttrDict(xy=rows[:, :2], action=rows[:, 2:]), AttrDict(done=done))


SPEC = ParamEnvSpec(
    AttrDict(
        names_shapes_limits_dtypes=[
            ("xy", (2,), (-np.inf, np.inf), np.float32),
            ("action", (2,), (-1, 1), np.float32),
        ],
        observation_names=["xy"],
        action_names=["action"],
    )
)


def write_csv_files(folder: Path, episodes: int = 3, steps: int = 20) -> None:
    """Make something to read."""
    rng = np.random.default_rng(0)
    for i in range(episodes):
        actions = rng.uniform(-1, 1, (steps + i, 2))
        rows = np.concatenate([np.cumsum(actions, axis=0), actions], axis=1)
        np.savetxt(
            folder / f"{i:03d}.csv",
            rows,
            delimiter=",",
            header="x,y,action_x,action_y",
            comments="",
        )


def main() -> None:
    """Check the contract."""
    from muse.datasets.testing import check_dataset

    with tempfile.TemporaryDirectory() as folder:
        write_csv_files(Path(folder))
        dataset = CsvDataset(AttrDict(folder=folder, batch_size=4, horizon=5), SPEC)
        check_dataset(dataset)
        inputs, outputs = dataset.get_batch()
    print("CsvDataset keeps the contract of Dataset")
    print(f"xy {inputs.xy.shape}, action {inputs.action.shape}, done {outputs.done.shape}")


if __name__ == "__main__":
    main()
