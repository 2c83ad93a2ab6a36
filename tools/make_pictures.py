"""Render the pictures of the environments that the documentation shows.

    python tools/make_pictures.py

Writes docs/images/*.png; run again when an environment looks different.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from muse.core import AttrDict
from muse.core.policy import Policy
from muse.envs.env import make
from muse.policies.move_block_expert import MoveBlockExpert
from muse.policies.point_mass_expert import PointMassExpert
from muse.policies.random_policy import RandomPolicy

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
#: File → environment, its parameters, policy, seed, steps taken before the picture.
SCENES: dict[str, tuple[str, dict[str, object], type[Policy], int, int]] = {
    "push_t": ("muse.envs.pymunk.push_t_env.PushTEnv", {}, RandomPolicy, 3, 25),
    "move_block": (
        "muse.envs.pymunk.move_block_env_2d.MoveBlockEnv2D",
        {"image_size": [256, 256]},
        MoveBlockExpert,
        2,
        12,
    ),
    "point_mass": (
        "muse.envs.simple.point_mass_env.PointMassEnv",
        {"image_size": 256, "num_obstacles": 4, "obstacle_radii": [0.05, 0.08, 0.06, 0.07]},
        PointMassExpert,
        5,
        8,
    ),
}
_COLOURS = 64  # the scenes are flat colours: a palette keeps the files small


def main() -> None:
    """Write every picture and say how large it is."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (env_cls, params, policy_cls, seed, steps) in SCENES.items():
        with make(env_cls, AttrDict(params)) as env:
            policy = policy_cls(AttrDict(), env.env_spec)
            env.seed(seed)
            obs, goal = env.reset()
            memory = policy.initial_memory(None, 1, seeds=[seed])
            for _ in range(steps):
                action, memory = policy.get_action(None, obs, goal, memory)
                obs, goal, _ = env.step(action)
            picture = Image.fromarray(env.render())
        path = IMAGES / f"{name}.png"
        picture.quantize(_COLOURS).save(path, optimize=True)
        print(f"{path.name}: {picture.width}x{picture.height}, {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
