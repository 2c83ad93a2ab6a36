"""Collection: episodes of a policy, written as a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.core import AttrDict
from muse.core.errors import MuseError, UsageError
from muse.core.params import BOOKKEEPING_KEYS, instantiate

if TYPE_CHECKING:
    from muse.envs.parallel import Factory
    from muse.envs.rollout import Episode

_PATIENCE = 10  # episodes tried for each one wanted, before giving up
RANDOM = "muse.policies.random_policy.RandomPolicy"


@dataclass(frozen=True)
class CollectOptions:
    """What to collect.

    Attributes:
        env: group with `cls` of a single environment.
        policy: group with `cls` of the policy that acts, when it is not that of a trained run.
        episodes: how many episodes to keep.
        save_file: the `.npz` to write.
        env_spec: group of the spec; None takes the environment's default.
        first_seed: of the first episode; the others follow.
        only_success: keep only successful episodes.
        max_steps: longest episode; None leaves the end to the environment.
        workers: processes; the data do not depend on it.
        frames: episodes to keep pictures of.
        run_dir: folder of the trained run that acts, with `model_file`; None: `policy` acts.
        model_file: its checkpoint.
    """

    env: AttrDict
    policy: AttrDict | None
    episodes: int
    save_file: Path
    env_spec: AttrDict | None = None
    first_seed: int = 0
    only_success: bool = False
    max_steps: int | None = None
    workers: int | None = None
    frames: int = 0
    run_dir: Path | None = None
    model_file: Path | None = None


@dataclass
class Collection:
    """What was collected.

    Attributes:
        path: the dataset.
        episodes: those kept, in the order of their seeds.
        tried: how many were run.
        successes: how many of those run succeeded.
        failures: how many of those run a broken simulator ended; they are left out.
    """

    path: Path
    episodes: list[Episode] = field(default_factory=list)
    tried: int = 0
    successes: int = 0
    failures: int = 0

    @property
    def steps(self) -> int:
        """Steps kept."""
        return sum(episode.length for episode in self.episodes)


def collect(
    options: CollectOptions, on_episode: Callable[[Episode], None] | None = None
) -> Collection:
    """Run episodes in worker processes and write those kept to `save_file`, whole or not at all.

    Seeds count up from `first_seed`, and episodes are kept in this order, so the file is the same
    for any number of workers.

    Raises:
        UsageError: `save_file` exists already or is no `.npz`.
        RolloutError: an episode failed.
        MuseError: too few episodes succeed, or the file cannot be written.
    """
    check_save_file(options.save_file)
    result = Collection(options.save_file)
    with_spec = {} if options.env_spec is None else {"env_spec": _plain(options.env_spec)}
    env_kwargs = {"env": _plain(options.env), **with_spec}
    while len(result.episodes) < options.episodes:
        if result.tried >= _PATIENCE * options.episodes:
            raise MuseError(
                f"only {len(result.episodes)} of {result.tried} episodes succeeded, wanted "
                f"{options.episodes} ({result.failures} were ended by a broken simulator); use a "
                "better policy, more --max_steps, or leave --only_success out. Nothing was written"
            )
        _run_wave(options, env_kwargs, result, on_episode)
    _write(options, result.episodes)
    return result


def check_save_file(path: Path) -> None:
    """Refuse a name that cannot be written, before any work is done."""
    if path.suffix != ".npz":
        raise UsageError(f"--save_file {path}: expected a name that ends in .npz")
    if path.exists():
        raise UsageError(f"--save_file {path} exists already; delete it or choose another name")


def _run_wave(
    options: CollectOptions,
    env_kwargs: Mapping[str, Any],
    result: Collection,
    on_episode: Callable[[Episode], None] | None,
) -> None:
    """Run as many episodes as are missing and keep the good ones."""
    from muse.envs.parallel import Factory, parallel_rollout

    missing = options.episodes - len(result.episodes)
    first = options.first_seed + result.tried
    episodes = parallel_rollout(
        Factory("muse.trainers.collection.make_env", env_kwargs),
        _agent(options),
        range(first, first + missing),
        options.workers,
        max_steps=options.max_steps,
        record=True,
        frames=max(0, options.frames - len(result.episodes)),
        on_episode=on_episode,
    )
    result.tried += len(episodes)
    result.successes += sum(episode.success for episode in episodes)
    result.failures += sum(episode.failed for episode in episodes)
    result.episodes += [
        e for e in episodes if not e.failed and (e.success or not options.only_success)
    ]


def _agent(options: CollectOptions) -> Factory:
    """What a worker builds to act: a trained run's policy and model, or a policy without one."""
    from muse.envs.parallel import Factory

    if options.run_dir is not None:
        trained = {"run_dir": str(options.run_dir), "model_file": str(options.model_file)}
        return Factory(
            "muse.trainers.evaluation.make_agent", {**trained, "policy": {}, "device": "cpu"}
        )
    if options.policy is None:
        raise UsageError("collect: nothing to act with; give a policy or a trained run")
    return Factory("muse.trainers.collection.make_policy", {"policy": _plain(options.policy)})


def _write(options: CollectOptions, episodes: list[Episode]) -> None:
    """Write the episodes through a dataset, in the documented key layout."""
    from muse.datasets import NpDataset
    from muse.trainers.components import build_env_spec

    groups = AttrDict(env_train=options.env)
    if options.env_spec is not None:
        groups["env_spec"] = options.env_spec
    spec = build_env_spec(groups)
    steps = sum(episode.length for episode in episodes)
    dataset = NpDataset(
        AttrDict(batch_size=1, horizon=1, capacity=steps, output_file=str(options.save_file)), spec
    )
    for episode in episodes:
        assert episode.data is not None
        dataset.add_episode(*episode.data)
    dataset.save(options.save_file)


def make_env(env: AttrDict, env_spec: AttrDict | None = None) -> Any:
    """Build the environment; called in each worker."""
    from muse.envs.env import make

    return make(env, env_spec=env_spec)


def make_policy(environment: Any, policy: AttrDict) -> Any:
    """Build the policy that acts in a worker."""
    return instantiate(policy, environment.env_spec, None, environment)


def _plain(group: AttrDict) -> AttrDict:
    """The group without what only the experiment's name needs."""
    return AttrDict((k, v) for k, v in group.items() if k == "cls" or k not in BOOKKEEPING_KEYS)
