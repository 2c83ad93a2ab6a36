"""An environment of one's own: a point on a line has to reach a mark.

python examples/reach_env.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core import AttrDict, EnvSpec
from muse.core.params import Param, positive
from muse.core.spec import ParamEnvSpec
from muse.envs.env import Env


class ReachEnv(Env):
    """Move `position` to within `tolerance` of `mark`, both (1, 1) in metres."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_steps", int, 60, help="episode length", unit="steps", check=positive),
        Param("speed", float, 0.1, help="way of one step at action 1", unit="m", check=positive),
        Param("tolerance", float, 0.05, help="distance that counts as reached", unit="m"),
    )
    preset_names = ("mark",)
    success_rule = "the point is within `tolerance` of the mark"

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._position = self._mark = 0.0
        self._steps = 0

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Names, shapes without the batch, limits and dtypes of everything that is exchanged."""
        return AttrDict(
            cls=ParamEnvSpec,
            names_shapes_limits_dtypes=[
                ("position", (1,), (-2, 2), np.float32),
                ("mark", (1,), (-1, 1), np.float32),
                ("action", (1,), (-1, 1), np.float32),
                ("reward", (1,), (-np.inf, np.inf), np.float32),
                ("terminated", (1,), (0, 1), bool),
                ("truncated", (1,), (0, 1), bool),
            ],
            observation_names=["position", "mark"],
            output_observation_names=["reward", "terminated", "truncated"],
            action_names=["action"],
        )

    def _reset(self, presets: AttrDict) -> tuple[AttrDict, AttrDict]:
        # Every random number comes from self.rng, so that a seed gives one episode.
        self._position, self._steps = self.rng.uniform(-1, 1), 0
        drawn = self.rng.uniform(-1, 1)
        self._mark = float(np.reshape(presets.get("mark", drawn), ()))
        return self._observe() & self.outputs(), AttrDict()

    def _step(self, action: AttrDict) -> tuple[AttrDict, AttrDict, np.ndarray]:
        # The action has been checked against the spec already.
        way = self.params.speed * float(action.action[0, 0])
        self._position = float(np.clip(self._position + way, -2, 2))
        self._steps += 1
        reached = bool(self.is_success()[0])
        late = not reached and self._steps >= self.params.num_steps
        obs = self._observe() & self.outputs(-self._distance(), reached, late)
        return obs, AttrDict(), np.array([reached or late])

    def is_success(self) -> np.ndarray:
        """Return whether the mark is reached, (1,) bool."""
        return np.array([self._distance() <= self.params.tolerance])

    def render(self) -> np.ndarray:
        """Return a strip with the mark in green and the point in blue, (16, 128, 3) uint8."""
        picture = np.full((16, 128, 3), 255, np.uint8)
        for x, colour in ((self._mark, (44, 160, 44)), (self._position, (31, 119, 180))):
            column = int(np.clip((x + 2) / 4 * 128, 2, 125))
            picture[4:12, column - 2 : column + 3] = colour
        return picture

    def _distance(self) -> float:
        return abs(self._position - self._mark)

    def _observe(self) -> AttrDict:
        return AttrDict(
            position=np.array([[self._position]], np.float32),
            mark=np.array([[self._mark]], np.float32),
        )


def main() -> None:
    """Check the contract."""
    from muse.envs.testing import check_env

    check_env(ReachEnv, presets={"mark": 0.5})
    print("ReachEnv keeps the contract of Env")


if __name__ == "__main__":
    main()
