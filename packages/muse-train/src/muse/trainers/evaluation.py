"""Evaluation of a trained run from nothing but its folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.core import AttrDict
from muse.core.errors import CheckpointError, MuseError, UsageError
from muse.core.params import instantiate
from muse.experiments import ExperimentFileManager, atomic
from muse.trainers.collection import RANDOM
from muse.trainers.components import build_env_spec, expert_of, group, load_run
from muse.trainers.intervals import mean_interval

if TYPE_CHECKING:
    from muse.envs.parallel import Agent
    from muse.envs.rollout import Episode

#: Evaluations begin at this seed unless told otherwise: far from those of training and collection.
FIRST_SEED = 100_000


@dataclass(frozen=True)
class EvalOptions:
    """How a run is evaluated; all of it is stored with the result.

    Attributes:
        model_file: a checkpoint of the run, or a path.
        seeds: one episode for each.
        max_steps: longest episode; None leaves the end to environment and policy.
        random_policy: actions drawn from the spec's limits instead of the model's.
        expert: actions of the environment's scripted expert instead of the model's.
        policy: parameters that replace those of the config's group `policy`.
        env: name of the config group to evaluate in.
        device: where the models of the workers go.
        workers: processes, None one a core, 0 none but this one; the result does not depend on
            it.
        envs_per_worker: rows that share each call of the policy.
        frames: episodes to keep pictures of.
    """

    model_file: str = "model.pt"
    seeds: Sequence[int] = tuple(range(FIRST_SEED, FIRST_SEED + 50))
    max_steps: int | None = None
    random_policy: bool = False
    expert: bool = False
    policy: Mapping[str, Any] = field(default_factory=dict)
    env: str = "env_train"
    device: str = "cpu"
    workers: int | None = None
    envs_per_worker: int = 1
    frames: int = 0


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        result: settings and numbers, ready for JSON.
        episodes: the single episodes in the order of the seeds.
    """

    result: dict[str, Any]
    episodes: list[Episode]

    @property
    def rate(self) -> float:
        """Share of successful episodes."""
        return float(self.result["success"]["rate"])


def evaluate(
    run_dir: str | Path,
    options: EvalOptions,
    on_episode: Callable[[Episode], None] | None = None,
) -> Evaluation:
    """Run the episodes in worker processes; nothing is written.

    Args:
        run_dir: a run's folder, with config.json and models/.

    Raises:
        CheckpointError: the folder or the checkpoint is missing or damaged.
        RolloutError: an episode failed.
    """
    from muse.envs.parallel import Factory, parallel_rollout
    from muse.envs.statistics import summarize

    files = ExperimentFileManager.open(run_dir)
    params = read_params(files)
    if options.random_policy and options.expert:
        raise UsageError("--random_policy and --expert exclude each other")
    scripted = options.random_policy or options.expert
    model_file = None if scripted else files.find_model_file(options.model_file)
    step = None
    if model_file is not None:
        # Once here, so that a damaged file is one clear error and not one of each worker.
        step = load_run(params, model_file).checkpoint.get("step")
    where = {"run_dir": str(files.exp_dir), "env": options.env}
    policy = dict(options.policy)
    if scripted:
        policy = dict(expert_of(params)) if options.expert else {"cls": RANDOM}
    with make_env(**where) as env:  # once here: a bad config is one error, not one a worker
        rule = str(env.success_rule)
    began = time.monotonic()
    with _threads_kept():
        episodes = parallel_rollout(
            Factory("muse.trainers.evaluation.make_env", where),
            Factory(
                "muse.trainers.evaluation.make_agent",
                {
                    "run_dir": str(files.exp_dir),
                    "model_file": None if model_file is None else str(model_file),
                    "policy": policy,
                    "device": options.device,
                },
            ),
            options.seeds,
            options.workers,
            envs_per_worker=options.envs_per_worker,
            max_steps=options.max_steps,
            frames=options.frames,
            on_episode=on_episode,
        )
    found = summarize(episodes)
    result = {
        "run": files.exp_name,
        "model_file": None if model_file is None else _inside(model_file, files.exp_dir),
        "step": step,
        "env": str(_class_path(group(params, options.env))),
        "success_rule": rule,
        "settings": _settings_of(params, options),
        "episodes": found.n,
        "success": {
            "rate": found.rate,
            "count": found.successes,
            "wilson_95": list(found.interval),
        },
        "mean_score": found.mean_score,
        "mean_score_95": list(mean_interval([episode.score for episode in episodes])[1:]),
        "mean_return": found.mean_return,
        "mean_max_reward": found.mean_max_reward,
        "mean_length": found.mean_length,
        "seconds": round(time.monotonic() - began, 2),
        "per_episode": [episode.as_dict() for episode in episodes],
    }
    return Evaluation(result, episodes)


