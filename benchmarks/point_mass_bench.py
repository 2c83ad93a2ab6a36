"""Steps a second of PointMassVectorEnv in one process, and memory over many resets."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.env import Env, make

ROWS, STEPS, TURNS, BAR = 4096, 100, 8, 1e6
RESETS, LEAK_BAR_MIB = 100_000, 1.0
CASES = {
    "PointMass batch, fleeing target": {},
    "PointMass batch, static target": {"target_speed": 0.0},
    "PointMass batch, 3 obstacles, noise": {
        "num_obstacles": 3,
        "sparse_reward": True,
        "noise_std": 0.002,
        "theta_noise_std": 0.1,
    },
}


def rate(params: dict[str, Any]) -> float:
    """Return steps a second with random actions and automatic resets; the best turn."""
    group = AttrDict(cls="muse.envs.simple.point_mass_env.PointMassEnv", **params)
    settings = AttrDict(num_envs=ROWS, env=group, auto_reset=True)
    env = make("muse.envs.simple.point_mass_vector_env.PointMassVectorEnv", settings)
    env.seed(0)
    env.reset()
    drawn = np.random.default_rng(0).uniform(-1, 1, (ROWS, 2)).astype(np.float32)
    best = 0.0
    for _ in range(TURNS):
        start = time.perf_counter()
        for _ in range(STEPS):
            env.step(AttrDict(action=drawn))
        best = max(best, ROWS * STEPS / (time.perf_counter() - start))
    return best


def resident_mib() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def growth(build: Callable[[], Env]) -> float:
    """Return how much memory grows over the resets, in MiB, once everything is in use."""
    with build() as env:
        for seed in range(RESETS // 10):
            env.seed(seed)
            env.reset()
        before = resident_mib()
        for seed in range(RESETS):
            env.seed(seed)
            env.reset()
        return resident_mib() - before


def main(json_path: str | None = None) -> list[dict[str, Any]]:
    """Measure, print and, given a path, write the rows."""
    rows: list[dict[str, Any]] = []
    for label, params in CASES.items():
        found = rate(params)
        rows.append(
            {
                "measure": f"{label}, {ROWS} rows in one process",
                "ours": f"{found / 1e6:.2f} million steps/s",
                "bar": f">= {BAR / 1e6:g} million",
                "met": found >= BAR,
            }
        )
        _show(rows[-1])
    for name, path in (
        ("PointMass", "muse.envs.simple.point_mass_env.PointMassEnv"),
        ("Push-T", "muse.envs.pymunk.push_t_env.PushTEnv"),
    ):
        grown = growth(lambda path=path: make(path))
        rows.append(
            {
                "measure": f"{name}, memory over {RESETS:,} resets",
                "ours": f"{grown:+.2f} MiB",
                "bar": f"<= {LEAK_BAR_MIB:g} MiB",
                "met": grown <= LEAK_BAR_MIB,
            }
        )
        _show(rows[-1])
    if json_path:
        Path(json_path).write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return rows


def _show(row: dict[str, Any]) -> None:
    print(f"{row['measure']:64} {row['ours']:>24}  {row['bar']}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
