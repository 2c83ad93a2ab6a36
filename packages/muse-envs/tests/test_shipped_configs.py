"""The configs of simple and gymnasium environments build what they describe."""

from __future__ import annotations

import importlib

import pytest

from muse.envs.env import build_spec, make


@pytest.mark.parametrize(
    "name", ["simple.point_mass", "simple.point_mass_obstacles", "gym.pendulum"]
)
def test_env_and_spec_agree(name):
    if name.startswith("gym"):
        pytest.importorskip("gymnasium")
    config = importlib.import_module(f"muse.cfgs.env.{name}")
    with make(config.export) as env:
        assert env.env_spec == build_spec(config.env_spec)
        env.reset()
