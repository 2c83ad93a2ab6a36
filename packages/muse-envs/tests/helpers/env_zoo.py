"""Small environments and policies that misbehave in one way each."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, next_count
from muse.core.spec import ParamEnvSpec
from muse.envs.env import Env, make
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.simulator_error import SimulatorError


class CounterEnv(Env):
    """Counts steps; `length` ends it, `trouble_at` makes its `trouble` happen at that step."""

    declared_params = (
        Param("length", int, 5),
        Param("trouble", str, "none"),
        Param("trouble_at", int, 2),
        Param("trouble_seed", int, -1),
        Param("goals", bool, False),
    )
    preset_names = ("count",)
    saves_state = True
    success_rule = "the last action was positive"

    @staticmethod
    def get_default_env_spec_params(env_params):
        rows = [
            ("count", (1,), (0, 1000), "int64"),
            ("start", (2,), (0.0, 1.0), "float32"),
            ("push", (1,), (-1.0, 1.0), "float32"),
            ("mode", (1,), (0, 3), "int64"),
            ("aim", (1,), (-10.0, 10.0), "float32"),
            *output_rows(),
        ]
        return AttrDict(
            cls=ParamEnvSpec,
            names_shapes_limits_dtypes=rows,
            observation_names=["count"],
            output_observation_names=list(OUTPUT_NAMES),
            action_names=["push", "mode"],
            param_names=["start"],
            goal_names=["aim"] if env_params["goals"] else [],
        )

    def _observe(self, reward=0.0, terminated=False):
        obs = AttrDict(count=np.array([[self._count]]), start=self._start.copy())
        obs.combine(self.outputs(reward, terminated))
        if self.params.trouble == "misspell" and self._count >= self.params.trouble_at:
            obs["count"] = obs["count"].astype(np.float32)
        if self.params.trouble == "reuse":
            self._buffer[...] = self._count
            obs["count"] = self._buffer
        goal = AttrDict(aim=np.full((1, 1), 7.0, np.float32)) if self.params.goals else AttrDict()
        return obs, goal

    def _reset(self, presets):
        self._count = int(presets.get("count", 0))
        self._buffer = np.zeros((1, 1), np.int64)
        rng = np.random.default_rng() if self.params.trouble == "unseeded" else self.rng
        self._start = rng.random((1, 2)).astype(np.float32)
        self._good = False
        return self._observe()

    def _step(self, action):
        self._count += 1
        if self._count == self.params.trouble_at and self.params.trouble_seed in (
            -1,
            self.reset_seed,
        ):
            if self.params.trouble == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.params.trouble == "raise":
                raise ValueError("the simulator\nfell over")
            if self.params.trouble == "refuse":
                raise SimulatorError("the constraint solver gave up")
            if self.params.trouble == "nan":
                self._start = self._start * np.nan
            if self.params.trouble == "hang":
                time.sleep(60)
        self._good = bool(action["push"][0, 0] > 0)
        done = self._count >= self.params.length
        obs, goal = self._observe(float(action["push"][0, 0]), done)
        return obs, goal, np.array([done])

    def _is_healthy(self):
        return bool(np.isfinite(self._start).all())

    def _save_state(self):
        count, good = np.array([[self._count]]), np.array(self._good)
        return AttrDict(count=count, start=self._start.copy(), good=good)

    def _restore_state(self, state):
        self._count, self._start = int(state["count"][0, 0]), state["start"].copy()
        self._good = bool(state["good"])
        return self._observe()

    def is_success(self):
        return np.array([self._good])

    def render(self):
        return np.full((4, 6, 3), self._count, np.uint8)


class PushPolicy(Policy):
    """Always pushes by `push`; says it is finished after `patience` steps; keeps what it saw."""

    declared_params = (Param("push", float, 0.5), Param("patience", int, 0))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals_seen = []

    def get_action(self, model, obs, goal, memory):
        batch = len(memory.count)
        self.goals_seen.append(goal.copy())
        action = AttrDict(
            push=np.full((batch, 1), self.params.push, np.float32),
            mode=np.zeros((batch, 1), np.int64),
            plan=np.zeros((batch, 3)),
        )
        return action, next_count(memory)

    def is_terminated(self, model, obs, goal, memory):
        return (self.params.patience > 0) & (memory.count >= self.params.patience)


class CountingGoals(Policy):
    """Gives the goal 0, then 1, ...; after `goals` queries it has no more."""

    declared_params = (Param("goals", int, 2),)

    def get_action(self, model, obs, goal, memory):
        return AttrDict(aim=memory.count[:, None].astype(np.float32)), next_count(memory)

    def is_terminated(self, model, obs, goal, memory):
        return memory.count >= self.params.goals


def env_of_threads():
    """An episode as long as the threads this process may use."""
    return make(CounterEnv, AttrDict(length=int(os.environ["OMP_NUM_THREADS"])))


def longer(params, row):
    """For `modify_env_params_by_index`: row i ends after i + 2 steps."""
    return params & AttrDict(length=row + 2)


class WaypointPolicy(Policy):
    """Wants to go `offset` beside the target; then acts densely for `dense` steps."""

    declared_params = (Param("offset", float, 0.0), Param("dense", int, 0))

    def get_action(self, model, obs, goal, memory):
        turn = memory.count[:, None] % (self.params.dense + 1)
        action = AttrDict(
            action=np.full((1, 2), 0.1, np.float32),
            mode=(turn > 0).astype(np.int64),
            place=obs["target"] + np.float32(self.params.offset),
        )
        return action, next_count(memory)


def towards(state, target):
    """The `wp_dynamics_fn` of a point mass with a speed of 0.025."""
    action = np.clip((target - state) / 0.025, -1, 1)
    following = state + 0.025 * action
    return action, following, np.linalg.norm(target - state, axis=1) < 1e-4
