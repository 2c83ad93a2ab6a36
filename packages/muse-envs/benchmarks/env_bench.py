"""What the environment contract and the rollout loop cost a step, over the bare simulator.

    python packages/muse-envs/benchmarks/env_bench.py

Every case takes the same actions from the same start; figures are the best of several runs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.policy import Policy, next_count
from muse.envs.env import make
from muse.envs.rollout import rollout
from muse.envs.simple.point_mass_dynamics import flee_heading, move
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv

STEPS, REPEATS = 2000, 5


class Still(Policy):
    """The cheapest policy there is."""

    def get_action(self, model, obs, goal, memory):
        """Return zeros of the action's shape."""
        return AttrDict(action=np.zeros((len(memory.count), 2), np.float32)), next_count(memory)


def microseconds(
    run: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> float:
    """Return the best time a step of several runs; CPU time, unless processes share the work."""
    best = np.inf
    for _ in range(REPEATS):
        start = clock()
        run()
        best = min(best, clock() - start)
    return 1e6 * best / STEPS


def bare_point_mass() -> None:
    """The arithmetic of PointMassEnv, nothing else."""
    rng = np.random.default_rng(0)
    ego, target, circles, radii = (
        np.full((1, 2), 0.2),
        np.full((1, 2), 0.8),
        np.zeros((1, 0, 2)),
        np.zeros((1, 0)),
    )
    step = np.zeros((1, 2))
    for _ in range(STEPS):
        ego, _ = move(ego, step, circles, radii)
        math.hypot(*(ego - target)[0].tolist())
        heading = flee_heading(ego, target, step, *rng.random((2, 1)))
        target, _ = move(target, 1.25e-4 * heading, circles, radii)


def step_loop(env, rows: int = 1) -> Callable[[], None]:
    """`env.step` alone."""
    action = AttrDict(action=np.zeros((rows, 2), np.float32))
    presets = AttrDict(ego=[0.2, 0.2], target=[0.8, 0.8])

    def run() -> None:
        env.reset(presets)
        for _ in range(STEPS):
            env.step(action)

    return run


def gym_pair(name: str) -> tuple[float, float]:
    """Return (bare gymnasium, GymEnv) for an id that does not end by itself."""
    import gymnasium

    raw = gymnasium.make(name, disable_env_checker=True, max_episode_steps=10**9)
    chosen = np.zeros(raw.action_space.shape, raw.action_space.dtype)
    env = make(
        "muse.envs.simple.gym_env.GymEnv",
        AttrDict(env_type=name, env_kwargs=AttrDict(max_episode_steps=10**9)),
    )
    action = AttrDict(action=chosen[None])

    def bare() -> None:
        raw.reset(seed=0)
        for _ in range(STEPS):
            raw.step(chosen)

    def ours() -> None:
        env.seed(0)
        env.reset()
        for _ in range(STEPS):
            env.step(action)

    return microseconds(bare), microseconds(ours)


def main() -> None:
    """Print the table."""
    group = AttrDict(cls=PointMassEnv, num_steps=10**9)
    env = make(group)
    bare, step = microseconds(bare_point_mass), microseconds(step_loop(env))
    limited = make(group & AttrDict(num_steps=STEPS))
    policy = Still(None, env.env_spec)
    looped = microseconds(lambda: rollout(limited, policy, seeds=[0]))
    recorded = microseconds(lambda: rollout(limited, policy, seeds=[0], record=True))
    print(f"PointMass, bare arithmetic      {bare:8.1f} us/step")
    print(f"PointMass, env.step             {step:8.1f} us/step  (+{step - bare:.1f})")
    print(f"PointMass, rollout              {looped:8.1f} us/step  (+{looped - bare:.1f})")
    print(f"PointMass, rollout, recorded    {recorded:8.1f} us/step  (+{recorded - bare:.1f})")
    for cls, extra in ((SyncVectorEnv, {}), (SubprocVectorEnv, {"num_workers": 2})):
        with make(cls, AttrDict(num_envs=8, env=group, **extra)) as vector:
            cost = microseconds(step_loop(vector, 8), time.perf_counter) / 8
        print(f"PointMass x 8, {cls.__name__:<16} {cost:8.1f} us/row step")
    for name in ("Pendulum-v1", "MountainCarContinuous-v0"):
        bare, ours = gym_pair(name)
        print(f"{name:<24} bare {bare:6.1f}, GymEnv {ours:6.1f} us/step  (+{ours - bare:.1f})")


if __name__ == "__main__":
    main()
