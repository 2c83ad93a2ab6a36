"""Stepping worker processes: SubprocVectorEnv beside gymnasium, Stable-Baselines3 and TorchRL.

Each steps the same gymnasium environment with the same action and resets rows that end. For one
environment and number of workers all four are open at once and take turns; the best turn counts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.env import make
from muse.envs.vector import SubprocVectorEnv

IDS, WORKERS = ("Pendulum-v1", "HalfCheetah-v5"), (2, 8)
STEPS, TURNS = 150, 10

Stepper = tuple[Callable[[], Any], Callable[[], Any]]  # one step of all rows, and close


def muse(name: str, workers: int) -> Stepper:
    """Ours."""
    group = AttrDict(cls="muse.envs.simple.gym.GymEnv", env_type=name)
    env = make(SubprocVectorEnv, AttrDict(num_envs=workers, env=group, auto_reset=True))
    env.seed(0)
    env.reset()
    spec = env.env_spec
    action = AttrDict(action=np.zeros((workers, *spec.shape("action")), spec.dtype("action")))
    return lambda: env.step(action), env.close


def gymnasium_async(name: str, workers: int) -> Stepper:
    """gymnasium's AsyncVectorEnv, with its shared memory."""
    import gymnasium

    env = gymnasium.make_vec(name, num_envs=workers, vectorization_mode="async")
    env.reset(seed=0)
    action = np.zeros(env.action_space.shape, env.action_space.dtype)
    return lambda: env.step(action), env.close


def sb3_subproc(name: str, workers: int) -> Stepper:
    """Stable-Baselines3's SubprocVecEnv."""
    import gymnasium
    from stable_baselines3.common.vec_env import SubprocVecEnv

    env = SubprocVecEnv([lambda: gymnasium.make(name)] * workers)
    env.seed(0)
    env.reset()
    action = np.zeros((workers, *env.action_space.shape), env.action_space.dtype)
    return lambda: env.step(action), env.close


def torchrl_parallel(name: str, workers: int) -> Stepper:
    """TorchRL's ParallelEnv, stepped as its collectors do."""
    from torchrl.envs import GymEnv, ParallelEnv

    env = ParallelEnv(workers, lambda: GymEnv(name))
    state = env.reset()
    action = env.full_action_spec.zero()["action"]

    def step() -> None:
        nonlocal state
        state["action"] = action
        _, state = env.step_and_maybe_reset(state)

    return step, env.close


PEERS = {
    "gymnasium Async": gymnasium_async,
    "SB3 Subproc": sb3_subproc,
    "TorchRL Parallel": torchrl_parallel,
}


def rates(name: str, workers: int) -> dict[str, float]:
    """Return transitions a second of each."""
    steppers = {label: build(name, workers) for label, build in ({"muse": muse, **PEERS}).items()}
    best = dict.fromkeys(steppers, 0.0)
    for _ in range(TURNS):
        for label, (step, _) in steppers.items():
            step()  # wakes the workers
            start = time.perf_counter()
            for _ in range(STEPS):
                step()
            best[label] = max(best[label], STEPS * workers / (time.perf_counter() - start))
    for _, close in steppers.values():
        close()
    return best


def main(json_path: str | None = None) -> list[dict[str, Any]]:
    """Measure, print and, given a path, write the rows."""
    rows = []
    for name in IDS:
        for workers in WORKERS:
            found = rates(name, workers)
            for peer in PEERS:
                ratio = found["muse"] / found[peer]
                rows.append(
                    {
                        "measure": f"{name}, {workers} workers, over {peer}",
                        "ours": f"{found['muse']:.0f} transitions/s",
                        "theirs": f"{found[peer]:.0f} transitions/s",
                        "ratio": ratio,
                        "bar": ">= 1×",
                        "met": ratio >= 1.0,
                    }
                )
                line = rows[-1]
                print(
                    f"{line['measure']:48} {line['ours']:>24} {line['theirs']:>24} {ratio:6.2f}×",
                    flush=True,
                )
    if json_path:
        Path(json_path).write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])
