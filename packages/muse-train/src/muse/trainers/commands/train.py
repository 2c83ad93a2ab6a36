"""`muse train`: train a model from a config."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from muse.cli import console
from muse.core.errors import UsageError
from muse.trainers.commands.arguments import RunParser, positive_int

if TYPE_CHECKING:
    from muse.core import AttrDict
    from muse.experiments import ExperimentFileManager
    from muse.trainers.train_result import TrainResult


def main(argv: Sequence[str] | None = None) -> int:
    """Train a model from a config and evaluate it along the way."""
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = RunParser(
        "train",
        "Train a model from a config and evaluate it along the way.",
        _options,
        example="muse train --no_env cfgs/exp_hvs/coffee/vis_bc_rnn.py --dataset my_data "
        "%trainer --max_steps 1000",
        config_help="config file, looked up here, then in muse.cfgs",
    )
    args = parser.parse(argv)
    wandb = _wandb(args)
    from muse.configs import config_help, load_config

    text = config_help(args.config, args.config_args)
    if text is not None:
        print(text)
        return 0
    extra = [] if args.max_steps is None else ["%trainer", "--max_steps", str(args.max_steps)]
    config = load_config(args.config, [*args.config_args, *extra])
    from muse.trainers.training import TrainOptions, train

    options = TrainOptions(
        is_continue=args.is_continue,
        use_env=not args.no_env,
        use_holdout_env=args.do_holdout_env,
        device=args.device,
        wandb=wandb,
        command=["muse", "train", *argv],
    )
    try:
        result, files = train(config, options)
    except KeyboardInterrupt:
        console.info("stopped; the same command with --continue goes on from the last model.pt")
        return 130
    _show(result, files)
    return 0


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--continue",
        dest="is_continue",
        action="store_true",
        help="go on with this run from its last model.pt, bit for bit",
    )
    parser.add_argument("--no_env", action="store_true", help="train offline: no environment")
    parser.add_argument(
        "--do_holdout_env", action="store_true", help="evaluate in the group env_holdout too"
    )
    parser.add_argument("--device", help="auto, cpu, cuda, cuda:1, … (over the config's)")
    parser.add_argument("--max_steps", type=positive_int, help="steps (over the config's)")
    parser.add_argument("--wandb", action="store_true", help="log to Weights & Biases")
    parser.add_argument(
        "--no_wandb", action="store_true", help="log to TensorBoard only (the default)"
    )
    parser.add_argument("--wandb_project", help="wandb project [muse]; implies --wandb")
    parser.add_argument("--wandb_tags", help="tags of the wandb run, a:b:c; implies --wandb")
    parser.add_argument(
        "--wandb_mode",
        choices=("online", "offline"),
        help="implies --wandb [$WANDB_MODE, else online]",
    )


def _wandb(args: argparse.Namespace) -> AttrDict | None:
    """Parameters of the wandb writer, None when wandb is not asked for."""
    from muse.core import AttrDict

    given = {
        "project_name": args.wandb_project,
        "tags": args.wandb_tags.split(":") if args.wandb_tags else None,
        "mode": args.wandb_mode,
    }
    params = AttrDict({name: value for name, value in given.items() if value is not None})
    if not (args.wandb or params):
        return None
    if args.no_wandb:
        raise UsageError("--no_wandb excludes --wandb and the other --wandb_… options")
    return params


def _show(result: TrainResult, files: ExperimentFileManager) -> None:
    rate = result.steps / result.seconds if result.seconds else 0.0
    rows: list[tuple[str, str]] = [
        ("steps", f"{result.step:,}"),
        ("time", f"{result.seconds:.1f} s, {rate:.1f} steps/s"),
        ("waiting for data", f"{100 * result.data_wait:.1f} %"),
    ]
    for name in ("train/loss", "holdout/loss", "env_train/success", "env_train/score"):
        if name in result.scalars:
            rows.append((name, f"{result.scalars[name]:.4g}"))
    if result.best:
        best = result.best
        rows.append((f"best {best['name']}", f"{best['value']:.4g} at step {best['step']:,}"))
    for path in (files.models_dir / "model.pt", files.models_dir / "best_model.pt"):
        if path.is_file():
            rows.append((path.stem, _relative(path)))
    rows.append(("metrics", _relative(files.exp_dir / "metrics.jsonl")))
    console.table(f"trained {files.exp_name}", ("", ""), rows)
    console.info(f"evaluate it: muse eval {_relative(files.exp_dir)}")


def _relative(path: Path) -> str:
    """The path as one would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    from muse.cli.main import main as muse

    sys.exit(muse(["train", *sys.argv[1:]]))
