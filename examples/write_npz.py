"""Write demonstrations that are at hand as numpy arrays as a dataset Muse reads.

    python examples/write_npz.py data/real/my_coffee.npz

Replace `record_episode` by reading your own logs. The keys are those of the coffee experiment.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np


def record_episode(steps: int, image_hw: tuple[int, int], seed: int) -> dict[str, np.ndarray]:
    """Return one episode: every array has one row a step, made up here."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*image_hw, 3), dtype=np.uint8)
    velocity = rng.uniform(-1, 1, (steps, 7)).astype(np.float32)
    return {
        # What the robot saw before it acted at step t …
        "ee_position": np.cumsum(0.01 * velocity[:, :3], axis=0).astype(np.float32),  # m
        "ee_orientation": np.tile(np.float32([0, 0, 0, 1]), (steps, 1)),  # quaternion xyzw
        "gripper_pos": np.zeros((steps, 1), np.float32),  # 0 open to 1 closed
        "image": np.tile(image, (steps, 1, 1, 1)),  # uint8 RGB, never floats
        "ego_image": np.tile(image[::-1], (steps, 1, 1, 1)),
        # … and what it then did, in the limits of the spec.
        "action": velocity,
    }


def write_dataset(
    path: Path, episodes: int = 12, steps: int = 20, image_hw: tuple[int, int] = (240, 320)
) -> None:
    """Put the episodes one behind the other and mark the last step of each in `done`."""
    recorded = [record_episode(steps, image_hw, seed) for seed in range(episodes)]
    arrays = {key: np.concatenate([e[key] for e in recorded]) for key in recorded[0]}
    done = np.zeros(len(arrays["action"]), bool)
    done[np.cumsum([len(e["action"]) for e in recorded]) - 1] = True
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, done=done, **arrays)


def main() -> None:
    """Write the file named on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("path", type=Path, help="the .npz to write")
    parser.add_argument("--episodes", type=int, default=12)
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    write_dataset(args.path, args.episodes, args.steps)
    print(f"wrote {args.path}")


if __name__ == "__main__":
    main()
