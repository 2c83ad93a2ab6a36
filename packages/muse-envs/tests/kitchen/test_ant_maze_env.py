from __future__ import annotations

import numpy as np
import pytest
from held_keys import HeldKeys

from muse.core.attrdict import AttrDict
from muse.envs.env import make
from muse.envs.gym_robotics.ant_maze_env import MAZES, AntMazeEnv

STILL = AttrDict(action=np.zeros((1, 8), np.float32))


@pytest.mark.parametrize("maze", MAZES)
def test_every_maze_begins_away_from_its_goal(maze: str) -> None:
    with make(AntMazeEnv, {"maze": maze}) as env:
        env.seed(0)
        obs, _ = env.reset()
        assert np.linalg.norm(obs["state"][0, :2] - obs["goal"][0]) > 0.45


@pytest.mark.parametrize("sparse", [True, False])
def test_an_ant_beside_the_goal_has_arrived(sparse: bool) -> None:
    with make(AntMazeEnv, {"sparse_reward": sparse}) as env:
        obs, _ = env.reset()
        env.reset({"position": obs["goal"][0] + [0.2, 0.0], "goal": obs["goal"][0]})
        obs, _, done = env.step(STILL)
        distance = np.linalg.norm(obs["state"][0, :2] - obs["goal"][0])
        expected = 1.0 if sparse else np.exp(-distance)
        assert obs["reward"][0, 0] == pytest.approx(expected, rel=1e-4)
        assert done[0] and env.is_success()[0] and env.score()[0] == 1.0


@pytest.mark.parametrize(
    ("keys", "way"),
    [
        (("left",), (-1, 0)),
        (("right",), (1, 0)),
        (("up",), (0, 1)),
        (("down",), (0, -1)),
        (("up", "right"), (0.71, 0.71)),
    ],
)
def test_keys_walk_the_ant(keys: tuple[str, ...], way: tuple[float, float]) -> None:
    with make(AntMazeEnv, {"maze": "open"}) as env:
        obs, _ = env.reset({"position": [0.0, 0.0], "goal": [8.0, 4.0]})
        for _ in range(60):
            obs, _, _ = env.step(env.teleop_action(HeldKeys(*keys), obs))
        gone, along = obs["state"][0, :2], np.dot(obs["state"][0, :2], way)
        assert along > 2.0 and np.linalg.norm(gone - along * np.array(way)) < 1.0


def test_without_a_key_the_ant_stands() -> None:
    with make(AntMazeEnv) as env:
        env.seed(0)
        obs, _ = env.reset()
        start = obs["state"][0, :2]
        for _ in range(60):
            obs, _, _ = env.step(env.teleop_action(HeldKeys(), obs))
        assert np.linalg.norm(obs["state"][0, :2] - start) < 0.1
        assert np.abs(obs["state"][0, 15:]).max() < 0.1
