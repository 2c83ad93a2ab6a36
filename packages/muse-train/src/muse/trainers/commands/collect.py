"""`muse collect`: collect episodes of a policy into a dataset."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.cli import console
from muse.core.errors import UsageError
from muse.trainers.commands.arguments import RunParser, natural, positive_int, seed

if TYPE_CHECKING:
    from muse.core import AttrDict


def main(argv: Sequence[str] | None = None) -> int:
    """Collect episodes of a scripted, random or trained policy into a dataset."""
    parser = RunParser(
        "collect",
        "Run a policy in an environment and write its episodes to an .npz dataset. The data do "
        "not depend on --workers.",
        _options,
        example="muse collect exp/quickstart/bc_rnn.py --policy expert --max_eps 100 "
        "--save_file data/demos.npz",
        config="CONFIG_OR_ENV",
        config_help="config with the groups env_train and policy, or import path of an Env class",
    )
    args = parser.parse(list(sys.argv[1:] if argv is None else argv))
    if not _is_class(args.config):
        from muse.configs import config_help

        text = config_help(args.config, args.config_args)
        if text is not None:
            print(text)
            return 0
    if args.save_file is None:
        raise UsageError("collect: --save_file FILE.npz is missing; see muse collect --help")
    from muse.trainers.collection import CollectOptions, check_save_file, collect

    check_save_file(args.save_file)
    options = CollectOptions(
        episodes=args.max_eps,
        save_file=args.save_file,
        first_seed=args.seed,
        only_success=args.only_success,
        max_steps=args.max_steps,
        workers=args.workers,
        **_actors(args),
    )
    with console.progress(args.max_eps, "collecting") as bar:
        wins: list[bool] = []

        def count(episode: Any) -> None:
            wins.append(episode.success)
            kept = not episode.failed and (episode.success or not args.only_success)
            bar.update(1 if kept else 0, success=f"{100 * sum(wins) / len(wins):.0f}%")

        found = collect(options, on_episode=count)
    rows = [
        ("episodes", f"{len(found.episodes):,}"),
        ("steps", f"{found.steps:,}"),
        ("success", f"{found.successes} of {found.tried} run"),
        ("file", f"{found.path} ({found.path.stat().st_size / 2**20:.1f} MiB)"),
    ]
    if found.failures:
        rows.insert(3, ("left out", f"{found.failures}, ended by a broken simulator"))
    console.table("collected", ("", ""), rows)
    return 0


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        help="import path of a Policy class, 'random', or 'expert': the config's group "
        "expert [the trained policy of the config's run]",
    )
    parser.add_argument(
        "--model_file",
        help="checkpoint of the trained policy: a name in the run's models/, or a path [model.pt]",
    )
    parser.add_argument("--max_eps", type=positive_int, default=1, help="episodes to keep [1]")
    parser.add_argument("--save_file", type=Path, help="the .npz to write (required)")
    parser.add_argument("--seed", type=seed, default=0, help="of the first episode [0]")
    parser.add_argument("--workers", type=natural, help="processes, 0: only this one [one a core]")
    parser.add_argument("--max_steps", type=positive_int, help="longest episode, in steps")
    parser.add_argument("--only_success", action="store_true", help="keep successes only")


def _is_class(text: str) -> bool:
    """Whether the positional argument is the import path of a class rather than a config."""
    return not text.endswith(".py") and "/" not in text and text.split(".")[-1][:1].isupper()


def _actors(args: argparse.Namespace) -> dict[str, Any]:
    """Environment, its spec (None: its own) and what acts in it, as fields of CollectOptions."""
    from muse.core import AttrDict
    from muse.trainers.components import expert_of, group

    if args.policy is not None and args.model_file is not None:
        raise UsageError("collect: --policy and --model_file exclude each other")
    if _is_class(args.config):
        if args.config_args:
            raise UsageError(
                f"collect: unknown arguments {' '.join(args.config_args)}; overrides need a "
                "config, not a bare environment class"
            )
        if args.policy in (None, "expert"):
            raise UsageError(
                "collect: an environment class needs --policy random or the path of a Policy"
            )
        env = AttrDict(cls=args.config)
        return {"env": env, "env_spec": None, "policy": _policy_class(args.policy)}
    from muse.configs import load_config

    config = load_config(args.config, args.config_args)
    params = config.params
    actors = {"env": group(params, "env_train"), "env_spec": params.get("env_spec")}
    if args.policy is None:
        return {**actors, **_trained(config, args.model_file or "model.pt")}
    if args.policy == "expert":
        return {**actors, "policy": expert_of(params)}
    return {**actors, "policy": _policy_class(args.policy)}


def _policy_class(name: str) -> AttrDict:
    """The group of the policy that --policy names, looked up before any worker starts."""
    from muse.core import AttrDict
    from muse.core.params import import_object
    from muse.core.policy import Policy
    from muse.trainers.collection import RANDOM

    path = RANDOM if name == "random" else name
    cls = import_object(path)
    if not (isinstance(cls, type) and issubclass(cls, Policy)):
        raise UsageError(
            f"--policy {name}: expected a Policy class, got {cls!r}; see muse collect --help"
        )
    return AttrDict(cls=path)


def _trained(config: Any, model_file: str) -> dict[str, Any]:
    """The trained run of a config, or its policy where the config has no model."""
    from muse.experiments import ExperimentFileManager
    from muse.trainers.components import group

    if "model" not in config.params:
        return {"policy": group(config.params, "policy")}
    try:
        files = ExperimentFileManager(config.exp_name, is_continue=True)
    except UsageError as error:
        raise UsageError(
            f"collect: there is no trained run experiments/{config.exp_name}; train the config "
            "first, or name who acts: --policy expert, --policy random or --policy CLASS"
        ) from error
    return {
        "policy": None,
        "run_dir": files.exp_dir,
        "model_file": files.find_model_file(model_file),
    }


if __name__ == "__main__":
    from muse.cli.main import main as muse

    sys.exit(muse(["collect", *sys.argv[1:]]))
