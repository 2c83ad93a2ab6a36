"""Every 3-D environment of the catalogue, with and without images."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.params import import_object
from muse.envs.bullet_envs import block3d
from muse.envs.catalogue.block3d import ENTRIES
from muse.envs.catalogue.entry import Entry
from muse.envs.env import make
from muse.envs.rollout import rollout
from muse.envs.testing import check_env, check_policy

SMALL = {"img_width": 48, "img_height": 32}
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


@every_entry
@pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
def test_keeps_the_contract_over_1000_random_steps(entry: Entry, image: bool) -> None:
    with make(entry.group(image, **SMALL)) as env:
        check_env(env, steps=1000, presets=entry.presets)
        assert ("image" in env.env_spec.observation_names) == image


@every_entry
def test_is_handed_out_by_its_package(entry: Entry) -> None:
    name = entry.cls.rpartition(".")[2]
    assert getattr(block3d, name) is import_object(entry.cls)


@every_entry
def test_every_task_begins_away_from_its_goal(entry: Entry) -> None:
    for task in import_object(entry.cls).all_params()["task"].choices:
        with make(entry.group(task=task)) as env:
            for seed in (0, 1):
                env.seed(seed)
                _, goal = env.reset()
                assert (len(goal) == 0) == (task is None)
                assert not env.is_success()[0]


@every_entry
def test_the_expert_solves_the_task(entry: Entry) -> None:
    with make(entry.group()) as env:
        expert = import_object(entry.expert)(AttrDict(), env.env_spec, env=env)
        episodes = list(rollout(env, expert, seeds=range(100, 104)))
        assert sum(episode.success for episode in episodes) >= 3
        assert all(episode.max_reward == episode.success for episode in episodes)


def test_the_expert_keeps_the_policy_contract() -> None:
    entry = ENTRIES[0]
    with make(entry.group()) as env:
        expert = import_object(entry.expert)(AttrDict(), env.env_spec, env=env)
        check_policy(expert, env)


def test_1000_random_steps_of_one_episode_stay_within_the_spec() -> None:
    with make(ENTRIES[-1].group(task=None, max_steps=None)) as env:
        env.seed(3)
        env.reset()
        rng = np.random.default_rng(0)
        low, high = env.env_spec.limits("action")
        for _ in range(1000):
            action = rng.uniform(low, high).astype(np.float32)[None]
            obs, goal, done = env.step(AttrDict(action=action))
            assert not done[0] and not env.failed[0] and len(goal) == 0
            for name, value in obs.leaf_items():
                least, most = env.env_spec.limits(name)
                assert (value >= least).all() and (value <= most).all(), (name, value)
