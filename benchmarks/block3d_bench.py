"""Steps, pictures, resets and memory of the pybullet environments.

Pictures are measured against the same arm with the full meshes of pybullet_data, drawn by the same
renderer; rounds of both alternate. Memory is the growth of the process over resets, each with a
step, after a warm-up; `RESETS` can be given as second argument (100000 take some 45 minutes).
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.robot_bullet_env import RobotBulletEnv
from muse.envs.bullet_envs.simulator import connect
from muse.envs.env import Env, make

STEPS, ROUNDS, PICTURES, WARM_UP, RESETS = 200, 5, 10, 200, 2000
PICTURE_BAR = 5.0
#: Allowed growth over 100000 resets, MB.
MEMORY_BAR = 20.0
ENVS = {
    "block": "muse.envs.bullet_envs.block3d.block_env_3d.BlockEnv3D",
    "playroom": "muse.envs.bullet_envs.block3d.drawer_button_playroom_env_3d."
    "DrawerButtonPlayroomEnv3D",
}


def main(json_path: str | Path | None = None, resets: str | int = RESETS) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    rows = [step_row(name, size) for name in ENVS for size in (None, 64, 128)]
    rows += [picture_row(size) for size in (64, 128)]
    rows += [memory_row(name, int(resets)) for name in ENVS]
    for found in rows:
        bar = f"  (bar {found['bar']})" if "bar" in found else ""
        print(f"{found['measure']:46} {found['ours']:>16}{bar}")
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def step_row(name: str, size: int | None) -> dict[str, Any]:
    """Return steps a second under random actions, with images of `size` px or without."""
    images = {} if size is None else {"compute_images": True, "img_width": size, "img_height": size}
    with make(ENVS[name], AttrDict(task=None, max_steps=None, **images)) as env:
        seconds = [random_steps(env, STEPS) for _ in range(ROUNDS + 1)]
    rate = STEPS / statistics.median(seconds[1:])
    label = "state" if size is None else f"{size} x {size} images"
    return {"measure": f"{name} steps/s, {label}", "ours": f"{rate:.0f} steps/s"}


def random_steps(env: Env, count: int) -> float:
    """Return the time of `count` random steps of a new episode."""
    env.seed(0)
    env.reset()
    low, high = env.env_spec.limits("action")
    actions = np.random.default_rng(0).uniform(low, high, (count, 1, 7)).astype(np.float32)
    start = time.perf_counter()
    for action in actions:
        env.step(AttrDict(action=action))
    return time.perf_counter() - start


def picture_row(size: int) -> dict[str, Any]:
    """Return pictures a second against those of the full meshes."""
    import pybullet_data

    with make(RobotBulletEnv) as env:
        env.reset()
        full = connect("the benchmark")
        full.loadURDF(f"{pybullet_data.getDataPath()}/franka_panda/panda.urdf", useFixedBase=True)
        camera, view = env._cameras["front"], env.front_view()
        ours = [
            seconds(lambda: camera.picture(env.bullet, view, size, size)) for _ in range(ROUNDS)
        ]
        theirs = [seconds(lambda: camera.picture(full, view, size, size)) for _ in range(ROUNDS)]
        full.disconnect()
    ratio = statistics.median(theirs) / statistics.median(ours)
    return {
        "measure": f"pictures/s of the arm, {size} x {size}",
        "ours": f"{PICTURES / statistics.median(ours):.0f} pictures/s",
        "peer": f"{PICTURES / statistics.median(theirs):.0f} pictures/s",
        "ratio": ratio,
        "bar": f">= {PICTURE_BAR:g}x pybullet_data's meshes",
        "met": ratio >= PICTURE_BAR,
    }


def seconds(draw: Callable[[], object]) -> float:
    """Return the time of some pictures."""
    start = time.perf_counter()
    for _ in range(PICTURES):
        draw()
    return time.perf_counter() - start


def memory_row(name: str, resets: int) -> dict[str, Any]:
    """Return how much the process grows over `resets` episodes of one step."""
    with make(ENVS[name]) as env:
        for _ in range(WARM_UP):
            random_steps(env, 1)
        before, start = resident_kb(), time.perf_counter()
        for _ in range(resets):
            random_steps(env, 1)
        spent = time.perf_counter() - start
        grown = (resident_kb() - before) / 1024.0
    scaled = grown * 100_000 / resets
    return {
        "measure": f"{name} memory over {resets} resets, {1000 * spent / resets:.0f} ms each",
        "ours": f"{grown:+.2f} MB",
        "bar": f"<= {MEMORY_BAR:g} MB over 100000",
        "met": scaled <= MEMORY_BAR,
    }


def resident_kb() -> int:
    """Return the memory that the process holds (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
