"""Importer of the human Push-T demonstrations in the Zarr layout of Chi et al. 2023.

Groups `data/{state,action,keypoint,img}` with a row a step and `meta/episode_ends`. A row of
`state` is agent x, agent y, block x, block y (pixels, 0 to 512) and the block's angle (radians).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, MissingExtraError
from muse.datasets.formats.importer import Column, Importer
from muse.datasets.storage.windows import Rows

_SHAPES: dict[str, tuple[int, ...]] = {
    "state": (5,),
    "action": (2,),
    "keypoint": (9, 2),
    "img": (96, 96, 3),
}
_ROWS = 161  # rows read together, the chunk length of the public data


class PushTZarr(Importer):
    """Push-T episodes under the names of `PushTEnv`.

    `agent_pos` (2), `block_pose` (3: x, y, angle in [0, 2 pi)), `keypoints` (18), `image`
    (96, 96, 3) uint8 and `action` (2), the target of the agent in pixels.
    """

    summary: ClassVar[str] = "human Push-T episodes, Zarr (needs the extra zarr)"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            import zarr
        except ImportError:
            raise MissingExtraError("importing Zarr", "muse-data", "zarr") from None
        try:
            self._group: Any = zarr.open_group(str(path), mode="r")
            self._data: dict[str, Any] = {name: self._group[f"data/{name}"] for name in _SHAPES}
            self._ends = np.asarray(self._group["meta/episode_ends"][:], np.int64)
        except Exception as error:  # zarr raises its own kinds, which differ between versions
            raise DataError(
                f"{path} is no Push-T Zarr folder ({type(error).__name__}: {error}); expected "
                f"data/{{{','.join(_SHAPES)}}} and meta/episode_ends; download it again"
            ) from error
        self._check()

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return (path / "meta" / "episode_ends").is_dir() and (path / "data" / "keypoint").is_dir()

    @property
    def lengths(self) -> Rows:
        return np.diff(self._ends, prepend=0)

    def columns(self) -> list[Column]:
        float32, uint8 = np.dtype(np.float32), np.dtype(np.uint8)
        return [
            self._column("agent_pos", "state", (2,), float32, _agent_position),
            self._column("block_pose", "state", (3,), float32, _block_pose),
            self._column("keypoints", "keypoint", (18,), float32, _flat),
            self._column("image", "img", (96, 96, 3), uint8, _as_uint8),
            self._column("action", "action", (2,), float32, _same),
        ]

    def unplaced(self) -> list[str]:
        return [f"data/{name}" for name in sorted(self._group["data"]) if name not in _SHAPES]

    def _column(
        self,
        name: str,
        source: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        convert: Callable[[NDArray[Any]], NDArray[Any]],
    ) -> Column:
        array = self._data[source]

        def pieces() -> Iterator[NDArray[Any]]:
            for begin in range(0, array.shape[0], _ROWS):
                try:
                    rows = np.asarray(array[begin : begin + _ROWS])
                    yield convert(rows).astype(dtype, copy=False)
                except (OSError, RuntimeError, ValueError) as error:
                    raise DataError(
                        f"{self.path}: data/{source} cannot be read from row {begin} on ({error}); "
                        "the folder is damaged; copy or download it again"
                    ) from error

        return Column(name, f"data/{source}", (array.shape[0], *shape), dtype, pieces)

    def _check(self) -> None:
        ends = self._ends
        if not len(ends) or (np.diff(ends, prepend=0) <= 0).any():
            raise DataError(
                f"{self.path}: meta/episode_ends is empty or does not grow; expected the row after "
                "each episode; download it again"
            )
        for name, shape in _SHAPES.items():
            got = tuple(self._data[name].shape)
            if got != (int(ends[-1]), *shape):
                raise DataError(
                    f"{self.path}: data/{name} has shape {got}, expected {(int(ends[-1]), *shape)} "
                    "by meta/episode_ends; download it again"
                )


def _same(rows: NDArray[Any]) -> NDArray[Any]:
    return rows


def _flat(rows: NDArray[Any]) -> NDArray[Any]:
    return rows.reshape(len(rows), -1)


def _agent_position(state: NDArray[Any]) -> NDArray[Any]:
    return state[:, :2]


def _block_pose(state: NDArray[Any]) -> NDArray[Any]:
    pose = state[:, 2:5].copy()
    pose[:, 2] = np.mod(pose[:, 2], 2 * math.pi)
    return pose


def _as_uint8(images: NDArray[Any]) -> NDArray[Any]:
    rounded = np.rint(images)
    if rounded.min() < 0 or rounded.max() > 255:
        raise ValueError(f"pixels run from {rounded.min()} to {rounded.max()}, expected 0 to 255")
    return rounded.astype(np.uint8)
