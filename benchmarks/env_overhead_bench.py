"""What the environment contract costs a step, over the bare gymnasium simulator.

Both take the same actions from the same start, in turns of a few hundred steps; the quickest turn
of each counts, so that what else the machine does falls on neither.
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

STEPS, TURNS, LIMIT_US = 200, 60, 15.0
IDS = ("CartPole-v1", "Pendulum-v1", "HalfCheetah-v5")


def microseconds(step: Callable[[], bool], reset: Callable[[], Any]) -> float:
    """Return the CPU time a step of one turn; resets are left out of it."""
    spent, taken = 0.0, 0
    while taken < STEPS:
        reset()
        start = time.process_time()
        done = False
        while not done and taken < STEPS:
            done = step()
            taken += 1
        spent += time.process_time() - start
    return 1e6 * spent / taken


def pair(name: str) -> tuple[float, float]:
    """Return (bare gymnasium, GymEnv) in microseconds a step."""
    import gymnasium

    raw = gymnasium.make(name, disable_env_checker=True)
    env = make("muse.envs.simple.gym.GymEnv", AttrDict(env_type=name))
    chosen = np.zeros(raw.action_space.shape, raw.action_space.dtype)
    action = AttrDict(action=chosen.reshape(1, *env.env_spec.shape("action")))

    def bare_step() -> bool:
        _, _, terminated, truncated, _ = raw.step(chosen)
        return terminated or truncated

    def our_step() -> bool:
        return bool(env.step(action)[2][0])

    def our_reset() -> None:
        env.seed(0)
        env.reset()

    bare, ours = np.inf, np.inf
    for _ in range(TURNS):
        bare = min(bare, microseconds(bare_step, lambda: raw.reset(seed=0)))
        ours = min(ours, microseconds(our_step, our_reset))
    raw.close()
    env.close()
    return float(bare), float(ours)


def main(json_path: str | None = None) -> list[dict[str, Any]]:
    """Measure, print and, given a path, write the rows."""
    rows = []
    for name in IDS:
        bare, ours = pair(name)
        rows.append(
            {
                "measure": f"GymEnv over bare {name}, a step",
                "ours": f"+{ours - bare:.1f} µs ({ours:.1f} over {bare:.1f})",
                "bar": f"<= {LIMIT_US:g} µs",
                "met": ours - bare <= LIMIT_US,
            }
        )
        print(f"{rows[-1]['measure']:44} {rows[-1]['ours']:28} {rows[-1]['bar']}", flush=True)
    if json_path:
        Path(json_path).write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])
