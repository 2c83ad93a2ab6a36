"""The scripted experts of gymnasium's own environments."""

from __future__ import annotations

import pytest

from muse.core.attrdict import AttrDict
from muse.core.params import instantiate
from muse.envs.catalogue import gym
from muse.envs.env import make
from muse.envs.rollout import rollout, summarize
from muse.envs.simple.gym import GymEnv
from muse.envs.testing import check_policy
from muse.policies.random_policy import RandomPolicy

pytest.importorskip("gymnasium")


@pytest.mark.parametrize("entry", gym.ENTRIES, ids=lambda entry: entry.name)
def test_the_expert_succeeds_and_chance_does_not(entry):
    with make(entry.group()) as env:
        assert isinstance(env, GymEnv)
        group = AttrDict(cls=entry.expert, **entry.expert_params)
        expert = instantiate(group, env.env_spec)
        check_policy(expert, env)
        assert summarize(rollout(env, expert, seeds=range(50))).rate >= 0.9
        chance = rollout(env, RandomPolicy(None, env.env_spec), seeds=range(10))
        assert summarize(chance).rate <= 0.1
