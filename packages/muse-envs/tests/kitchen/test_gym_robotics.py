"""What every environment of the extra `kitchen` keeps, with and without images."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.catalogue.entry import Entry
from muse.envs.catalogue.kitchen import ENTRIES
from muse.envs.env import Env, make
from muse.envs.testing import check_env
from muse.policies.random_policy import RandomPolicy

EACH = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])


@EACH
@pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
def test_keeps_the_contract(entry: Entry, image: bool) -> None:
    with make(entry.group(image)) as env:
        check_env(env, steps=1000, presets=entry.presets)


@EACH
def test_a_thousand_random_steps_stay_in_the_spec(entry: Entry) -> None:
    with make(entry.group(done_on_success=False, max_steps=1000)) as env:
        env.seed(3)
        obs, goal = env.reset()
        policy = RandomPolicy(AttrDict(), env.env_spec)
        memory = policy.initial_memory(None, 1, seeds=[3])
        for step in range(1000):
            action, memory = policy.get_action(None, obs, goal, memory)
            obs, goal, done = env.step(action)
            assert np.isfinite(obs["state"]).all()
            assert bool(done[0]) == (step == 999)
        assert not env.failed.any()


@EACH
def test_goes_on_from_a_saved_state_as_if_it_had_never_left(entry: Entry) -> None:
    with make(entry.group()) as env:
        env.seed(5)
        env.reset()
        rng = np.random.default_rng(0)
        first = _random_steps(env, rng, 15)[-1]
        saved = env.save_state()
        later = np.random.default_rng(1)
        expected = _random_steps(env, later, 10)
        env.seed(77)
        env.reset()
        restored = env.restore_state(saved)
        np.testing.assert_array_equal(restored["state"], first)
        again = _random_steps(env, np.random.default_rng(1), 10)
        np.testing.assert_array_equal(again, expected)


@EACH
def test_a_broken_simulation_ends_the_episode(entry: Entry) -> None:
    with make(entry.group()) as env:
        env.reset()
        last = _random_steps(env, np.random.default_rng(0), 2)[-1]
        env.simulator.data.qvel[:] = np.nan
        action = np.zeros((1, *env.env_spec.shape("action")), np.float32)
        obs, _, done = env.step(AttrDict(action=action))
        assert done[0] and obs["truncated"][0, 0] and env.failed[0]
        np.testing.assert_array_equal(obs["state"], last)


def test_presets_of_a_wrong_size_are_refused() -> None:
    with (
        make("muse.envs.gym_robotics.adroit_env.AdroitEnv", {"task": "pen"}) as env,
        pytest.raises(EnvError, match="desired_orien.*expected 4 finite numbers"),
    ):
        env.reset({"desired_orien": [1.0, 0.0]})


def test_an_adroit_episode_starts_where_the_presets_say() -> None:
    with make("muse.envs.gym_robotics.adroit_env.AdroitEnv", {"task": "relocate"}) as env:
        target = np.array([0.1, -0.2, 0.3])
        env.reset({"target_pos": target})
        site = env.simulator.target_obj_site_id
        np.testing.assert_allclose(env.simulator.data.site_xpos[site], target, atol=1e-6)


def _random_steps(env: Env, rng: np.random.Generator, steps: int) -> np.ndarray:
    """Return `state` after each of some random steps, (steps, 1, n)."""
    states = []
    for _ in range(steps):
        action = rng.uniform(-1, 1, (1, *env.env_spec.shape("action"))).astype(np.float32)
        states.append(env.step(AttrDict(action=action))[0]["state"])
    return np.array(states)
