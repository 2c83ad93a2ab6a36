"""One mug on a table, and a Panda to handle it."""

from __future__ import annotations

from typing import ClassVar

from muse.core.params import Param
from muse.envs.bullet_envs.block3d.block_env_3d import BlockEnv3D


class MugEnv3D(BlockEnv3D):
    """`BlockEnv3D` with a hollow mug, its handle along the object's x.

    `objects/position` is the middle of its body and `objects/size` (B, 1, 3) the body's diameter,
    twice, and its height.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("object_spec", list[str], ["mug"], "the object",
              check=lambda v: None if v == ["mug"] else "['mug']"),
    )  # fmt: skip
