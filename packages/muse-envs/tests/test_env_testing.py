"""The contract checkers find what they are meant to find."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv, PushPolicy

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, SpecError
from muse.envs.env import make
from muse.envs.testing import EnvContract, check_env, check_policy


class TestCounterEnv(EnvContract):
    def make_env(self):
        return make(CounterEnv, AttrDict(goals=True))


def test_a_good_env_passes_as_class_and_object():
    check_env(CounterEnv, presets=AttrDict(count=2))
    env = make(CounterEnv)
    check_env(env)
    env.reset()  # still open
    check_env("env_zoo.CounterEnv")


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("unseeded", "same seed gave 'start'"),
        ("misspell", r"'count' is an array \(1, 1\) float32, expected \(1, 1\) int64"),
        ("reuse", "changed after it was returned"),
    ],
)
def test_broken_envs_are_found(trouble, message):
    with pytest.raises(EnvError, match=message):
        check_env(CounterEnv, AttrDict(trouble=trouble))


class Unchecked(CounterEnv):
    def step(self, action):
        return self.advance(action)


class Ignorant(CounterEnv):
    def _reset(self, presets):
        return super()._reset(AttrDict())


class Flagless(CounterEnv):
    def _step(self, action):
        obs, goal, done = super()._step(action)
        obs["terminated"] = np.zeros((1, 1), bool)
        return obs, goal, done


class Greyscale(CounterEnv):
    def render(self):
        return np.zeros((4, 4), np.uint8)


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (Unchecked, "contract broken: an action"),
        (Flagless, r"done=\[ True\] but terminated=\[False\]"),
        (Greyscale, r"render\(\) gave an array \(4, 4\) uint8"),
        (Ignorant, "preset 'count'=2 was not honoured"),
    ],
)
def test_broken_classes_are_found(cls, message):
    with pytest.raises((EnvError, KeyError), match=message):
        check_env(cls, presets=AttrDict(count=2))


def test_check_policy():
    with make(CounterEnv) as env:
        check_policy(PushPolicy(None, env.env_spec), env)
        with pytest.raises(SpecError, match="push"):
            check_policy(PushPolicy(AttrDict(push=3.0), env.env_spec), env)
        restless = PushPolicy(None, env.env_spec)
        rng = np.random.default_rng(0)
        plain = restless.get_action
        restless.get_action = lambda *a: (
            plain(*a)[0] & AttrDict(push=rng.random((1, 1)).astype(np.float32)),
            plain(*a)[1],
        )
        with pytest.raises(EnvError, match="same seed gave other actions"):
            check_policy(restless, env)
