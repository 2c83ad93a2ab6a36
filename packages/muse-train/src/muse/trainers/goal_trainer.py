"""The trainer: datasets, model, policies, environments, optimizer and writers in one loop."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from muse.cli import console
from muse.core import AttrDict
from muse.core.errors import CheckpointError, DataError, MuseError, ParamError
from muse.core.params import Configurable, instantiate
from muse.trainers.arena import Arena
from muse.trainers.checkpoint import (
    isolated_rng,
    load_checkpoint,
    rng_state,
    save_checkpoint,
    set_rng_state,
)
from muse.trainers.feed import Feed, build_feeds
from muse.trainers.goal_trainer_params import GOAL_TRAINER_PARAMS
from muse.trainers.meter import Meter
from muse.trainers.optimizers.optimizer import Optimizer
from muse.trainers.train_result import TrainResult
from muse.trainers.writers import JsonlWriter, Writer

_SHOW_SECONDS = 0.5  # between updates of the progress display


class GoalTrainer(Configurable):
    """Trains a model on datasets and evaluates its policy in environments along the way.

    Args:
        params: see `muse.trainers.goal_trainer_params`.
        file_manager: the run's `ExperimentFileManager`.
        model: the model to train.
        policy: turns the model into actions for rollouts in `env_train`; None without rollouts.
        goal_policy: gives `policy` its goals; None: the environment's own.
        datasets_train: datasets of the gradient steps.
        datasets_holdout: datasets of the holdout loss.
        env_train: environment of the rollouts; None: none.
        env_holdout: a second environment; None: none.
        policy_holdout, goal_policy_holdout: those for `env_holdout`; None: the same.
        writer: None builds `params.writer`; `metrics.jsonl` is always written.
        optimizer: None builds `params.optimizer`.
        sampler: None takes `params.sampler`; `cls` and parameters of one sampler for each dataset.

    Training is repeatable: a run stopped at any moment and started again goes on from its last
    `model.pt` with the same numbers, bit for bit on a CPU, as one that was never stopped.
    """

    declared_params = GOAL_TRAINER_PARAMS

    def __init__(
        self,
        params: AttrDict,
        file_manager: Any,
        model: Any,
        policy: Any = None,
        goal_policy: Any = None,
        datasets_train: Sequence[Any] = (),
        datasets_holdout: Sequence[Any] = (),
        env_train: Any = None,
        env_holdout: Any = None,
        policy_holdout: Any = None,
        goal_policy_holdout: Any = None,
        writer: Writer | None = None,
        optimizer: Optimizer | None = None,
        sampler: AttrDict | None = None,
    ) -> None:
        self.params = self.resolve_params(params)
        self.file_manager = file_manager
        self.model = model
        self.policy = policy
        sampler = self.params.sampler if sampler is None else sampler
        self.train_feeds = self._feeds(datasets_train, sampler, "train_every_n_steps")
        self.holdout_feeds = self._feeds(datasets_holdout, sampler, "holdout_every_n_steps")
        self.arenas = [
            self._arena("train", env_train, policy, goal_policy),
            self._arena(
                "holdout", env_holdout, policy_holdout or policy, goal_policy_holdout or goal_policy
            ),
        ]
        self._check_rates()
        self.optimizer: Optimizer = optimizer or instantiate(
            self.params.optimizer, model, list(datasets_train), base=Optimizer
        )
        exp = (file_manager.exp_name, file_manager.exp_dir)
        self.writers: list[Writer] = [JsonlWriter(AttrDict(), *exp)]
        if writer is None and self.params.writer is not None:
            writer = instantiate(self.params.writer, *exp, base=Writer)
        self.writers += [writer] if writer is not None else []
        self.augmentation = self._build_augmentation(datasets_train)
        self.meter = Meter()
        self.step = 0
        self.best: dict[str, Any] = {}
        self.last_scalars: dict[str, float] = {}
        self._restored_from: Path | None = None
        self._data_seconds = 0.0

    # ------------------------------------------------------------------ the loop

    def run(self) -> TrainResult:
        """Train until `max_steps` and return what was done.

        Raises:
            CheckpointError: the checkpoint to resume from is damaged or belongs to another model.
            DataError: there is nothing to train on.
            MuseError: the loss is no longer finite, or a file cannot be written.
        """
        self._prepare()
        first, began = self.step, time.perf_counter()
        self.model.train()
        with console.progress(self.params.max_steps - first, "training") as bar:
            shown, shown_at = first, began
            while self.step < self.params.max_steps:
                for feed in self.train_feeds:
                    if feed.is_due(self.step):
                        self._train_step(feed)
                for feed in self.holdout_feeds:
                    if feed.is_due(self.step):
                        self._holdout_step(feed)
                self.step += 1
                for arena in self.arenas:
                    if arena.is_due(self.step, self.params.block_env_on_first_n_steps):
                        self._evaluate(arena)
                if self._is_due(self.params.log_every_n_steps):
                    self._log()
                if self._is_due(self.params.save_every_n_steps):
                    self._save()
                now = time.perf_counter()
                if now - shown_at > _SHOW_SECONDS or self.step == self.params.max_steps:
                    rate = (self.step - first) / (now - began)
                    bar.update(self.step - shown, **self._display(rate, now - began))
                    shown, shown_at = self.step, now
        for writer in self.writers:
            writer.close()
        seconds = time.perf_counter() - began
        return TrainResult(
            step=self.step,
            steps=self.step - first,
            seconds=seconds,
            data_wait=self._data_seconds / seconds if seconds else 0.0,
            scalars=dict(self.last_scalars),
            best=dict(self.best),
        )

    # ------------------------------------------------------------------ before the loop

    def _prepare(self) -> None:
        """Restore or initialise, then open the writers."""
        if all(len(feed.dataset) == 0 for feed in self.train_feeds):
            raise DataError(
                "GoalTrainer: there is nothing to train on, "
                + ("every training dataset is empty" if self.train_feeds else "no dataset given")
                + "; check dataset_train/file"
            )
        checkpoint = self._find_checkpoint()
        if checkpoint is None and self.params.pretrained_model_file is not None:
            path = Path(self.params.pretrained_model_file)
            if not path.is_file():
                raise CheckpointError(
                    f"GoalTrainer: pretrained_model_file {path} not found; give the path of a .pt"
                )
            self._restore_model_from_pretrained_checkpoint(load_checkpoint(path, self.model.device))
        elif checkpoint is None and self.params.load_statistics_initial:
            self.model.load_statistics()
        self.model.pretrain(datasets_holdout=[feed.dataset for feed in self.holdout_feeds])
        if checkpoint is not None:
            self._restore(load_checkpoint(checkpoint, self.model.device))
            self._restored_from = checkpoint
            console.info(f"resumed from {checkpoint} at step {self.step}")
        for writer in self.writers:
            writer.open(resume_step=None if checkpoint is None else self.step)

    def _find_checkpoint(self) -> Path | None:
        if self.params.checkpoint_model_file is None:
            return None
        path = Path(self.file_manager.models_dir) / self.params.checkpoint_model_file
        return path if path.is_file() else None

    def _restore_model_from_pretrained_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Load the weights of another run; override to take only parts of them.

        Args:
            checkpoint: what `load_checkpoint` returned; `checkpoint["model"]` is a state dict.
        """
        self.model.restore_from_checkpoint(checkpoint, strict=True)

    # ------------------------------------------------------------------ inside a step

    def _train_step(self, feed: Feed) -> None:
        inputs, outputs = self._timed_batch(feed)
        if self.augmentation is not None:
            inputs, outputs = self.augmentation.forward(inputs, outputs, step=self.step)
        if self.model.implements_train_step:
            scalars = self.model.train_step(inputs, outputs, self.optimizer)
            self.meter.add("train", scalars)
            return
        losses = self.model.loss(inputs, outputs)
        self.meter.add("train", losses)
        self.meter.add("train", self.optimizer.step(losses))

    def _holdout_step(self, feed: Feed) -> None:
        self.model.eval()
        with isolated_rng(), torch.no_grad():
            inputs, outputs = self._timed_batch(feed)
            if self.augmentation is not None:
                inputs, outputs = self.augmentation.forward(inputs, outputs, training=False)
            self.meter.add("holdout", self.model.loss(inputs, outputs))
        self.model.train()

    def _evaluate(self, arena: Arena) -> None:
        scalars = arena.evaluate(self.model)
        self._write(scalars)
        self._track_best(scalars)

    def _log(self) -> None:
        self._refuse_broken_loss()
        scalars = {**self.meter.pop(), **self.optimizer.learning_rates()}
        self._write(scalars)
        self._track_best(scalars)

    def _save(self) -> None:
        """Write model.pt and, when due, a numbered copy; in this order a kill loses nothing."""
        self._refuse_broken_loss()
        for writer in self.writers:
            writer.flush()
        content = self.checkpoint()
        every = self.params.save_checkpoint_every_n_steps
        if every and self.step % every == 0:
            save_checkpoint(self.file_manager.models_dir / f"chkpt_{self.step:010d}.pt", content)
        save_checkpoint(self.file_manager.models_dir / self._latest_name, content)

    # ------------------------------------------------------------------ checkpoints

    def checkpoint(self) -> dict[str, Any]:
        """Everything `_restore` needs, and what an evaluation wants to know."""
        return {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rng": rng_state(),
            "samplers": {
                "train": [json.dumps(feed.sampler.state()) for feed in self.train_feeds],
                "holdout": [json.dumps(feed.sampler.state()) for feed in self.holdout_feeds],
            },
            "meter": self.meter.state(),
            "scalars": dict(self.last_scalars),
            "best": dict(self.best),
            "spec": _settings(getattr(self.model, "env_spec", None)),
            "policy": _settings(self.policy),
        }

    def _restore(self, content: dict[str, Any]) -> None:
        missing = {"step", "optimizer", "rng", "samplers", "meter", "best"} - set(content)
        if missing:
            raise CheckpointError(
                f"the checkpoint lacks {sorted(missing)}, so training cannot go on from it; "
                "use it as pretrained_model_file instead"
            )
        self.model.restore_from_checkpoint(content, strict=True)
        self.optimizer.load_state_dict(content["optimizer"])
        self._restore_samplers(self.train_feeds, content["samplers"]["train"])
        self._restore_samplers(self.holdout_feeds, content["samplers"]["holdout"])
        self.meter.restore(content["meter"])
        self.last_scalars = dict(content["scalars"])
        self.best = dict(content["best"])
        self.step = int(content["step"])
        set_rng_state(content["rng"])

    def _restore_samplers(self, feeds: list[Feed], states: list[str]) -> None:
        if len(feeds) != len(states):
            raise CheckpointError(
                f"the checkpoint was trained on {len(states)} dataset(s), now there are "
                f"{len(feeds)}; give the same ones to resume"
            )
        for feed, state in zip(feeds, states, strict=True):
            feed.sampler.restore(json.loads(state))

    @property
    def _latest_name(self) -> str:
        return self.params.checkpoint_model_file or "model.pt"

    # ------------------------------------------------------------------ small things

    def _is_due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.params.max_steps

    def _refuse_broken_loss(self) -> None:
        """Stop before a model that has diverged replaces a good one on disk."""
        for name, value in self.meter.means().items():
            if name.startswith("train/") and not math.isfinite(value):
                raise MuseError(
                    f"GoalTrainer: {name} is {value} at step {self.step}; lower the learning "
                    "rate, set max_grad_norm, or look for broken values in the data"
                )

    def _timed_batch(self, feed: Feed) -> tuple[AttrDict, AttrDict]:
        began = time.perf_counter()
        batch = feed.batch()
        self._data_seconds += time.perf_counter() - began
        return batch

    def _write(self, scalars: dict[str, float]) -> None:
        self.last_scalars.update(scalars)
        for writer in self.writers:
            writer.add_scalars(scalars, self.step)

    def _track_best(self, scalars: dict[str, float]) -> None:
        name = self.params.track_best_name or "env_train/success"
        if not math.isfinite(scalars.get(name, math.nan)):
            return
        sign = 1.0 if self.params.track_best_mode == "max" else -1.0
        if self.best and sign * scalars[name] <= sign * self.best["value"]:
            return
        self.best = {"name": name, "value": scalars[name], "step": self.step}
        save_checkpoint(self.file_manager.models_dir / "best_model.pt", self.checkpoint())

    def _display(self, rate: float, seconds: float) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "steps/s": round(rate, 1),
            "data wait": f"{100 * self._data_seconds / max(seconds, 1e-9):.0f}%",
        }
        for name in ("train/loss", "holdout/loss", "env_train/success"):
            if name in self.last_scalars:
                shown[name] = self.last_scalars[name]
        return shown

    def _feeds(self, datasets: Sequence[Any], sampler: AttrDict | None, what: str) -> list[Feed]:
        return build_feeds(datasets, sampler, self.params[what], self.model.device, what)

    def _arena(self, name: str, env: Any, policy: Any, goal_policy: Any) -> Arena:
        """An arena is never due where there is no environment (`--no_env`)."""
        every = self.params[f"rollout_{name}_env_every_n_steps"] if env is not None else 0
        if every and policy is None:
            raise ParamError(f"GoalTrainer: rollouts in env_{name} need a policy, got none")
        first, count = self.params.rollout_first_seed, self.params[f"rollout_{name}_env_n_per_step"]
        return Arena(
            name=f"env_{name}",
            env=env,
            policy=policy,
            goal_policy=goal_policy,
            every=every,
            seeds=range(first, first + count),
            max_steps=self.params.rollout_max_steps,
        )

    def _check_rates(self) -> None:
        save, keep = self.params.save_every_n_steps, self.params.save_checkpoint_every_n_steps
        if keep % save:
            raise ParamError(
                f"GoalTrainer: save_checkpoint_every_n_steps={keep} must be a multiple of "
                f"save_every_n_steps={save}"
            )

    def _build_augmentation(self, datasets: Sequence[Any]) -> Any:
        group = self.params.data_augmentation_params
        if "params" in group:
            raise ParamError(
                "GoalTrainer: data_augmentation_params/params is not a parameter; move what is in "
                "it up one level, beside 'cls'"
            )
        if group and "cls" not in group:
            raise ParamError(
                f"GoalTrainer: data_augmentation_params has no 'cls', only {sorted(group)}"
            )
        if not group or not self.params.train_do_data_augmentation:
            return None
        return instantiate(group, datasets[0] if datasets else None)


def _settings(component: Any) -> str:
    """JSON of a component's parameters, with classes and functions as import paths."""
    from muse.configs.serialize import encode

    params = getattr(component, "params", None)
    return "{}" if params is None else json.dumps(encode(params))