def save_evaluation(run_dir: str | Path, evaluation: Evaluation) -> Path:
    """Write the result to eval/ of the run and beside the checkpoint it belongs to.

    `models/<checkpoint>.eval.json` always holds the latest evaluation without its episodes, so
    a checkpoint that is passed on carries the settings and the number they gave.
    """
    files = ExperimentFileManager.open(run_dir)
    result = evaluation.result
    model = Path(result["model_file"]) if result["model_file"] else None
    stem = model.stem if model is not None else f"{result['settings']['policy']}_policy"
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    path = files.eval_dir / f"{stem}_{stamp}.json"
    count = 1
    while path.exists():
        count += 1
        path = files.eval_dir / f"{stem}_{stamp}-{count}.json"
    atomic.write_json(path, result)
    if model is not None:
        short = {key: value for key, value in result.items() if key != "per_episode"}
        checkpoint = model if model.is_absolute() else files.exp_dir / model
        atomic.write_json(checkpoint.with_suffix(".eval.json"), short)
    return path


def read_params(files: ExperimentFileManager) -> AttrDict:
    """The resolved parameters of a run.

    Raises:
        CheckpointError: config.json is missing or damaged.
    """
    from muse.configs import Config

    files.load_config()  # names a missing or torn file before anything else
    try:
        params: AttrDict = Config.from_json(files.config_file).params
    except MuseError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{files.config_file} is damaged ({error}); restore it or train again"
        ) from error
    return params


def make_env(run_dir: str, env: str) -> Any:
    """Build an environment of the run; called in each worker."""
    params = read_params(ExperimentFileManager.open(run_dir))
    return instantiate(group(params, env), build_env_spec(params))


def make_agent(
    environment: Any,
    run_dir: str,
    model_file: str | None,
    policy: Mapping[str, Any],
    device: str,
) -> Agent:
    """Build what acts in a worker.

    Args:
        environment: what it acts in.
        model_file: weights for the run's model and policy; None: `policy` needs no model.
        policy: parameters laid over those of the config's policy, or a whole group with `cls`.
    """
    from muse.envs.parallel import Agent

    if model_file is None:
        return Agent(instantiate(AttrDict(policy), environment.env_spec, None, environment))
    import torch

    torch.set_num_threads(1)  # processes share the cores, and sums must not depend on threads
    params = read_params(ExperimentFileManager.open(run_dir))
    params["policy"] = group(params, "policy") & AttrDict(policy)
    run = load_run(params, Path(model_file), device)
    return Agent(run.policy, run.model, run.goal_policy)


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Give torch back its threads, which `make_agent` takes when it runs in this process."""
    import torch

    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _settings_of(params: AttrDict, options: EvalOptions) -> dict[str, Any]:
    """The inference settings: what else than the weights decides the numbers."""
    from muse.configs.serialize import encode

    settings: dict[str, Any] = {
        "seeds": list(options.seeds),
        "max_steps": options.max_steps,
        "envs_per_worker": options.envs_per_worker,
        "device": options.device,
        "env": encode(group(params, options.env)),
    }
    if options.random_policy or options.expert:
        settings["policy"] = "random" if options.random_policy else "expert"
    else:
        settings["policy"] = encode(group(params, "policy") & AttrDict(options.policy))
        if params.get("goal_policy") is not None:
            settings["goal_policy"] = encode(params.goal_policy)
    return settings


def _class_path(env: AttrDict) -> str:
    from muse.core.params import object_path

    return env.cls if isinstance(env.cls, str) else object_path(env.cls)


def _inside(path: Path, folder: Path) -> str:
    """`path` relative to `folder` when it lies in there."""
    try:
        return str(path.resolve().relative_to(folder.resolve()))
    except ValueError:
        return str(path.resolve())
