"""What GoalTrainer does with datasets, samplers, checkpoints and environments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from muse.core import AttrDict
from muse.core.errors import CheckpointError, DataError, MuseError, ParamError
from muse.core.spec import ParamEnvSpec
from muse.datasets import NpSequenceDataset, Sampler
from muse.datasets.augmentation import AugmentContext
from muse.experiments import ExperimentFileManager
from muse.models.model import Model
from muse.trainers.checkpoint import load_checkpoint, save_checkpoint
from muse.trainers.goal_trainer import GoalTrainer
from muse.trainers.writers.jsonl_writer import read_metrics

SPEC = ParamEnvSpec(
    AttrDict(
        names_shapes_limits_dtypes=[
            ("x", (2,), (-10.0, 10.0), "float32"),
            ("action", (2,), (-10.0, 10.0), "float32"),
        ],
        observation_names=["x"],
        action_names=["action"],
    )
)


class Linear(Model):
    """Predicts the action from x; counts what it is asked to do."""

    def build(self) -> None:
        self.layer = torch.nn.Linear(2, 2)
        self.seen: list[tuple[bool, torch.Tensor]] = []

    def loss(self, inputs: AttrDict, outputs: AttrDict) -> AttrDict:
        self.seen.append((self.training, inputs["x"].clone()))
        error = self.layer(inputs["x"]) - inputs["action"]
        return AttrDict(loss=error.square().mean(), bias=self.layer.bias.detach().sum())


class Tagged(Sampler):
    """Remembers which datasets it was given."""

    made: list[list[Any]] = []

    def __init__(self, dataset: Any, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(dataset, params)
        Tagged.made.append(self.datasets)


def _dataset(tmp_path: Path, name: str, offset: float = 0.0) -> NpSequenceDataset:
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(40, 2)) + offset).astype(np.float32)
    done = np.zeros(40, bool)
    done[9::10] = True
    path = tmp_path / f"{name}.npz"
    np.savez(path, x=x, action=2 * x + 1, done=done, rollout_timestep=np.arange(40) % 10)
    params = AttrDict(file=str(path), frozen=True, batch_size=8, horizon=2)
    return NpSequenceDataset(params, SPEC)


def _trainer(tmp_path: Path, name: str = "exp", model: Any = None, **kwargs: Any) -> GoalTrainer:
    groups = {k: kwargs.pop(k) for k in list(kwargs) if k.startswith("datasets_") or k == "sampler"}
    torch.manual_seed(0)
    model = Linear(AttrDict(), SPEC) if model is None else model
    params = AttrDict(
        max_steps=20, log_every_n_steps=5, save_every_n_steps=10, writer=None, **kwargs
    )
    files = ExperimentFileManager(name, tmp_path)
    groups.setdefault("datasets_train", [_dataset(tmp_path, name)])
    return GoalTrainer(params, files, model, **groups)


def test_training_lowers_the_loss_and_logs_means(tmp_path: Path) -> None:
    fast = AttrDict(
        cls="muse.trainers.optimizers.optimizer.SingleOptimizer",
        base_optimizer=AttrDict(cls="torch.optim.Adam", lr=0.05),
    )
    trainer = _trainer(tmp_path, optimizer=fast)
    result = trainer.run()
    rows = read_metrics(trainer.file_manager.exp_dir / "metrics.jsonl")
    assert [row["step"] for row in rows] == [5, 10, 15, 20]
    assert rows[-1]["train/loss"] < 0.7 * rows[0]["train/loss"]
    assert rows[0]["learning_rate"] == 0.05 and "train/bias" in rows[0]
    assert result.step == result.steps == 20 and 0 <= result.data_wait < 1


def test_rates_for_each_dataset_and_holdout_in_eval_mode(tmp_path: Path) -> None:
    near, far = _dataset(tmp_path, "near"), _dataset(tmp_path, "far", offset=100.0)
    held = _dataset(tmp_path, "held", offset=-100.0)
    trainer = _trainer(
        tmp_path,
        datasets_train=[near, far],
        datasets_holdout=[held],
        train_every_n_steps=[1, 4],
        holdout_every_n_steps=10,
    )
    trainer.run()
    where = [("far" if x.mean() > 50 else "held" if x.mean() < -50 else "near", training)
             for training, x in trainer.model.seen]  # fmt: skip
    assert where.count(("near", True)) == 20
    assert where.count(("far", True)) == 5
    assert where.count(("held", False)) == 2 and len(where) == 27


def test_holdout_does_not_disturb_training(tmp_path: Path) -> None:
    weights = []
    for name, every in (("without", 0), ("with", 3)):
        trainer = _trainer(
            tmp_path,
            name,
            datasets_train=[_dataset(tmp_path, "a")],
            datasets_holdout=[_dataset(tmp_path, "b")],
            holdout_every_n_steps=every,
        )
        trainer.run()
        weights.append(trainer.model.layer.weight.detach().clone())
    assert torch.equal(*weights)


def test_sampler_params_give_each_dataset_in_front_of_all(tmp_path: Path) -> None:
    Tagged.made = []
    first, second = _dataset(tmp_path, "a"), _dataset(tmp_path, "b")
    trainer = _trainer(
        tmp_path, datasets_train=[first, second], sampler=AttrDict(cls=Tagged, seed=3)
    )
    assert Tagged.made == [[first, second], [second, first]]
    assert all(feed.sampler.seed == 3 for feed in trainer.train_feeds)
    Tagged.made = []
    trainer = _trainer(tmp_path, "own", datasets_train=[first, second])
    assert not Tagged.made and trainer.train_feeds[0].sampler.datasets == [first]


def test_best_model_is_kept(tmp_path: Path) -> None:
    trainer = _trainer(
        tmp_path,
        datasets_holdout=[_dataset(tmp_path, "b")],
        holdout_every_n_steps=1,
        track_best_name="holdout/loss",
        track_best_mode="min",
        save_checkpoint_every_n_steps=20,
    )
    result = trainer.run()
    rows = read_metrics(trainer.file_manager.exp_dir / "metrics.jsonl")
    best = min(rows, key=lambda row: row["holdout/loss"])
    models = trainer.file_manager.models_dir
    assert result.best == {
        "name": "holdout/loss", "value": best["holdout/loss"], "step": best["step"]
    }  # fmt: skip
    assert load_checkpoint(models / "best_model.pt")["step"] == best["step"]
    assert {p.name for p in models.glob("*.pt")} == {
        "model.pt", "best_model.pt", "chkpt_0000000020.pt"
    }  # fmt: skip


def test_pretrained_weights_and_the_overridable_hook(tmp_path: Path) -> None:
    source = _trainer(tmp_path, "source")
    source.run()
    file = str(source.file_manager.models_dir / "model.pt")
    torch.manual_seed(9)
    trainer = _trainer(tmp_path, "copy", pretrained_model_file=file)
    trainer._prepare()
    assert torch.equal(trainer.model.layer.weight, source.model.layer.weight)
    assert trainer.step == 0

    class OnlyBias(GoalTrainer):
        def _restore_model_from_pretrained_checkpoint(self, checkpoint: dict[str, Any]) -> None:
            self.model.layer.bias.data.copy_(checkpoint["model"]["layer.bias"])

    params = AttrDict(max_steps=1, pretrained_model_file=file, writer=None)
    torch.manual_seed(9)
    own = OnlyBias(
        params,
        ExperimentFileManager("hook", tmp_path),
        Linear(AttrDict(), SPEC),
        datasets_train=[_dataset(tmp_path, "h")],
    )
    own._prepare()
    assert torch.equal(own.model.layer.bias, source.model.layer.bias)
    assert not torch.equal(own.model.layer.weight, source.model.layer.weight)
    with pytest.raises(CheckpointError, match="nothing.pt not found"):
        _trainer(tmp_path, "none", pretrained_model_file="nothing.pt").run()


def test_bad_resumes_are_explained(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    trainer.run()
    model = trainer.file_manager.models_dir / "model.pt"
    content = load_checkpoint(model)

    def resume(**changes: Any) -> None:
        save_checkpoint(model, {**content, **changes})
        files = ExperimentFileManager("exp", tmp_path, is_continue=True)
        params = AttrDict(max_steps=30, writer=None)
        data = [_dataset(tmp_path, "exp")]
        GoalTrainer(params, files, Linear(AttrDict(), SPEC), datasets_train=data).run()

    with pytest.raises(CheckpointError, match="another model"):
        resume(model={"other": torch.zeros(1)})
    with pytest.raises(CheckpointError, match="2 dataset"):
        resume(samplers={"train": content["samplers"]["train"] * 2, "holdout": []})
    bare = {k: v for k, v in content.items() if k in ("schema", "model", "step")}
    save_checkpoint(model, bare)
    content = bare
    with pytest.raises(CheckpointError, match="pretrained_model_file instead"):
        resume()


def _mark(value: torch.Tensor, context: AugmentContext) -> torch.Tensor:
    """Add 100 in training, 1000 at evaluation."""
    return value + (100 if context.training else 1000)


def test_holdout_batches_are_augmented_as_at_evaluation(tmp_path: Path) -> None:
    augmentation = AttrDict(
        cls="muse.datasets.augmentation.DataAugmentation", augment_keys=["x"], augment_fns=[_mark]
    )
    trainer = _trainer(
        tmp_path,
        datasets_holdout=[_dataset(tmp_path, "holdout")],
        data_augmentation_params=augmentation,
    )
    trainer.run()
    means = {training: x.mean() for training, x in trainer.model.seen}
    assert 90 < means[True] < 110 and 990 < means[False] < 1010


def test_mistakes_are_named(tmp_path: Path) -> None:
    nested = AttrDict(
        cls="muse.datasets.data_augmentation.DataAugmentation",
        params=AttrDict(augment_keys=["x"]),
    )
    with pytest.raises(ParamError, match="up one level"):
        _trainer(tmp_path, "a", data_augmentation_params=nested)
    with pytest.raises(ParamError, match="2 entries for 1 dataset"):
        _trainer(tmp_path, "b", train_every_n_steps=[1, 2])
    with pytest.raises(ParamError, match="multiple of"):
        _trainer(tmp_path, "c", save_checkpoint_every_n_steps=15)
    with pytest.raises(ParamError, match="track_best_name"):
        _trainer(tmp_path, "d", track_best_nam="x")
    with pytest.raises(DataError, match="nothing to train on"):
        _trainer(tmp_path, "e", datasets_train=[]).run()


def test_a_loss_that_is_not_finite_stops_before_it_is_saved(tmp_path: Path) -> None:
    class Broken(Linear):
        def loss(self, inputs: AttrDict, outputs: AttrDict) -> AttrDict:
            losses = super().loss(inputs, outputs)
            return AttrDict(loss=losses.loss / (0.0 if len(self.seen) > 12 else 1.0))

    trainer = _trainer(tmp_path, model=Broken(AttrDict(), SPEC))
    with pytest.raises(MuseError, match="train/loss is (inf|nan) at step 15"):
        trainer.run()
    kept = load_checkpoint(trainer.file_manager.models_dir / "model.pt")
    assert kept["step"] == 10 and all(v.isfinite().all() for v in kept["model"].values())


def test_a_model_with_its_own_train_step(tmp_path: Path) -> None:
    class Own(Linear):
        implements_train_step = True

        def train_step(self, inputs: AttrDict, outputs: AttrDict, optimizer: Any) -> AttrDict:
            losses = self.loss(inputs, outputs)
            optimizer.step(losses)
            return AttrDict(own=losses.loss.detach())

    trainer = _trainer(tmp_path, model=Own(AttrDict(), SPEC))
    trainer.run()
    assert "train/own" in trainer.last_scalars


def test_the_deprecated_trainer_works_and_says_so(tmp_path: Path) -> None:
    from muse.trainers import Trainer

    with pytest.warns(DeprecationWarning, match="GoalTrainer"):
        trainer = Trainer(
            AttrDict(max_steps=3, writer=None),
            ExperimentFileManager("old", tmp_path),
            Linear(AttrDict(), SPEC),
            None,
            _dataset(tmp_path, "old"),
            None,
            None,
        )
    assert trainer.run().step == 3
