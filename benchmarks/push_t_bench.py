"""Steps a second of `PushTEnv` against gym-pusht, the task it shares physics and pictures with.

Both take the same actions from the same start, so that the simulated contacts are the same; ours
through the whole contract of Muse, theirs without any wrapper. Rounds of both alternate, so that a
busy machine slows both alike; the table shows medians.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.env import Env, make

STEPS, ROUNDS, IMAGE_SIZE = 200, 9, 96
STATE = [100.0, 120.0, 300.0, 280.0, 1.25]
BARS = {"state": 1.2, "images": 5.0}


def main(json_path: str | Path | None = None) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    rows = [row(name, images=name == "images") for name in BARS]
    for found in rows:
        print(
            f"{found['measure']:32} ours {found['ours']:>14} gym-pusht {found['peer']:>14}"
            f"  {found['ratio']:5.2f}x  (bar {found['bar']})"
        )
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def row(name: str, images: bool) -> dict[str, Any]:
    """Return the row of one kind of observation."""
    actions = np.random.default_rng(0).uniform(100, 400, (STEPS, 2)).astype(np.float32)
    # legacy: the start is placed the way gym-pusht places it.
    params = AttrDict(image_obs=images, render_size=IMAGE_SIZE, max_steps=STEPS + 1, legacy=True)
    with make("muse.envs.pymunk.push_t_env.PushTEnv", params) as env:
        peer = gym_pusht(images)
        ours, theirs = [], []
        for _ in range(ROUNDS + 1):
            ours.append(our_seconds(env, actions))
            theirs.append(their_seconds(peer, actions))
        peer.close()
    # The first round warms caches up.
    our_rate = STEPS / statistics.median(ours[1:])
    their_rate = STEPS / statistics.median(theirs[1:])
    ratio = our_rate / their_rate
    return {
        "measure": f"Push-T steps/s, {name}",
        "ours": f"{our_rate:.0f} steps/s",
        "peer": f"{their_rate:.0f} steps/s",
        "ratio": ratio,
        "bar": f">= {BARS[name]:g}x gym-pusht",
        "met": ratio >= BARS[name],
    }


def our_seconds(env: Env, actions: np.ndarray) -> float:
    """Return the time of an episode of all `actions` (T, 2)."""
    env.reset(AttrDict(state=STATE))
    start = time.perf_counter()
    for action in actions:
        env.step(AttrDict(action=action[None]))
    return time.perf_counter() - start


def gym_pusht(images: bool) -> Any:
    """Return the bare environment of gym-pusht."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports the deprecated part of pkg_resources
        from gym_pusht.envs.pusht import PushTEnv
    return PushTEnv(
        obs_type="pixels_agent_pos" if images else "state",
        observation_width=IMAGE_SIZE,
        observation_height=IMAGE_SIZE,
    )


def their_seconds(env: Any, actions: np.ndarray) -> float:
    """Return the time of the same episode in gym-pusht."""
    env.reset(seed=0, options={"reset_to_state": STATE})
    start = time.perf_counter()
    for action in actions:
        env.step(action)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
