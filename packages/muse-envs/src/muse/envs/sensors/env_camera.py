"""A camera that looks at a simulated environment."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param
from muse.envs.env import Env, Observation
from muse.envs.sensors.camera import Camera


class EnvCamera(Camera):
    """Takes the picture from `env.render()`, or from image observations.

    With `rgb_name` (and `depth_name`) the pictures are those of the last observation it was shown,
    by `show`: give it each one that the environment returns. Code written for a real camera runs on
    it unchanged.

    Args:
        params: `width` and `height` must be those of the pictures.
        env: what it looks at; it stays open.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("rgb_name", str | None, None, help="observation (1, H, W, 3); None: env.render()"),
        Param("depth_name", str | None, None, help="observation (1, H, W), metres"),
        Param(
            "field_of_view",
            float | None,
            None,
            help="vertical opening of the simulated camera, for its intrinsics",
            unit="rad",
        ),
    )

    def __init__(self, params: Mapping[str, Any] | None, env: Env) -> None:
        super().__init__(params)
        p = self.params
        if p.depth != (p.depth_name is not None):
            raise EnvError("EnvCamera: depth=True needs depth_name, and depth_name depth=True")
        if p.depth and p.rgb_name is None:
            raise EnvError("EnvCamera: depth comes from observations; give rgb_name as well")
        env.env_spec.assert_has_names([n for n in (p.rgb_name, p.depth_name) if n is not None])
        self._env = env
        self._shown: tuple[Observation, float] | None = None

    @property
    def intrinsics(self) -> np.ndarray:
        """The pinhole matrix of `field_of_view`, square pixels, (3, 3) float64."""
        if self.params.field_of_view is None:
            return super().intrinsics
        width, height = self.params.width, self.params.height
        focal = 0.5 * height / math.tan(0.5 * self.params.field_of_view)
        return np.array([[focal, 0.0, 0.5 * width], [0.0, focal, 0.5 * height], [0.0, 0.0, 1.0]])

    def show(self, obs: Observation) -> None:
        """Take the pictures of `obs`, leaves (1, ...), as what the camera sees from now on."""
        self._shown = obs, time.monotonic()

    def _reset(self) -> None:
        self._shown = None

    def _read(self) -> AttrDict:
        p = self.params
        if p.rgb_name is None:
            state = AttrDict(rgb=self._env.render(), timestamp=time.monotonic())
        else:
            if self._shown is None:
                raise EnvError("EnvCamera has seen nothing yet; call show(obs) after each step")
            obs, taken = self._shown
            state = AttrDict(rgb=np.array(obs[p.rgb_name][0]), timestamp=taken)
            if p.depth:
                state["depth"] = np.array(obs[p.depth_name][0], np.float32).reshape(
                    p.height, p.width
                )
        if state["rgb"].shape != (p.height, p.width, 3):
            raise EnvError(
                f"EnvCamera: the picture is {state['rgb'].shape}, expected "
                f"{(p.height, p.width, 3)}; give its width and height"
            )
        return state
