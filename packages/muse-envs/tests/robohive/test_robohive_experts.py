"""RoboHive's scripted experts beyond the catalogue's tasks, and in batches."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.params import import_object
from muse.envs.catalogue.entry import Entry
from muse.envs.catalogue.robohive import ENTRIES
from muse.envs.env import make
from muse.envs.robohive.robohive_env import RoboHiveEnv
from muse.envs.rollout import rollout
from muse.policies.robohive_kitchen_expert import RoboHiveKitchenExpert
from muse.policies.robohive_pick_place_expert import RoboHivePickPlaceExpert

ARMS = [entry for entry in ENTRIES if entry.expert and "robohive_" in entry.expert]


@pytest.mark.parametrize("entry", ARMS, ids=[entry.name for entry in ARMS])
def test_rows_of_a_batch_act_as_they_do_alone(entry: Entry) -> None:
    with make(entry.group()) as env:
        assert entry.expert is not None
        expert = import_object(entry.expert)(entry.expert_params, env.env_spec)
        starts = []
        for seed in (0, 1):
            env.seed(seed)
            starts.append(env.reset()[0])
        both = AttrDict({name: np.concatenate([o[name] for o in starts]) for name in starts[0]})
        memory = expert.initial_memory(None, 2, seeds=[0, 1])
        action, _ = expert.get_action(None, both, AttrDict(), memory)
        for row, obs in enumerate(starts):
            alone = expert.initial_memory(None, 1, seeds=[row])
            single, _ = expert.get_action(None, obs, AttrDict(), alone)
            np.testing.assert_allclose(action["action"][row], single["action"][0], atol=1e-6)


@pytest.mark.parametrize("name", ["FK1_SdoorOpenRandom-v4", "franka_slide_close-v3"])
def test_the_kitchen_expert_does_what_the_goal_asks_for(name: str) -> None:
    with make(RoboHiveEnv, {"env_name": name, "done_on_success": True}) as env:
        expert = RoboHiveKitchenExpert({"env_name": name}, env.env_spec)
        assert all(episode.success for episode in rollout(env, expert, seeds=range(3)))


def test_the_pick_place_expert_does_the_fixed_task() -> None:
    params = {"env_name": "FrankaPickPlaceFixed-v0", "parts": ["object_shapes"]}
    with make(RoboHiveEnv, params | {"done_on_success": True}) as env:
        expert = RoboHivePickPlaceExpert({}, env.env_spec)
        assert all(episode.success for episode in rollout(env, expert, seeds=[0]))
