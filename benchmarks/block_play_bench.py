"""How often `BlockPlayPolicy` carries out each play primitive in `StackBlockEnv2D`.

A primitive needs room on the side where it takes hold; so there are two numbers: in how many of the
first 50 seeds the policy finds it possible, and in how many of 50 such starts it is carried out:
the block has moved in the direction of its name, by more than the measure of play forgives, or has
made a quarter turn in that direction, as exactly as the measure asks.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.env import Env, make
from muse.envs.pymunk.success_functions import ANGLE_TOLERANCE, POSITION_TOLERANCE, pname_to_success
from muse.policies.block_play_policy import BlockPlayPolicy

STARTS, BAR = 50, 0.9
#: Where a primitive moves the block, (x, y), or which way it turns it, 1 counter-clockwise; tipping
#: may go both ways.
WAYS = {
    "push_left": (-1, 0),
    "push_right": (1, 0),
    "pull_back_move_left": (-1, 0),
    "pull_back_move_right": (1, 0),
    "pull_back_move_up": (0, 1),
}
TURNS = {"rotate_left": 1, "rotate_right": -1, "left_side_rotate": -1, "right_side_rotate": 1}


def main(json_path: str | Path | None = None) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    params = AttrDict(disable_images=True, done_on_success=False)
    with make("muse.envs.pymunk.stack_block_env_2d.StackBlockEnv2D", params) as env:
        rows = [row(env, name) for name in pname_to_success]
    for found in rows:
        print(f"{found['measure']:32} {found['ours']:>10}  possible in {found['possible']}")
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def row(env: Env, name: str) -> dict[str, Any]:
    """Return the row of one primitive."""
    policy = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec)
    tried = carried = possible = 0
    for seed in itertools.count():
        if tried == STARTS and seed >= STARTS:
            break
        moved = play(env, policy, seed)
        if moved is None:
            continue
        possible += seed < STARTS
        if tried < STARTS:
            tried += 1
            carried += is_carried_out(name, *moved)
    return {
        "measure": f"play, {name}",
        "ours": f"{carried} / {tried}",
        "possible": f"{possible} / {STARTS}",
        "ratio": carried / tried,
        "bar": f">= {BAR:.0%}",
        "met": carried / tried >= BAR,
    }


def play(env: Env, policy: BlockPlayPolicy, seed: int) -> tuple[np.ndarray, float] | None:
    """Return how far the block was moved (2,) px and turned, rad; None where it is impossible."""
    env.seed(seed)
    before, goal = env.reset()
    obs, memory = before, policy.initial_memory(None, 1, seeds=[seed])
    action, memory = policy.get_action(None, obs, goal, memory)
    if policy.is_terminated(None, obs, goal, memory)[0]:
        return None
    while not policy.is_terminated(None, obs, goal, memory)[0]:
        obs, goal, _ = env.step(action)
        action, memory = policy.get_action(None, obs, goal, memory)
    moved = (obs.block_positions - before.block_positions)[0, 0]
    return moved, float((obs.block_angles - before.block_angles)[0, 0])


def is_carried_out(name: str, moved: np.ndarray, turned: float) -> bool:
    """Return whether the block was moved (2,) or turned as the primitive is called."""
    if name in WAYS:
        return float(np.dot(WAYS[name], moved)) > POSITION_TOLERANCE
    turned = abs(turned) if name == "tip" else TURNS[name] * turned
    return abs(turned - math.pi / 2) < ANGLE_TOLERANCE


if __name__ == "__main__":
    main(*sys.argv[1:])
