"""One training run: from a config to a trained model in its experiment folder."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.cli import console
from muse.core import AttrDict
from muse.core.errors import UsageError
from muse.core.params import instantiate
from muse.experiments import ExperimentFileManager, atomic
from muse.trainers.checkpoint import seed_everything
from muse.trainers.components import (
    build_env_spec,
    build_optional,
    count_parameters,
    group,
    to_device,
)

if TYPE_CHECKING:
    from muse.configs import Config
    from muse.trainers.goal_trainer import GoalTrainer
    from muse.trainers.train_result import TrainResult
    from muse.trainers.writers import Writer


@dataclass(frozen=True)
class TrainOptions:
    """What a command line adds to a config.

    Attributes:
        is_continue: go on with the run of this name; one that never began is started.
        use_env: build the environments and evaluate in them.
        use_holdout_env: build `env_holdout` too.
        device: where the model goes, over what the config says.
        wandb: parameters of a `WandbWriter` to use in place of the config's writer.
        base_dir: holds `experiments/` and `data/`; None: $MUSE_DIR, else the current folder.
        command: the command line, kept with the run.
    """

    is_continue: bool = False
    use_env: bool = True
    use_holdout_env: bool = False
    device: str | None = None
    wandb: AttrDict | None = None
    base_dir: Path | None = None
    command: Sequence[str] = ()


def train(config: Config, options: TrainOptions) -> tuple[TrainResult, ExperimentFileManager]:
    """Run a training to its end.

    Raises:
        UsageError: the run exists and is not to be continued, or is in use.
        MuseError: anything else that can be explained in a line.
    """
    files = open_run(config.exp_name, options)
    with files.lock(), files.log() as log:
        trainer = None
        try:
            _tell_changes(config, files)
            files.save_config(config.to_json(), command=options.command or None)
            if config.source:
                atomic.write_text(files.exp_dir / "config.py", config.source)
            trainer = build_trainer(config, files, options)
            describe(config, files, trainer)
            log.info("training %s", files.exp_name)
            began = time.monotonic()
            result = trainer.run()
        except BaseException:
            if not files.is_continue and (trainer is None or trainer.step == 0):
                _discard(files)  # so that the mended command can simply be given again
            raise
        finally:
            for arena in trainer.arenas if trainer is not None else []:
                if arena.env is not None:
                    arena.env.close()
        log.info("trained to step %d in %.0f s", result.step, time.monotonic() - began)
    return result, files


def open_run(exp_name: str, options: TrainOptions) -> ExperimentFileManager:
    """The run's folder: a new one, or the one to continue."""
    if not options.is_continue:
        return ExperimentFileManager(exp_name, options.base_dir)
    try:
        return ExperimentFileManager(exp_name, options.base_dir, is_continue=True)
    except UsageError:
        # Killed before it had a folder: continuing is starting.
        console.info(f"{exp_name}: no run to continue, starting it")
        return ExperimentFileManager(exp_name, options.base_dir)


def build_trainer(
    config: Config, files: ExperimentFileManager, options: TrainOptions
) -> GoalTrainer:
    """Seed everything, then build all components of the config in a fixed order."""
    params = config.params
    seed_everything(int(params.get("seed", 0)))
    env_spec = build_env_spec(params)
    dataset_train = instantiate(group(params, "dataset_train"), env_spec, files)
    dataset_holdout = build_optional(
        params, "dataset_holdout", env_spec, files, base_dataset=dataset_train
    )
    model = instantiate(group(params, "model"), env_spec, dataset_train)
    to_device(model, options.device)
    env_train = env_holdout = None
    if options.use_env and "env_train" in params:
        env_train = instantiate(params.env_train, env_spec)
    if options.use_holdout_env:
        if not options.use_env:
            raise UsageError("--do_holdout_env and --no_env exclude each other")
        env_holdout = instantiate(group(params, "env_holdout"), env_spec)
    policy, goal_policy = None, None
    if env_train is not None:
        policy = instantiate(group(params, "policy"), env_spec, files, env_train)
        goal_policy = build_optional(params, "goal_policy", env_spec, files, env_train)
    trainer: GoalTrainer = instantiate(
        group(params, "trainer"),
        files,
        model,
        policy=policy,
        goal_policy=goal_policy,
        datasets_train=[dataset_train],
        datasets_holdout=[] if dataset_holdout is None else [dataset_holdout],
        env_train=env_train,
        env_holdout=env_holdout,
        writer=_wandb_writer(files, options),
    )
    return trainer


def describe(config: Config, files: ExperimentFileManager, trainer: GoalTrainer) -> None:
    """Show what is about to be done."""
    feeds = trainer.train_feeds + trainer.holdout_feeds
    data = ", ".join(
        f"{len(feed.dataset):,} windows of {feed.dataset.get_num_episodes()} episodes"
        for feed in feeds
    )
    evaluations = [
        f"{len(arena.seeds)} episodes in {arena.name} every {arena.every:,} steps"
        for arena in trainer.arenas
        if arena.every
    ]
    params = trainer.params
    rows: list[tuple[str, Any]] = [
        ("run", files.exp_name),
        ("folder", files.exp_dir),
        ("data (train, holdout)", data),
        (
            "model",
            f"{type(trainer.model).__name__}, {count_parameters(trainer.model):,} parameters",
        ),
        ("device", str(trainer.model.device)),
        ("seed", config.params.get("seed", 0)),
        ("steps", f"{params.max_steps:,}, model.pt every {params.save_every_n_steps:,}"),
        ("evaluation", "; ".join(evaluations) or "none"),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        console.info(f"{name.ljust(width)}  {value}")


def _discard(files: ExperimentFileManager) -> None:
    """Remove the folder of a run that never began, and parents that it leaves empty."""
    shutil.rmtree(files.exp_dir, ignore_errors=True)
    for parent in files.exp_dir.parents:
        if parent == files.base_dir or any(parent.iterdir()):
            break
        parent.rmdir()


def _wandb_writer(files: ExperimentFileManager, options: TrainOptions) -> Writer | None:
    if options.wandb is None:
        return None
    from muse.trainers.writers import WandbWriter

    return WandbWriter(options.wandb, files.exp_name, files.exp_dir)


def _tell_changes(config: Config, files: ExperimentFileManager) -> None:
    """Say what differs from the config that the continued run began with."""
    if not files.config_file.is_file():
        return
    before = dict(_leaves(files.load_config().get("params", {})))
    now = dict(_leaves(json.loads(config.to_json())["params"]))
    changed = [k for k in sorted(before.keys() | now.keys()) if before.get(k) != now.get(k)]
    changed = [k for k in changed if k != "trainer/max_steps"]  # going on for longer is usual
    if changed:
        console.warn(
            f"the config differs from that of the run in {', '.join(changed[:6])}"
            + (f" and {len(changed) - 6} more" if len(changed) > 6 else "")
        )


def _leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in _leaves(v, f"{path}/{k}".strip("/"))]
    return [(path, repr(value))]
