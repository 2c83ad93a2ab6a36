"""A person drives the Adroit hand, in gymnasium-robotics as in RoboHive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from held_keys import HeldKeys

from muse.core.attrdict import AttrDict
from muse.envs.env import Env, make
from muse.envs.gym_robotics.adroit_env import AdroitEnv
from muse.envs.teleop.teleop_policy import TeleopPolicy


def hold(env: Env, *keys: str, steps: int = 50) -> Mapping[str, np.ndarray]:
    """Return where palm and fingertips are after holding keys from a reset on."""
    env.seed(0)
    obs, goal = env.reset()
    policy = TeleopPolicy({}, env.env_spec, env=env, user_input=HeldKeys(*keys))
    memory = policy.initial_memory(None, 1)
    for _ in range(steps):
        action, memory = policy.get_action(None, obs, goal, memory)
        assert np.abs(action["action"]).max() <= 1.0
        obs, goal, _ = env.step(action)
    data: Any = env.simulator.data  # type: ignore[attr-defined]
    tips = {name: data.site(f"S_{name}tip").xpos.copy() for name in ("ff", "lf", "th")}
    return {"palm": data.body("palm").xpos.copy(), **tips}


def apart(places: Mapping[str, np.ndarray], one: str, other: str) -> float:
    return float(np.linalg.norm(places[one] - places[other]))


@pytest.mark.parametrize(
    ("keys", "axis", "sign"),
    [("a", 0, -1), ("d", 0, 1), ("r", 2, 1), ("w", 1, 1), ("s", 1, -1), ("t", 2, 1), ("x", 0, 1)],
)
def test_keys_move_the_palm(keys: str, axis: int, sign: int) -> None:
    with make(AdroitEnv, {"task": "relocate"}) as env:
        moved = hold(env, keys)["palm"] - hold(env)["palm"]
        assert sign * moved[axis] > 0.05


@pytest.mark.parametrize("task", ["pen", "hammer", "door", "relocate"])
def test_fingers_close_pinch_and_spread(task: str) -> None:
    with make(AdroitEnv, {"task": task}) as env:
        still = hold(env)
        assert apart(hold(env, "p"), "ff", "th") < 0.6 * apart(still, "ff", "th")
        assert apart(hold(env, "v"), "ff", "lf") > 1.5 * apart(still, "ff", "lf")
        if task != "pen":  # which lies in the hand
            assert apart(hold(env, "space"), "ff", "palm") < 0.6 * apart(still, "ff", "palm")


def test_fingers_open_again_when_the_key_is_let_go() -> None:
    with make(AdroitEnv, {"task": "door"}) as env:
        before = hold(env)
        hold(env, "space")
        obs = AttrDict()
        for _ in range(60):
            obs, _, _ = env.step(env.teleop_action(HeldKeys(), obs))
        tip = env.simulator.data.site("S_fftip").xpos
        palm = env.simulator.data.body("palm").xpos
        assert np.linalg.norm(tip - palm) == pytest.approx(apart(before, "ff", "palm"), abs=0.02)


def test_a_task_has_the_keys_of_the_joints_its_arm_has() -> None:
    keys = {}
    for task in ("pen", "hammer", "door", "relocate"):
        with make(AdroitEnv, {"task": task}) as env:
            keys[task] = set(env.teleop_keys)
    assert keys["pen"] == {"left", "right", "up", "down", "space", "p", "v"}
    assert keys["hammer"] == keys["pen"] | {"t", "g", "z", "x"}
    assert keys["pen"] < keys["door"] < keys["relocate"]
