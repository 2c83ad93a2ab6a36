"""`muse eval`: evaluate a trained run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from muse.cli import console
from muse.core.errors import UsageError
from muse.trainers.commands.arguments import RunParser, natural, positive_int, seed_list


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate a trained run in its environment."""
    parser = RunParser(
        "eval",
        "Evaluate a trained run; its folder is all that is needed. The numbers do not depend on "
        "--workers.",
        _options,
        example="muse eval experiments/quickstart/bc_rnn --episodes 50",
    )
    args = parser.parse(list(sys.argv[1:] if argv is None else argv))
    from muse.trainers.components import resolve_run
    from muse.trainers.evaluation import EvalOptions, evaluate, save_evaluation

    run_dir = resolve_run(args.run)
    options = EvalOptions(
        model_file=args.model_file,
        seeds=_seeds(args),
        max_steps=args.max_steps,
        random_policy=args.random_policy,
        expert=args.expert,
        policy={} if args.action_mode is None else {"action_mode": args.action_mode},
        env=args.env,
        device=args.device,
        workers=args.workers,
        envs_per_worker=args.envs_per_worker,
        frames=args.video,
    )
    with console.progress(len(options.seeds), f"evaluating {run_dir.name}") as bar:
        wins: list[bool] = []

        def count(episode: Any) -> None:
            wins.append(episode.success)
            bar.update(1, success=f"{100 * sum(wins) / len(wins):.0f}%")

        evaluation = evaluate(run_dir, options, on_episode=count)
    path = save_evaluation(run_dir, evaluation)
    show(evaluation.result)
    console.info(f"written to {path}")
    if args.video:
        from muse.trainers.videos import write_videos

        for video in write_videos(run_dir, path.stem, evaluation.episodes):
            console.info(f"written to {video}")
    return 0


def show(result: dict[str, Any]) -> None:
    """Print the table of one evaluation."""
    low, high = result["success"]["wilson_95"]
    who = result["model_file"] or f"{result['settings']['policy']} policy"
    step = "" if result["step"] is None else f", step {result['step']:,}"
    rows = [
        ("run", result["run"]),
        ("model", f"{who}{step}"),
        ("episodes", f"{result['episodes']} in {result['seconds']:.1f} s"),
        (
            "success",
            f"{100 * result['success']['rate']:.1f} % "
            f"(95 % Wilson interval {100 * low:.1f} to {100 * high:.1f})",
        ),
        ("success rule", result["success_rule"]),
        (
            "mean score",
            "{:.3f} (95 % interval {:.3f} to {:.3f})".format(
                result["mean_score"], *result["mean_score_95"]
            ),
        ),
        ("mean max reward", f"{result['mean_max_reward']:.3f}"),
        ("mean return", f"{result['mean_return']:.3f}"),
        ("mean length", f"{result['mean_length']:.1f} steps"),
    ]
    console.table("evaluation", ("", ""), rows)


def _seeds(args: argparse.Namespace) -> list[int]:
    from muse.trainers.evaluation import FIRST_SEED

    if args.seeds is None:
        count = args.episodes or 50
        return list(range(FIRST_SEED, FIRST_SEED + count))
    if args.episodes is not None and len(args.seeds) == 1:
        return list(range(args.seeds[0], args.seeds[0] + args.episodes))
    if args.episodes is not None and args.episodes != len(args.seeds):
        raise UsageError(
            f"eval: --episodes {args.episodes} and {len(args.seeds)} --seeds contradict each "
            "other; give one of them"
        )
    return list(args.seeds)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="folder of a run, or its name in experiments/")
    parser.add_argument(
        "--model_file", default="model.pt", help="checkpoint in models/, or a path [model.pt]"
    )
    parser.add_argument("--episodes", type=positive_int, help="how many episodes [50]")
    parser.add_argument(
        "--seeds", type=seed_list, help="1,2,3 or 100:150; one number: the first seed [100000]"
    )
    parser.add_argument("--workers", type=natural, help="processes, 0: only this one [one a core]")
    parser.add_argument(
        "--envs_per_worker",
        type=positive_int,
        default=1,
        help="episodes that share each call of the policy; may change the last digits [1]",
    )
    parser.add_argument("--max_steps", type=positive_int, help="longest episode, in steps")
    parser.add_argument("--env", default="env_train", help="config group to evaluate in")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, … [cpu]")
    parser.add_argument(
        "--action_mode", help="over the policy's: mean, mode or sample of the distribution"
    )
    parser.add_argument("--random_policy", action="store_true", help="random actions instead")
    parser.add_argument("--expert", action="store_true", help="the scripted expert instead")
    parser.add_argument(
        "--video",
        type=positive_int,
        default=0,
        metavar="K",
        help="GIFs of the first K episodes, in videos/ of the run",
    )


if __name__ == "__main__":
    from muse.cli.main import main as muse

    sys.exit(muse(["eval", *sys.argv[1:]]))
