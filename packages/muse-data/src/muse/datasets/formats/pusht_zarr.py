"""Reading the human Push-T demonstrations in the Zarr layout of Chi et al. 2023.

Groups `data/{state,action,keypoint,img}` with a row a step and `meta/episode_ends`. A row of
`state` is agent x, agent y, block x, block y (pixels, 0 to 512) and the block's angle (radians).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.formats.diffusion_zarr import DiffusionZarr
from muse.datasets.formats.field_source import Field, field
from muse.datasets.formats.roles import default_spec

_SHAPES: dict[str, tuple[int, ...]] = {
    "state": (5,),
    "action": (2,),
    "keypoint": (9, 2),
    "img": (96, 96, 3),
}


class PushTZarr(DiffusionZarr):
    """Push-T episodes under the names of `PushTEnv`.

    `agent_pos` (2), `block_pose` (3: x, y, angle in [0, 2 pi)), `keypoints` (18), `image`
    (96, 96, 3) uint8 and `action` (2), the target of the agent in pixels.
    """

    summary: ClassVar[str] = "human Push-T episodes, Zarr (needs the extra zarr)"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        rows = int(self.lengths.sum())
        for name, shape in _SHAPES.items():
            got = self.array_shape(name)
            if got != (rows, *shape):
                raise DataError(
                    f"{self.path}: data/{name} has shape {got}, expected {(rows, *shape)} "
                    "by meta/episode_ends; download it again"
                )

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return (path / "meta" / "episode_ends").is_dir() and (path / "data" / "keypoint").is_dir()

    def unplaced(self) -> list[str]:
        return [f"data/{k} (PushTEnv has no such name)" for k in self.arrays if k not in _SHAPES]

    def spec_params(self) -> AttrDict | None:
        params = default_spec(self.columns())
        for row in params.names_shapes_limits_dtypes:
            if row[0] == "action":
                row[2] = [0, 512]  # pixels
        return params

    def place(self) -> list[Field]:
        float32, uint8 = np.dtype(np.float32), np.dtype(np.uint8)
        return [
            field("agent_pos", "state", (2,), float32, convert=_agent_position),
            field("block_pose", "state", (3,), float32, convert=_block_pose),
            field("keypoints", "keypoint", (18,), float32, convert=_flat),
            field("image", "img", (96, 96, 3), uint8, convert=_as_uint8),
            field("action", "action", (2,), float32),
        ]


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
