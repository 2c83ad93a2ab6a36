"""From a resolved config to the objects it describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from muse.core import AttrDict
from muse.core.errors import CheckpointError, ConfigError, suggest
from muse.core.params import instantiate
from muse.trainers.checkpoint import load_checkpoint


def group(params: AttrDict, name: str) -> AttrDict:
    """The config group `name`, or a `ConfigError` that lists those there are."""
    if name not in params:
        groups = [key for key, value in params.items() if isinstance(value, AttrDict)]
        raise ConfigError(
            f"the config has no group {name!r}, only {groups}.{suggest(name, groups)}"
        )
    return params[name]


def build_env_spec(params: AttrDict) -> Any:
    """The spec: the group `env_spec`, else what the class of `env_train` says."""
    if "env_spec" in params:
        return instantiate(params.env_spec)
    from muse.core.params import imported
    from muse.envs.env import build_spec

    env = group(params, "env_train")
    cls = imported(env.cls)
    return build_spec(cls.get_default_env_spec_params(cls.resolve_params(env)))


def build_optional(params: AttrDict, name: str, *args: Any, **kwargs: Any) -> Any:
    """The object of group `name`, or None where the config has no such group."""
    value = params.get(name)
    return None if value is None else instantiate(value, *args, **kwargs)


@dataclass
class LoadedRun:
    """A run loaded to act: its model, its policies and its spec.

    Attributes:
        config: the run's resolved parameters.
        model_file: where the weights came from; None for fresh ones.
        checkpoint: what the file says beside the weights: step, spec, policy, scalars.
    """

    config: AttrDict
    env_spec: Any
    model: Any
    policy: Any
    goal_policy: Any
    model_file: Path | None = None
    checkpoint: Mapping[str, Any] = field(default_factory=dict)

    def make_env(self, name: str = "env_train") -> Any:
        """A new environment of the config's group `name`, with the spec of the run."""
        return instantiate(group(self.config, name), self.env_spec)


def load_run(params: AttrDict, model_file: Path | None, device: str = "cpu") -> LoadedRun:
    """Build model and policies, and load the weights.

    Args:
        params: the resolved config.
        model_file: a checkpoint; None keeps the fresh weights.
        device: where the model goes.

    Raises:
        CheckpointError: the file is missing, damaged or belongs to another model.
    """
    env_spec = build_env_spec(params)
    model = instantiate(group(params, "model"), env_spec, None)
    checkpoint: dict[str, Any] = {}
    if model_file is not None:
        content = load_checkpoint(model_file)
        model.restore_from_checkpoint(content, strict=True)
        checkpoint = {key: content[key] for key in ("step", "scalars", "best") if key in content}
    model = to_device(model, device)
    model.eval()
    return LoadedRun(
        config=params,
        env_spec=env_spec,
        model=model,
        policy=instantiate(group(params, "policy"), env_spec),
        goal_policy=build_optional(params, "goal_policy", env_spec),
        model_file=model_file,
        checkpoint=checkpoint,
    )


def to_device(model: Any, device: str | None) -> Any:
    """Move `model` to `device`; None leaves it where its config put it.

    Raises:
        ConfigError: the device is unknown or not there.
    """
    if device is None:
        return model
    from muse.models.device import choose_device

    try:
        return model.to(choose_device(device))
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device {device!r} cannot be used: {error}") from error


def count_parameters(model: torch.nn.Module) -> int:
    """Number of trainable numbers of a model."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def resolve_run(run: str | Path, base_dir: Path | None = None) -> Path:
    """The folder of a run given as a path or as a name below `experiments/`.

    Raises:
        CheckpointError: there is no such run.
    """
    from muse.experiments.file_manager import default_base_dir

    base = base_dir or default_base_dir()
    experiments = base / "experiments"
    places = list(dict.fromkeys([Path(run), experiments / run, base / run]))
    for place in places:
        if (place / "config.json").is_file():
            return place
    there = [str(p.parent.relative_to(experiments)) for p in experiments.rglob("config.json")]
    listed = ", ".join(sorted(there)[:8]) or "none yet"
    raise CheckpointError(
        f"run {str(run)!r} not found: no config.json in {' or '.join(map(str, places))}; "
        f"runs there are: {listed}.{suggest(str(run), there)}"
    )


def expert_of(params: AttrDict) -> AttrDict:
    """The config's group `expert`, the scripted policy that solves its environment.

    Raises:
        ConfigError: there is none.
    """
    if "expert" not in params:
        raise ConfigError(
            "the config has no group 'expert'; give --policy the import path of a Policy class"
        )
    expert: AttrDict = params.expert
    return expert
