"""Collect, train and evaluate from Python, as the commands do.

    python examples/train_and_evaluate.py --out /tmp/reach --max_steps 500

Writes below --out: data/, experiments/.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from muse.configs import load_config
from muse.trainers.collection import CollectOptions, collect
from muse.trainers.evaluation import EvalOptions, evaluate, save_evaluation
from muse.trainers.training import TrainOptions, train

CONFIG = Path(__file__).with_name("reach_config.py")


def main() -> None:
    """Collect 12 episodes, train on them, evaluate on 10 seeds."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("reach"))
    parser.add_argument("--max_steps", type=int, default=500)
    args = parser.parse_args()

    config = load_config(CONFIG, ["%trainer", "--max_steps", str(args.max_steps)])
    found = collect(
        CollectOptions(
            env=config.params.env_train,
            policy=config.params.expert,
            episodes=12,
            save_file=args.out / "data" / "reach.npz",
            only_success=True,
            workers=1,
        )
    )
    print(f"collected {found.steps} steps")

    result, files = train(config, TrainOptions(base_dir=args.out))
    print(f"trained {result.step} steps into {files.exp_dir}")

    evaluation = evaluate(files.exp_dir, EvalOptions(seeds=range(10), workers=1))
    save_evaluation(files.exp_dir, evaluation)
    print(f"success rate {evaluation.rate:.2f}")


if __name__ == "__main__":
    main()
