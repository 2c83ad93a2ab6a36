"""What every environment of the extra `robohive` keeps, with and without images."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.params import import_object
from muse.envs.catalogue.entry import Entry
from muse.envs.catalogue.robohive import ENTRIES
from muse.envs.env import Env, make
from muse.envs.rollout import rollout
from muse.envs.testing import check_env

EACH = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
SOLVED = [entry for entry in ENTRIES if entry.expert]


@EACH
@pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
def test_keeps_the_contract(entry: Entry, image: bool) -> None:
    with make(entry.group(image)) as env:
        check_env(env, steps=1000, presets=entry.presets)


@EACH
def test_goes_on_from_a_saved_state_in_another_environment(entry: Entry) -> None:
    with make(entry.group()) as env, make(entry.group()) as other:
        env.seed(5)
        env.reset()
        first = _random_steps(env, 0, 10)[-1]
        saved = env.save_state()
        expected = _random_steps(env, 1, 10)
        other.seed(77)
        other.reset()
        restored = other.restore_state(saved)
        np.testing.assert_array_equal(restored["observation"], first)
        np.testing.assert_array_equal(_random_steps(other, 1, 10), expected)


@EACH
def test_a_broken_simulation_ends_the_episode(entry: Entry) -> None:
    with make(entry.group()) as env:
        env.reset()
        last = _random_steps(env, 0, 2)[-1]
        env.simulation.data.qvel[:] = np.nan
        action = np.zeros((1, *env.env_spec.shape("action")), np.float32)
        obs, _, done = env.step(AttrDict(action=action))
        assert done[0] and obs["truncated"][0, 0] and env.failed[0]
        np.testing.assert_array_equal(obs["observation"], last)
        env.reset()
        assert not env.failed[0]


@pytest.mark.parametrize("entry", SOLVED, ids=[entry.name for entry in SOLVED])
def test_the_expert_solves_it(entry: Entry) -> None:
    with make(entry.group(done_on_success=True)) as env:
        assert entry.expert is not None
        expert = import_object(entry.expert)(entry.expert_params, env.env_spec)
        episodes = rollout(env, expert, seeds=range(3))
        assert all(episode.success for episode in episodes)


def _random_steps(env: Env, seed: int, steps: int) -> np.ndarray:
    """Return `observation` after each of some random steps, (steps, 1, n)."""
    rng, seen = np.random.default_rng(seed), []
    for _ in range(steps):
        action = rng.uniform(-1, 1, (1, *env.env_spec.shape("action"))).astype(np.float32)
        seen.append(env.step(AttrDict(action=action))[0]["observation"])
    return np.array(seen)
