"""Evaluation depends on the weights, the settings and the seeds, and on nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from muse.configs import load_config
from muse.core.errors import CheckpointError, ConfigError
from muse.trainers.checkpoint import load_checkpoint
from muse.trainers.components import resolve_run
from muse.trainers.evaluation import EvalOptions, evaluate, save_evaluation
from muse.trainers.training import TrainOptions, train
from muse.trainers.writers.jsonl_writer import read_metrics

TINY = Path(__file__).parent / "data" / "tiny.py"


def _numbers(found: Any) -> Any:
    result = dict(found.result)
    del result["seconds"]
    return result


@pytest.mark.parametrize("rows", [1, 2])
def test_numbers_do_not_depend_on_the_workers(trained: Path, rows: int) -> None:
    found = [
        evaluate(trained, EvalOptions(seeds=range(4), workers=workers, envs_per_worker=rows))
        for workers in (0, 2)
    ]
    assert _numbers(found[0]) == _numbers(found[1])
    assert found[0].result["episodes"] == 4
    assert found[0].result["mean_length"] <= 12


def test_policies_beside_the_trained_one(trained: Path) -> None:
    seeds = range(3)
    expert = evaluate(trained, EvalOptions(seeds=seeds, workers=0, expert=True, max_steps=4))
    assert expert.result["settings"]["policy"] == "expert"
    assert expert.result["mean_length"] <= 4
    chance = evaluate(trained, EvalOptions(seeds=seeds, workers=0, random_policy=True))
    path = save_evaluation(trained, chance)
    assert path.name.startswith("random_policy_") and not chance.result["model_file"]
    short = evaluate(trained, EvalOptions(seeds=seeds, workers=0, policy={"timeout": 2}))
    assert short.result["mean_length"] == 2
    assert short.result["settings"]["policy"]["timeout"] == 2


def test_mistakes(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="env_holdout"):
        evaluate(trained, EvalOptions(seeds=[1], workers=0, env="env_holdout"))
    with pytest.raises(CheckpointError, match="nowhere"):
        resolve_run("nowhere", tmp_path)
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "config.json").write_text('{"params": {')
    with pytest.raises(CheckpointError, match="damaged"):
        evaluate(torn, EvalOptions(seeds=[1], workers=0))


def test_rollouts_leave_training_alone_and_keep_the_best(base_dir: Path, trained: Path) -> None:
    config = load_config(
        str(TINY),
        [
            *("--extra_exp_name", "rollouts", "%trainer"),
            *("--rollout_train_env_every_n_steps", "20", "--rollout_train_env_n_per_step", "2"),
            *("--block_env_on_first_n_steps", "30", "--track_best_name", "env_train/score"),
        ],
    )
    result, files = train(config, TrainOptions(base_dir=base_dir))
    mine = load_checkpoint(files.models_dir / "model.pt")
    theirs = load_checkpoint(trained / "models" / "model.pt")
    assert all(torch.equal(mine["model"][k], v) for k, v in theirs["model"].items())
    rows = [r for r in read_metrics(files.exp_dir / "metrics.jsonl") if "env_train/success" in r]
    assert [row["step"] for row in rows] == [40, 60]
    assert all(row["env_train/episodes"] == 2 for row in rows)
    assert result.best["name"] == "env_train/score" and result.best["step"] in (40, 60)
    assert load_checkpoint(files.models_dir / "best_model.pt")["step"] == result.best["step"]
