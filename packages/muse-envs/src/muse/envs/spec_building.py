"""From the parameters of an environment's spec to the spec, and to what an observation holds."""

from __future__ import annotations

from muse.core.attrdict import AttrDict
from muse.core.params import imported
from muse.core.spec import EnvSpec


def build_spec(spec_params: AttrDict) -> EnvSpec:
    """Build the spec that `get_default_env_spec_params` describes."""
    cls = imported(spec_params["cls"])
    spec: EnvSpec = cls(AttrDict((k, v) for k, v in spec_params.items() if k != "cls"))
    return spec


def observed_names(env_spec: EnvSpec) -> tuple[str, ...]:
    """Return the names every observation holds, those kept once an episode included."""
    groups = (
        env_spec.observation_names,
        env_spec.output_observation_names,
        env_spec.param_names,
        env_spec.final_names,
    )
    return tuple(dict.fromkeys(name for group in groups for name in group))
