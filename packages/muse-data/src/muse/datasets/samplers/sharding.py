"""Which share of each batch this process takes when several train together."""

from __future__ import annotations

import os
from collections.abc import Mapping

from muse.core.errors import DataError

#: Where launchers put the rank and the number of processes. Slurm's come last: inside an allocation
#: they are also set where another launcher started the process.
_LAUNCHERS = (
    ("RANK", "WORLD_SIZE"),  # torchrun
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),  # Open MPI
    ("PMI_RANK", "PMI_SIZE"),  # MPICH
    ("SLURM_PROCID", "SLURM_NTASKS"),  # srun
)


def launched_rank(environ: Mapping[str, str] | None = None) -> tuple[int, int]:
    """Return (rank, number of processes) as torchrun, mpirun or srun set them, else (0, 1)."""
    environ = os.environ if environ is None else environ
    for rank, size in _LAUNCHERS:
        if rank in environ and size in environ:
            return _checked(int(environ[rank]), int(environ[size]), rank)
    return 0, 1


def share_of_batch(
    rank: int | None, world_size: int | None, distributed: bool, batch_size: int
) -> slice:
    """Return the rows of a batch that this process takes: every `world_size`-th from `rank`.

    Raises:
        DataError: there is no such rank, or the batch does not divide into equal shares.
    """
    if (rank is None) != (world_size is None):
        raise DataError(
            f"a sampler got rank={rank} and world_size={world_size}; give both, or "
            "distributed=True to take them from the launcher"
        )
    if rank is not None and world_size is not None:
        first, count = _checked(rank, world_size, "rank")
    else:
        first, count = launched_rank() if distributed else (0, 1)
    if batch_size % count:
        raise DataError(
            f"a batch of {batch_size} windows does not divide into {count} equal shares; "
            f"batch_size counts the windows of all processes: choose a multiple of {count}"
        )
    return slice(first, None, count)


def _checked(rank: int, world_size: int, what: str) -> tuple[int, int]:
    if not 0 <= rank < world_size:
        raise DataError(f"{what} is {rank} of {world_size}; expected 0 to {world_size - 1}")
    return rank, world_size
