"""`AntMazeEnv`: an ant that walks to a place in a maze."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Observation
from muse.envs.gym_robotics.ant_gait import AntGait
from muse.envs.gym_robotics.robotics_env import (
    RoboticsEnv,
    SpecRow,
    find_robotics,
    robotics_spec_params,
)
from muse.envs.mujoco.camera import Viewpoint
from muse.envs.teleop.user_input import UserInput

#: The ant has arrived when it is nearer to the goal than this, m.
ARRIVED = 0.45
#: Parameter `maze` -> the map's name in gymnasium-robotics.
MAZES = {
    "umaze": "U_MAZE",
    "open": "OPEN",
    "medium": "MEDIUM_MAZE",
    "large": "LARGE_MAZE",
    "medium_diverse_goals": "MEDIUM_MAZE_DIVERSE_G",
    "large_diverse_goals": "LARGE_MAZE_DIVERSE_G",
    "medium_diverse": "MEDIUM_MAZE_DIVERSE_GR",
    "large_diverse": "LARGE_MAZE_DIVERSE_GR",
}
#: Ways of the keys, in the world.
_WAYS = {
    "left": np.array([-1.0, 0.0]),
    "right": np.array([1.0, 0.0]),
    "up": np.array([0.0, 1.0]),
    "down": np.array([0.0, -1.0]),
}


class AntMazeEnv(RoboticsEnv):
    """Walk to `goal`; 20 control steps a second.

    Observations (B = 1): `state` (B, 29), place of the torso x, y, z (m), its quaternion w x y z,
    the eight joints (rad), then their velocities (m/s, rad/s); `goal` (B, 2), m. Action: `action`
    (B, 8), torques of the joints, -1 to 1.

    The sparse reward is 1 within 0.45 m of the goal, else 0; the dense one exp(-distance).
    Physics and mazes are those of gymnasium-robotics (Fu et al. 2020, "D4RL").
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("maze", Literal[tuple(MAZES)], "umaze", help="the maze"),
        Param("sparse_reward", bool, True, help="1 at the goal, else 0; or exp(-distance)"),
        Param("max_steps", int, 700, help="steps until the episode is cut off", unit="steps",
              check=positive),
    )  # fmt: skip
    preset_names = ("position", "goal")
    success_rule = "the ant came within 0.45 m of the goal"
    teleop_keys: ClassVar[Mapping[str, str]] = {
        "left": "walk left",
        "right": "walk right",
        "up": "walk away from the viewer",
        "down": "walk towards the viewer",
    }

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        rows, columns = np.shape(self._simulator.maze.maze_map)
        wide = max(rows, columns) * self._simulator.maze.maze_size_scaling
        self.viewpoint = Viewpoint((0.0, 0.0, 0.0), 1.25 * wide, 90.0, -70.0)  # type: ignore[misc]
        self._start_distance = 1.0
        self._gait = AntGait()

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        anywhere = (-math.inf, math.inf)
        rows: list[SpecRow] = [
            ("state", (29,), anywhere, "float32"),
            ("goal", (2,), anywhere, "float32"),
        ]
        return robotics_spec_params(env_params, rows, 8)

    def score(self) -> np.ndarray:
        """Return the share of the way made, as the crow flies, (B,)."""
        if self._succeeded:
            return np.ones(1)
        return np.array([np.clip(1 - self._distance() / self._start_distance, 0.0, 1.0)])

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, 8) that walks where the keys say; two together go between."""
        ways = [way for key, way in _WAYS.items() if user_input.is_down(key)]
        way = np.sum([np.zeros(2), *ways], axis=0)[None]
        state = np.asarray(obs["state"], np.float64)
        action = self._gait.torques(state, np.array([self._steps]), way)
        return AttrDict(action=action.astype(np.float32))

    def _make_simulator(self) -> Any:
        ant_maze = find_robotics("AntMazeEnv", "maze.ant_maze_v5.AntMazeEnv")
        return ant_maze(
            maze_map=maze_map("AntMazeEnv", self.params.maze),
            reward_type="sparse" if self.params.sparse_reward else "dense",
            include_cfrc_ext_in_observation=False,
        )

    def _owners(self) -> Sequence[Any]:
        return (self._simulator, self._simulator.ant_env)

    def _reset(self, presets: AttrDict) -> tuple[AttrDict, AttrDict]:
        result = super()._reset(presets)
        self._start_distance = max(self._distance(), ARRIVED)
        return result

    def _place(self, presets: AttrDict) -> Any:
        ant = self._simulator.ant_env
        if "goal" in presets:
            self._simulator.goal = self._preset(presets, "goal", 2)
            self._simulator.update_target_site_pos()
        if "position" in presets:
            position = ant.data.qpos.copy()
            position[:2] = self._preset(presets, "position", 2)
            ant.set_state(position, np.zeros_like(ant.data.qvel))
        return None

    def _observe_task(self, raw: Any) -> AttrDict:
        data = self._simulator.data
        return AttrDict(
            state=np.concatenate([data.qpos, data.qvel]).astype(np.float32)[None],
            goal=np.array(self._simulator.goal, np.float32)[None],
        )

    def _judge(self, raw: Any, reward: float, info: Mapping[str, Any]) -> tuple[float, bool]:
        return reward, self._distance() <= ARRIVED

    def _distance(self) -> float:
        return float(np.linalg.norm(self._simulator.data.qpos[:2] - self._simulator.goal))

    def _episode_state(self) -> AttrDict:
        return AttrDict(
            goal=np.array(self._simulator.goal), start_distance=np.array(self._start_distance)
        )

    def _go_to_episode(self, state: AttrDict) -> Any:
        self._simulator.goal = np.array(state["goal"])
        self._start_distance = float(state["start_distance"])
        return None


def maze_map(owner: str, maze: str) -> Sequence[Sequence[Any]]:
    """Return the map of a maze of `MAZES`, for the class `owner`: rows from the north, 1 a wall."""
    cells: Sequence[Sequence[Any]] = find_robotics(owner, f"maze.maps.{MAZES[maze]}")
    return cells
