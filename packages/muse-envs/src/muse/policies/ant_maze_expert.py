"""A scripted policy that walks the ant of `AntMazeEnv` to its goal."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.gym_robotics.ant_gait import AntGait
from muse.envs.gym_robotics.ant_maze_env import MAZES, maze_map
from muse.envs.gym_robotics.maze_route import MazeRoute
from muse.envs.vector.vector_env import row_class

#: Where goals are beside walls it goes to a place that is so much farther from them, m.
_ENOUGH = 0.3


class AntMazeExpert(Policy):
    """Trots along the shortest way through the centres of the cells.

    It reads `state` and `goal`; the map it looks up by the name of the maze.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("maze", Literal[tuple(MAZES)] | None, None, help="None: that of the environment"),
        Param("look_ahead", float, 1.2, "how far along the way it aims", "m", check=positive),
    )

    def _set_up(self) -> None:
        maze = self.params.maze or _maze_of(self.env)
        if maze is None:
            raise ParamError(
                f"AntMazeExpert: which maze? maze is None and env is {self.env!r}, without a "
                f"parameter `maze`; expected one of {', '.join(MAZES)}, or the environment"
            )
        self._route = MazeRoute(maze_map("AntMazeExpert", maze))
        self._gait = AntGait()

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 8)."""
        state = np.asarray(obs["state"], np.float64)
        places, goals = state[:, :2], np.asarray(obs["goal"], np.float64)
        ahead = [
            self._route.ahead(place, self._route.inward(end, _ENOUGH), self.params.look_ahead)
            for place, end in zip(places, goals, strict=True)
        ]
        # Shorter where the way bends and at its end: there the stride is too.
        way = (np.stack(ahead) - places) / self.params.look_ahead
        action = self._gait.torques(state, memory.count, way)
        return AttrDict(action=action.astype(np.float32)), next_count(memory)


def _maze_of(env: Any) -> str | None:
    """Return the maze of an environment, of its rows or of what it wraps; None where none is."""
    params = AttrDict() if env is None else env.params
    while "maze" not in params and "env" in params:
        cls, given = row_class(params["env"])
        params = cls.resolve_params(given)
    maze: str | None = params.get("maze")
    return maze
