"""Writing the Zarr layout of Diffusion Policy's replay buffers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from muse.core.errors import MissingExtraError
from muse.datasets.formats.atomic_folder import atomic_folder
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget

_CHUNK = 8 << 20  # bytes


class ZarrTarget(EpisodeTarget):
    """Zarr format 2: `data/<key>`, `meta/episode_ends`, and `meta/<key>` with a row an episode."""

    summary: ClassVar[str] = "Diffusion Policy's Zarr (extra zarr)"

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        try:
            import zarr
        except ImportError:
            raise MissingExtraError("writing Zarr", "muse-data", "zarr") from None
        is_new = hasattr(zarr.Group, "create_array")  # zarr 3
        with atomic_folder(path, ".zgroup") as folder:
            root = zarr.open_group(str(folder), mode="w", **({"zarr_format": 2} if is_new else {}))
            root.require_group("data")
            ends = np.cumsum(source.lengths).astype(np.int64)
            _create(root, "meta/episode_ends", ends.shape, ends.dtype)[:] = ends
            for column in source.columns():
                _write(root, source, column, advance)

    def losses(self, source: EpisodeSource) -> list[str]:
        lost = [f"what is known of the whole: {', '.join(source.info)}"] if source.info else []
        return lost + ([f"the subsets {', '.join(source.filters)}"] if source.filters else [])


def _write(root: Any, source: EpisodeSource, column: Column, advance: Advance) -> None:
    is_step = column.per == "step"
    rows = int(source.lengths.sum()) if is_step else len(source.lengths)
    key = f"{'data' if is_step else 'meta'}/{column.name}"
    array = _create(root, key, (rows, *column.shape), column.dtype)
    # Whole chunks are written: each is packed once, however episodes lie.
    waiting, held, begin = [], 0, 0
    size = array.chunks[0]
    for piece in source.pieces(column.name):
        waiting.append(piece)
        held += len(piece)
        if held >= size:
            block = np.concatenate(waiting)
            whole = held // size * size
            array[begin : begin + whole] = block[:whole]
            waiting, held, begin = [block[whole:]], held - whole, begin + whole
        advance(len(piece))
    if held:
        array[begin : begin + held] = np.concatenate(waiting)


def _create(root: Any, key: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    row = int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
    chunks = (max(1, min(shape[0], _CHUNK // max(row, 1))), *(max(n, 1) for n in shape[1:]))
    make = root.create_array if hasattr(root, "create_array") else root.create_dataset
    return make(key, shape=shape, chunks=chunks, dtype=dtype)
