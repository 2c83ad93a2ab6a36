"""The name that `BottleneckNavigationBlockEnv2D` had in earlier Muse; it was never 3-D."""

from __future__ import annotations

from muse.envs.pymunk.bottleneck_navigation_block_env_2d import BottleneckNavigationBlockEnv2D

__all__ = ["BottleneckNavigationBlockEnv3D"]

BottleneckNavigationBlockEnv3D = BottleneckNavigationBlockEnv2D
