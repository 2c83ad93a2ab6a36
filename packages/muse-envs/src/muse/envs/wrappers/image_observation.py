"""The picture of `render()` as an observation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.envs.env import Observation
from muse.envs.wrappers.wrapper import Wrapper, inner_spec


class ImageObservation(Wrapper):
    """Adds what `render()` shows, reduced to (1, height, width, 3) uint8 by averaging.

    For environments without an image of their own; one that has some draws it faster.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("name", str, "image", help="name of the observation"),
        Param("height", int, 96, help="of the observation", unit="pixels", check=positive),
        Param("width", int, 96, help="of the observation", unit="pixels", check=positive),
        Param("only", bool, False, help="take the other observations away from the policy"),
    )

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec inside and the image."""
        spec = inner_spec(env_params)
        name = env_params["name"]
        if name in spec.names:
            raise EnvError(f"ImageObservation: there is a {name!r} already; give another name")
        row = (name, (env_params["height"], env_params["width"], 3), (0, 255), "uint8")
        names = [] if env_params["only"] else list(spec.observation_names)
        return spec.derive(add_rows=[row], observation_names=[*names, name]).params

    def _after(self, obs: Observation, first: bool) -> Observation:
        picture = reduced(self.inner.render(), self.params.height, self.params.width)
        return obs & AttrDict.from_kvs([self.params.name], [picture[None]])


def reduced(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 at another size, each pixel the mean of what it covers."""
    if picture.shape[:2] == (height, width):
        return picture.copy()
    across = _mean_over(picture.astype(np.float64), width, axis=1)
    return np.rint(_mean_over(across, height, axis=0)).astype(np.uint8)


def _mean_over(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Average along an axis over `size` equal parts, whose edges may lie within a pixel."""
    whole = values.shape[axis]
    edges = np.linspace(0.0, whole, size + 1)
    total = np.insert(np.cumsum(values, axis=axis), 0, 0.0, axis=axis)
    low = np.minimum(edges.astype(np.int64), whole - 1)
    shape = [1] * values.ndim
    shape[axis] = -1
    share = (edges - low).reshape(shape)
    integral = np.take(total, low, axis) + share * np.take(values, low, axis)
    return np.diff(integral, axis=axis) * (size / whole)
