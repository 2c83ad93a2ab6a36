"""A policy of one's own, and its episodes: `python examples/reach_policy.py`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from reach_env import ReachEnv

from muse.core import AttrDict
from muse.core.params import Param, non_negative, positive
from muse.core.policy import Policy, next_count, row_generators


class ReachPolicy(Policy):
    """Go to the mark; all it knows between two steps is in the memory."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("gain", float, 5.0, help="action for each metre of distance", check=positive),
        Param("noise_std", float, 0.0, help="noise on the action", check=non_negative),
    )

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return actions (B, 1) for observations (B, 1)."""
        action = self.params.gain * (obs.mark - obs.position)
        if self.params.noise_std:
            # A pure function of each row's seed and count: the same whatever is batched together.
            noise = np.array([[rng.normal()] for rng in row_generators(memory)])
            action = action + self.params.noise_std * noise
        return AttrDict(action=np.clip(action, -1, 1).astype(np.float32)), next_count(memory)


def main() -> None:
    """Check the contract, then run ten episodes."""
    from muse.envs.env import make
    from muse.envs.rollout import rollout
    from muse.envs.testing import check_policy

    with make(ReachEnv) as env:
        policy = ReachPolicy(AttrDict(noise_std=0.1), env.env_spec)
        check_policy(policy, env)
        print("ReachPolicy keeps the contract of Policy")
        episodes = rollout(env, policy, seeds=range(10))
    print(f"{sum(e.success for e in episodes)} of {len(episodes)} episodes reached the mark")


if __name__ == "__main__":
    main()
