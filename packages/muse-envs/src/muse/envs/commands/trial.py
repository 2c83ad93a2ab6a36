"""`Trial`: what a policy reached in an environment over many seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.params import object_path
from muse.envs.commands.chosen import Chosen
from muse.envs.episode import Episode
from muse.envs.parallel import Factory, agent_from_group, parallel_rollout
from muse.envs.statistics import summarize


@dataclass(frozen=True)
class Trial:
    """Episodes of a policy.

    Args:
        name: of the environment.
        policy: import path of the policy.
        episodes: one for each seed.
        seconds: they took together, resets and the start of workers included.
    """

    name: str
    policy: str
    episodes: Sequence[Episode]
    seconds: float

    @property
    def steps(self) -> int:
        """Steps of all episodes."""
        return sum(episode.length for episode in self.episodes)

    @property
    def summary(self) -> AttrDict:
        """The numbers of `muse.envs.statistics.summarize`."""
        return summarize(self.episodes)

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        summary = self.summary
        return {
            "env": self.name,
            "policy": self.policy,
            **{name: value for name, value in summary.items() if name != "interval"},
            "interval": list(summary.interval),
            "seconds": self.seconds,
            "steps_per_second": self.steps / self.seconds,
            "per_episode": [episode.as_dict() for episode in self.episodes],
        }


def run_trial(
    env: Chosen,
    policy: AttrDict,
    seeds: Sequence[int],
    workers: int | None = 0,
    *,
    presets: Mapping[str, Any] | None = None,
    frames: int = 0,
    on_episode: Callable[[Episode], None] | None = None,
) -> Trial:
    """Run a policy for each seed.

    Args:
        env: the environment.
        policy: group of the policy.
        seeds: one for each episode.
        workers: processes; None for one a core, 0 for this one alone.
        presets: given to each reset.
        frames: episodes to keep the pictures of.
        on_episode: called with each episode as it ends.
    """
    began = time.perf_counter()
    episodes = parallel_rollout(
        Factory("muse.envs.env.make", {"env_cls": env.group}),
        Factory(agent_from_group, {"policy": policy}),
        seeds,
        workers,
        presets=presets,
        frames=frames,
        on_episode=on_episode,
    )
    seconds = time.perf_counter() - began
    cls = policy["cls"]
    return Trial(env.name, cls if isinstance(cls, str) else object_path(cls), episodes, seconds)
