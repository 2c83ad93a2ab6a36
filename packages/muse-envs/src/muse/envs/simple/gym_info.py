"""Entries of gymnasium's `info` as observations `info/<name>`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.core.errors import EnvError

#: What tells an entry that is not there from one that is None.
_MISSING = object()


@dataclass(frozen=True)
class InfoEntry:
    """One entry of `info`.

    Attributes:
        name: the key, or keys of nested dictionaries joined by `/`.
        shape: without the batch dimension; a scalar has (1,).
        dtype: of numbers or bool.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def observation(self) -> str:
        """Its name in a spec."""
        return f"info/{self.name}"

    def row(self) -> tuple[str, tuple[int, ...], tuple[float, float], str]:
        """The row of `names_shapes_limits_dtypes`: nobody knows narrower limits."""
        low, high = -np.inf, np.inf
        if self.dtype.kind == "b":
            low, high = 0, 1
        elif self.dtype.kind in "iu":
            low, high = np.iinfo(self.dtype).min, np.iinfo(self.dtype).max
        return self.observation, self.shape, (low, high), self.dtype.name

    def read(self, info: Mapping[str, Any], first: bool) -> np.ndarray:
        """Return its value, (1, *shape).

        Args:
            info: of a reset or a step.
            first: of an episode; there most environments give no info yet, and it is 0.

        Raises:
            EnvError: when a step does not give it, or in another shape.
        """
        value = _found(info, self.name)
        if value is _MISSING:
            if first:
                return np.zeros((1, *self.shape), self.dtype)
            raise EnvError(f"GymEnv: info_names: a step gave no {self.name!r}{_instead(info)}")
        array = np.atleast_1d(np.asarray(value))
        if array.shape != self.shape:
            raise EnvError(
                f"GymEnv: info_names: {self.name!r} has shape {array.shape}, expected {self.shape}"
            )
        return array.astype(self.dtype)[None]


def probe(env: Any, names: Sequence[str]) -> Iterator[InfoEntry]:
    """Yield the entries called `names`, as a reset and a first step of `env` give them.

    Raises:
        EnvError: for a name that neither gives, or that holds no numbers of a fixed shape.
    """
    if not names:
        return
    _, at_reset = env.reset(seed=0)
    env.action_space.seed(0)
    *_, in_step = env.step(env.action_space.sample())
    for name in names:
        value = _found(in_step, name)
        value = _found(at_reset, name) if value is _MISSING else value
        if value is _MISSING:
            raise EnvError(
                f"GymEnv: info_names: {env.spec.id} gives no {name!r}{_instead(at_reset | in_step)}"
            )
        array = np.atleast_1d(np.asarray(value))
        if array.dtype.kind not in "biuf":
            raise EnvError(
                f"GymEnv: info_names: {name!r} is a {type(value).__name__}; only numbers can be "
                "observed"
            )
        yield InfoEntry(name, array.shape, array.dtype)


def _found(info: Mapping[str, Any], name: str) -> Any:
    value: Any = info
    for key in name.split("/"):
        if not isinstance(value, Mapping) or key not in value:
            return _MISSING
        value = value[key]
    return value


def _instead(info: Mapping[str, Any]) -> str:
    return f", only {sorted(info)}" if info else ": its info is empty"
