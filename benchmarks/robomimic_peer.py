"""robomimic 0.3 as a peer: its `SequenceDataset` in torch's DataLoader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
from harness import loader_seconds

ACTIONS = "actions"


def write_hdf5(data: Mapping[str, np.ndarray], length: int, path: Path) -> Path:
    """Write episodes of one length as robomimic reads them; return the file's path.

    Args:
        data: arrays (N, …) by robomimic's names, `actions` among them.
        length: steps of every episode.
        path: where to.
    """
    import h5py

    with h5py.File(path, "w") as file:
        for i in range(len(data[ACTIONS]) // length):
            rows = slice(i * length, (i + 1) * length)
            group = file.create_group(f"data/demo_{i}")
            group.attrs["num_samples"] = length
            for name, values in data.items():
                target = name if name == ACTIONS else f"obs/{name}"
                group.create_dataset(target, data=values[rows])
    return path


def robomimic_seconds(
    path: Path,
    observations: Mapping[str, Sequence[str]],
    modes: Mapping[str, str | None],
    horizon: int,
    batch: int,
    batches: int,
) -> dict[str, float]:
    """Return seconds a batch for each cache mode with 0 and 2 workers; empty without robomimic.

    Args:
        path: a file by `write_hdf5`.
        observations: names by their modality, "low_dim" or "rgb".
        modes: cache modes to measure, by what to call them.
        horizon: steps in a window.
        batch: windows in a batch.
        batches: timed together.
    """
    try:
        import robomimic.utils.obs_utils as obs_utils
        from robomimic.utils.dataset import SequenceDataset
    except ImportError as error:
        print(f"robomimic 0.3 left out: {error} (pip install --no-deps robomimic==0.3.0)")
        return {}
    with redirect_stdout(StringIO()):
        obs_utils.initialize_obs_utils_with_obs_specs({"obs": observations})
    seconds = {}
    for title, mode in modes.items():
        with redirect_stderr(StringIO()), redirect_stdout(StringIO()):
            dataset = SequenceDataset(
                str(path),
                obs_keys=[name for names in observations.values() for name in names],
                dataset_keys=(ACTIONS,),
                seq_length=horizon,
                pad_seq_length=False,
                pad_frame_stack=False,
                hdf5_cache_mode=mode,
                hdf5_use_swmr=False,
                load_next_obs=False,
            )
        for workers in (0, 2):
            name = f"robomimic {title}, {workers} workers"
            seconds[name] = loader_seconds(dataset, batch, workers, batches)
    return seconds
