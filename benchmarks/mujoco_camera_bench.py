"""Pictures a second of MuJoCo scenes: the simulator's own renderer against Muse's cameras.

robosuite's Lift and NutAssemblySquare, 84 x 84 px, drawn off screen by software unless there is a
GPU. "own" is robosuite's renderer with its settings; "default" is Muse's camera, which gives the
same pixels; "fast" leaves out shadows, reflections, multisampling and what is out of view
(`fast_render=True`). CPU time of all drawing threads, which a busy machine changes little; rounds
alternate and the table shows medians.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SIZE = 84
ROUNDS, PICTURES = 7, 5
BAR = 5.0

Draw = Callable[[], Any]


def main(json_path: str | Path | None = None) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    rows: list[dict[str, Any]] = []
    if find_spec("robosuite") is None:
        print("robosuite is not installed: nothing measured")
    else:
        for task in ("Lift", "NutAssemblySquare"):
            rows += measure(task)
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


def measure(task: str) -> list[dict[str, Any]]:
    """Return the row of one task."""
    rates = alternate(contenders(task))
    ratio = rates["fast"] / rates["own"]
    shown = ", ".join(f"{name} {rate:.1f}" for name, rate in rates.items())
    print(f"{task:<20} {SIZE} px, pictures/s: {shown}; fast / own {ratio:.1f}x")
    return [
        {
            "measure": f"robosuite {task} {SIZE}² camera, fast_render against its own renderer",
            "ours": f"{rates['fast']:.1f} pictures/s",
            "theirs": f"{rates['own']:.1f} pictures/s",
            "ratio": ratio,
            "bar": f"≥ {BAR:g}×",
            "met": ratio >= BAR,
        }
    ]


def contenders(task: str) -> dict[str, Draw]:
    """Return what draws one picture of the same state, by name."""
    from muse.envs.mujoco.camera import OffscreenCamera
    from muse.envs.robosuite.simulation import load_robosuite

    suite = load_robosuite()
    env = suite.make(
        task, robots="Panda", has_renderer=False, has_offscreen_renderer=True,
        use_camera_obs=False, renderer="mujoco", ignore_done=True, seed=0,
    )  # fmt: skip
    env.reset()
    model, data = env.sim.model._model, env.sim.data._data

    def camera(fast: bool) -> Draw:
        made = OffscreenCamera(model, SIZE, SIZE, fast=fast, hidden_groups=(0,), extra="robosuite")
        return lambda: made.picture(data, "agentview", SIZE, SIZE)

    def own() -> Any:
        env.sim._render_context_offscreen.gl_ctx.make_current()
        return env.sim.render(camera_name="agentview", width=SIZE, height=SIZE)

    return {"own": own, "default": camera(False), "fast": camera(True)}


def alternate(draws: dict[str, Draw]) -> dict[str, float]:
    """Return the median rate of each, in pictures a second."""
    times: dict[str, list[float]] = {name: [] for name in draws}
    for draw in draws.values():
        draw()
    for _ in range(ROUNDS):
        for name, draw in draws.items():
            start = time.process_time()
            for _ in range(PICTURES):
                draw()
            times[name].append((time.process_time() - start) / PICTURES)
    return {name: 1.0 / statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
