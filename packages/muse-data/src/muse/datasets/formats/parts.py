"""The columns of a source sorted by what they are for, as other people's formats want them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.roles import roles_of
from muse.datasets.formats.source import Column, EpisodeSource

_FINAL = "final/"


class Parts:
    """Observations, actions and the rest of a source.

    Args:
        source: whose columns are sorted, by its env spec or else by name.

    Raises:
        DataError: it has no episodes, or no action.
    """

    def __init__(self, source: EpisodeSource) -> None:
        self.source = source
        roles = roles_of(source)
        columns = source.columns()
        steps = [c for c in columns if c.per == "step"]
        self.observations = [c for c in steps if roles[c.name] == "observation"]
        self.actions = [c for c in steps if roles[c.name] == "action"]
        self.others = [c for c in steps if roles[c.name] not in ("observation", "action")]
        self.once = [c for c in columns if c.per == "episode"]
        self._known = {c.name for c in columns}
        if not len(source.lengths):
            raise DataError(f"{source.path} has no episodes to write")
        if not self.actions:
            raise DataError(
                f"{source.path} has no action, which this format needs; it has: "
                f"{', '.join(self._known) or 'no columns'}; name one with --map OLD=action"
            )

    def has(self, name: str) -> bool:
        """Whether there is a column `name`."""
        return name in self._known

    def finals(self) -> list[Column]:
        """Return the episode columns that are the observation behind the last step."""
        return [c for c in self.once if c.name.startswith(_FINAL)]

    def beyond(self, name: str, episode: int) -> NDArray[Any]:
        """Return the observation `name` (…) behind the last step; the last one if unknown."""
        if self.has(_FINAL + name):
            return self.source.read(_FINAL + name, episode)
        return np.asarray(self.source.read(name, episode)[-1])

    def next(self, name: str, episode: int) -> NDArray[Any]:
        """Return the observations (L, …) one step on."""
        now = self.source.read(name, episode)
        return np.concatenate([now[1:], self.beyond(name, episode)[None]])

    def flat(self, columns: list[Column], episode: int) -> NDArray[Any]:
        """Return columns side by side, (L, D); one column alone stays as it is, (L, …)."""
        if len(columns) == 1:
            return self.source.read(columns[0].name, episode)
        rows = [self.source.read(c.name, episode) for c in columns]
        return np.concatenate([r.reshape(len(r), -1) for r in rows], axis=1)

    def reward(self, episode: int) -> NDArray[Any]:
        """Return the rewards (L,) float32, zeros where there are none."""
        length = int(self.source.lengths[episode])
        if not self.has("reward"):
            return np.zeros(length, np.float32)
        return self.source.read("reward", episode).reshape(length).astype(np.float32)

    def ends(self, episode: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return (terminated, truncated), (L,) each; one of them is set at the last step."""
        length = int(self.source.lengths[episode])
        flags = []
        for name in ("terminated", "truncated"):
            flag = np.zeros(length, np.bool_)
            if self.has(name):
                flag = self.source.read(name, episode).reshape(length).astype(np.bool_)
            flags.append(flag)
        terminated, truncated = flags
        if not (terminated[-1] or truncated[-1]):
            truncated = truncated.copy()
            truncated[-1] = True
        return terminated, truncated

    def losses(self) -> list[str]:
        """Say what every format of these parts makes up or changes."""
        lost = []
        made_up = [c.name for c in self.observations if not self.has(_FINAL + c.name)]
        if made_up:
            lost.append(
                "the true observation behind the last step: the source lacks it, and the last one "
                f"is repeated ({', '.join(made_up)})"
            )
        return lost


def joined(columns: list[Column], what: str) -> list[str]:
    """Say that columns lose their names in one array, if they do."""
    if len(columns) < 2:
        return []
    return [f"the names of {what}: {', '.join(c.name for c in columns)} become one array"]
