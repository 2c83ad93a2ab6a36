"""The contract of a vectorised environment: `Env` with B = N, and resets of single rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError
from muse.core.params import Configurable, Param, imported, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation


class VectorEnv(Env):
    """N environments of one kind, stepped together.

    A row whose episode ended keeps its final observation and stays done, without being stepped,
    until `reset_where` starts it again. Subclasses write `_reset_rows`, `_step`, `render_row`,
    `is_success`, `score` and `_close`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_envs", int, help="rows, N", unit="environments", check=positive),
        Param("env", AttrDict, help="one row: cls and its parameters"),
    )
    preset_names = None  # each row checks them

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        self._num_envs = int(self.resolve_params(params).num_envs)
        super().__init__(params, env_spec)
        self._pending_seeds: list[int] | None = None

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec parameters of one row; the batch dimension is in no spec."""
        cls, params = row_class(env_params["env"])
        return cls.get_default_env_spec_params(cls.resolve_params(params))

    @property
    def num_envs(self) -> int:
        """N."""
        return self._num_envs

    def seed(self, seed: int | Sequence[int]) -> None:
        """Seed the next reset: row i from `seed[i]`, or from `seed + i` for one integer."""
        if isinstance(seed, (int, np.integer)):
            self._pending_seeds = [int(seed) + row for row in range(self.num_envs)]
        else:
            self._pending_seeds = self._checked_seeds(seed)

    def reset(self, presets: Mapping[str, Any] | None = None) -> tuple[Observation, Goal]:
        """Begin an episode in every row."""
        seeds, self._pending_seeds = self._pending_seeds, None
        return self._begin(np.ones(self.num_envs, bool), seeds, presets)

    def reset_where(
        self,
        rows: np.ndarray,
        seeds: Sequence[int],
        presets: Mapping[str, Any] | None = None,
    ) -> tuple[Observation, Goal]:
        """Begin a seeded episode in the given rows; all N rows come back.

        Rows that never began show the observation of the first row that has.
        """
        mask = np.asarray(rows)
        if mask.shape != (self.num_envs,) or mask.dtype != bool:
            raise EnvError(
                f"reset_where: rows has shape {mask.shape} and dtype {mask.dtype}, "
                f"expected ({self.num_envs},) bool"
            )
        if not (mask.any() or self._started):
            raise EnvError("reset_where: the first reset needs at least one row")
        return self._begin(mask, self._checked_seeds(seeds), presets)

    def step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        """Step the rows whose episodes go on; the others stay done as they are."""
        self._refuse_out_of_episode()
        return self.advance(self._action_checker(action, ~self._over if self._over.any() else None))

    def render(self) -> np.ndarray:
        """Return the pictures of all rows in one grid, (H, W, 3) uint8."""
        return tile([self.render_row(row) for row in range(self.num_envs)])

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        raise NotImplementedError

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: AttrDict
    ) -> tuple[Observation, Goal]:
        raise NotImplementedError

    def _begin(
        self, rows: np.ndarray, seeds: list[int] | None, presets: Mapping[str, Any] | None
    ) -> tuple[Observation, Goal]:
        self._refuse_closed()
        given = AttrDict() if presets is None else AttrDict(presets)
        if not self._started:
            self._over[:] = True
        obs, goal = self._reset_rows(rows, seeds, given)
        self._started = True
        self._over = self._over & ~rows
        if self.params.render:
            self._show()
        return obs, goal

    def _checked_seeds(self, seeds: Sequence[int]) -> list[int]:
        values = np.asarray(seeds)
        if values.shape != (self.num_envs,) or values.dtype.kind not in "iu" or values.min() < 0:
            raise EnvError(
                f"{type(self).__name__}: seeds={seeds!r} is not allowed: "
                f"expected {self.num_envs} integers >= 0"
            )
        return [int(v) for v in values]

    def _select(self, obs: Observation) -> Observation:
        return obs  # each row has done so


def row_class(group: AttrDict) -> tuple[type[Env], AttrDict]:
    """Split the group of one row into its class and its parameters."""
    if "cls" not in group:
        raise ConfigError(f"the group 'env' of a vectorised environment needs 'cls': {list(group)}")
    cls = imported(group["cls"])
    if not (isinstance(cls, type) and issubclass(cls, Env) and issubclass(cls, Configurable)):
        raise ConfigError(f"a vectorised environment needs an Env class in env/cls, got {cls!r}")
    return cls, AttrDict((k, v) for k, v in group.items() if k != "cls")


def tile(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Lay N pictures (H, W, 3) of one size on a grid as near to square as it gets."""
    columns = math.ceil(math.sqrt(len(pictures)))
    lines = math.ceil(len(pictures) / columns)
    height, width, channels = pictures[0].shape
    grid = np.zeros((lines * height, columns * width, channels), pictures[0].dtype)
    for i, picture in enumerate(pictures):
        top, left = (i // columns) * height, (i % columns) * width
        grid[top : top + height, left : left + width] = picture
    return grid
