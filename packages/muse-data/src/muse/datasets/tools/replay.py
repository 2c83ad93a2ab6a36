"""Playing recorded episodes back in an environment, and how far it drifts from the recording."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, UsageError
from muse.core.params import import_object
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.storage.windows import Rows
from muse.datasets.tools.column_check import flat_size
from muse.datasets.tools.relabel.blocks import Block

_TURN = 2 * np.pi


@dataclass(frozen=True)
class Drift:
    """How an episode went when it was played back.

    Args:
        episode: its number.
        recorded: steps it has.
        replayed: steps it went; fewer where the environment ended the episode.
        steps: which steps were compared, (K,).
        distances: observation -> distance to the recording at each step compared, (K,).
        success: whether the environment counts the replay as a success at its end.
        score: how well the environment says it went.
    """

    episode: int
    recorded: int
    replayed: int
    steps: Rows
    distances: Mapping[str, NDArray[np.float64]]
    success: bool
    score: float


class Replay:
    """Plays episodes of a source back in an environment.

    Args:
        source: the episodes.
        env: the environment.
        presets: preset -> the columns (joined in this order) whose first step it is set to.
        states: saved-state name -> column; what `restore_state` gets in `by_states`.
        actions: action -> column, where their names differ.
        every: compare every so many steps.
        clip: bring actions within the limits of the spec, as some environments do themselves.

    Data that share no observation with the environment are compared with what the environment
    observes when it is reset to their states, so `presets` must then be step columns.

    Raises:
        UsageError: the data lack an action, or there is nothing to compare.
    """

    def __init__(
        self,
        source: EpisodeSource,
        env: Any,
        presets: Mapping[str, Sequence[str]],
        states: Mapping[str, str] | None = None,
        actions: Mapping[str, str] | None = None,
        every: int = 1,
        clip: bool = False,
    ) -> None:
        self._source, self._env, self._every, self._clip = source, env, every, clip
        self._presets = {n: Block(source, c, f"preset {n}:") for n, c in presets.items()}
        self._states = dict(states or {})
        names = {name: (actions or {}).get(name, name) for name in env.env_spec.action_names}
        self._actions = names
        self._seen = self._shared()
        self._compared = self._seen or self._observable()
        self._turning = {name: self._angles(name) for name in self._compared}

    def by_actions(self, episode: int) -> Drift:
        """Begin where the episode began, and take its actions."""
        self._need_actions()
        recorded = self._recorded(episode)
        obs, _ = self._env.reset(self._preset(episode, 0))
        actions = {n: self._source.read(c, episode) for n, c in self._actions.items()}
        length = int(self._source.lengths[episode])
        found = [self._distance(obs, recorded, 0)]
        for step in range(length):
            obs, _, done = self._env.step(self._action(actions, step))
            if step + 1 < length and (step + 1) % self._every == 0:
                found.append(self._distance(obs, recorded, len(found)))
            if done[0]:
                break
        return self._drift(episode, step + 1, found)

    def by_states(self, episode: int) -> Drift:
        """Set the environment to every recorded state in turn, and compare what it observes."""
        recorded = self._recorded(episode)
        states = {n: self._source.read(c, episode) for n, c in self._states.items()}
        if states:
            self._env.reset(self._preset(episode, 0))
        found: list[dict[str, float]] = []
        for step in self._steps(episode).tolist():
            if states:
                obs = self._env.restore_state(AttrDict((n, v[step]) for n, v in states.items()))
            else:
                obs, _ = self._env.reset(self._preset(episode, step))
            found.append(self._distance(obs, recorded, len(found)))
        return self._drift(episode, step + 1, found)

    def _steps(self, episode: int) -> Rows:
        """Return the steps that are compared, (K,)."""
        return np.arange(0, int(self._source.lengths[episode]), self._every)

    def _preset(self, episode: int, step: int) -> AttrDict:
        return AttrDict((n, block.read(episode)[step]) for n, block in self._presets.items())

    def _action(self, actions: Mapping[str, NDArray[Any]], step: int) -> AttrDict:
        spec, taken = self._env.env_spec, AttrDict()
        for name, values in actions.items():
            value = values[step].reshape(1, *spec.shape(name))
            if self._clip:
                value = np.clip(value, *spec.limits(name))
            taken[name] = value.astype(spec.dtype(name))
        return taken

    def _recorded(self, episode: int) -> dict[str, NDArray[np.float64]]:
        """Return observation -> what was recorded, (K, D), at the steps compared."""
        steps = self._steps(episode)
        if self._seen:
            rows = {name: self._source.read(name, episode)[steps] for name in self._seen}
        else:
            observed = [self._env.reset(self._preset(episode, i))[0] for i in steps.tolist()]
            rows = {name: np.stack([obs[name] for obs in observed]) for name in self._compared}
        return {n: each.reshape(len(steps), -1).astype(np.float64) for n, each in rows.items()}

    def _distance(
        self, obs: AttrDict, recorded: Mapping[str, NDArray[np.float64]], index: int
    ) -> dict[str, float]:
        found = {}
        for name, values in recorded.items():
            apart = np.asarray(obs[name], np.float64).reshape(-1) - values[index]
            wrapped = np.mod(apart + _TURN / 2, _TURN) - _TURN / 2
            found[name] = float(np.linalg.norm(np.where(self._turning[name], wrapped, apart)))
        return found

    def _drift(self, episode: int, went: int, found: Sequence[Mapping[str, float]]) -> Drift:
        distances = {n: np.array([step[n] for step in found]) for n in self._compared}
        success, score = bool(self._env.is_success()[0]), float(self._env.score()[0])
        steps, length = self._steps(episode)[: len(found)], int(self._source.lengths[episode])
        return Drift(episode, length, went, steps, distances, success, score)

    def _shared(self) -> list[str]:
        """Return the observations that data and environment share, pictures aside."""
        spec = self._env.env_spec
        sizes = {
            c.name: flat_size(c)
            for c in self._source.columns()
            if c.per == "step" and not c.is_image
        }
        return [n for n in spec.observation_names if sizes.get(n) == math.prod(spec.shape(n))]

    def _observable(self) -> list[str]:
        """Return what the environment observes of a state that it is reset to."""
        spec = self._env.env_spec
        if not self._presets:
            raise UsageError(
                f"{self._source.path} and the environment share no observation "
                f"({', '.join(spec.observation_names)}), and no --state-preset sets its state; "
                "rename columns with muse data edit, or name a preset"
            )
        return [n for n in spec.observation_names if spec.dtype(n).kind == "f"]

    def _angles(self, name: str) -> NDArray[np.bool_]:
        """Return which numbers of an observation are angles: those whose limits span a turn."""
        spec = self._env.env_spec
        low, high = (
            np.broadcast_to(np.asarray(limit, np.float64), spec.shape(name)).reshape(-1)
            for limit in spec.limits(name)
        )
        with np.errstate(invalid="ignore"):
            return np.abs(high - low - _TURN) < 1e-6

    def _need_actions(self) -> None:
        there = {c.name for c in self._source.columns() if c.per == "step"}
        for name, column in self._actions.items():
            if column not in there:
                raise UsageError(
                    f"{self._source.path} has no column {column!r} for the action {name!r}; name "
                    "one with --action NAME=COLUMN, or replay --by states"
                )


def make_env(env: Any, params: Mapping[str, Any]) -> Any:
    """Return the environment `env` names: an import path, or a mapping with `cls` and parameters.

    Raises:
        UsageError: muse-envs is not installed, or the environment cannot be made.
    """
    try:
        found = importlib.util.find_spec("muse.envs.env")
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise UsageError("replaying needs environments; run: pip install muse-envs")
    group = AttrDict(env) if isinstance(env, Mapping) else AttrDict(cls=env)
    try:
        return import_object("muse.envs.env.make")(group, params)
    except ConfigError as error:
        raise UsageError(f"cannot make the environment: {error}") from error
