from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.envs.env import make
from muse.envs.gym_robotics.ant_gait import AntGait
from muse.envs.gym_robotics.ant_maze_env import AntMazeEnv
from muse.envs.rollout import rollout
from muse.envs.vector.sync_vector_env import SyncVectorEnv
from muse.policies.ant_maze_expert import AntMazeExpert


@pytest.mark.parametrize("maze", ["umaze", "medium"])
def test_the_expert_walks_to_the_goal(maze: str) -> None:
    with make(AntMazeEnv, {"maze": maze}) as env:
        expert = AntMazeExpert({}, env.env_spec, env=env)
        episodes = rollout(env, expert, seeds=range(4))
        assert [episode.success for episode in episodes] == [True] * 4


def test_the_maze_must_be_known() -> None:
    with make(AntMazeEnv) as env, pytest.raises(ParamError, match=r"which maze.*umaze"):
        AntMazeExpert({}, env.env_spec)


def test_it_finds_the_maze_of_rows_and_wrapped_environments() -> None:
    row = AttrDict(cls="muse.envs.gym_robotics.ant_maze_env.AntMazeEnv", maze="open")
    wrapped = AttrDict(cls="muse.envs.wrappers.time_limit.TimeLimit", env=row, max_steps=400)
    with make(SyncVectorEnv, {"num_envs": 2, "env": wrapped}) as env:
        expert = AntMazeExpert({}, env.env_spec, env=env)
        episodes = rollout(env, expert, seeds=range(2))
        assert [episode.success for episode in episodes] == [True] * 2


def test_rows_are_walked_on_their_own() -> None:
    rng = np.random.default_rng(0)
    state, goal = rng.normal(size=(3, 29)), rng.normal(size=(3, 2))
    with make(AntMazeEnv) as env:
        expert = AntMazeExpert({"maze": "umaze"}, env.env_spec)
    memory = expert.initial_memory(None, 3) & AttrDict(count=np.array([0, 5, 9]))
    together, _ = expert.get_action(None, AttrDict(state=state, goal=goal), AttrDict(), memory)
    for b in range(3):
        row = AttrDict(state=state, goal=goal).leaf_apply(lambda leaf, b=b: leaf[b : b + 1])
        mine = memory.leaf_apply(lambda leaf, b=b: leaf[b : b + 1])
        alone, _ = expert.get_action(None, row, AttrDict(), mine)
        np.testing.assert_array_equal(alone["action"][0], together["action"][b])


def test_an_ant_on_its_back_stands_up_again() -> None:
    with make(AntMazeEnv, {"maze": "open"}) as env:
        obs, _ = env.reset({"position": [0.0, 0.0], "goal": [8.0, 4.0]})
        lying = env.simulator.data.qpos.copy()
        lying[2:7] = [0.3, 0.0, 1.0, 0.0, 0.0]
        env.simulator.ant_env.set_state(lying, np.zeros(14))
        gait, lowest = AntGait(), 1.0
        for count in range(600):
            action = gait.torques(obs["state"], np.array([count]), np.zeros((1, 2)))
            obs, _, _ = env.step(AttrDict(action=action.astype(np.float32)))
            x, y = obs["state"][0, 4:6]
            up = 1 - 2 * (x * x + y * y)
            lowest = min(lowest, up)
            if up > 0.9:
                break
        assert lowest < -0.5 and up > 0.9
