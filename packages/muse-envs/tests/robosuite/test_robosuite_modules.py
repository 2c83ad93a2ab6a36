from __future__ import annotations

import importlib
import subprocess
import sys
import types

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MissingExtraError
from muse.envs.catalogue import entries
from muse.envs.env import build_spec, make
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

CONFIGS = (
    "can",
    "door",
    "lift",
    "square",
    "square_image",
    "square_sweep",
    "stack",
    "tool_hang",
    "tool_hang_sweep",
    "transport",
    "wipe",
)


@pytest.mark.parametrize("missing", ["robosuite", "mujoco"])
def test_a_missing_simulator_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'muse-envs\[robosuite\]'"):
        make(RobosuiteEnv)


def test_specs_configs_and_experts_need_no_simulator() -> None:
    code = (
        "import sys; sys.modules.update(robosuite=None, mujoco=None)\n"
        "import importlib\n"
        f"for name in {CONFIGS}: importlib.import_module('muse.cfgs.env.robosuite.' + name)\n"
        "from muse.core.attrdict import AttrDict\n"
        "from muse.envs.env import build_spec\n"
        "from muse.policies.robosuite_policies import PLANS, WaypointPolicy\n"
        "spec = build_spec(importlib.import_module('muse.cfgs.env.robosuite.lift').env_spec)\n"
        "for task in PLANS: WaypointPolicy(AttrDict(task=task), spec)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_printed_and_no_display_is_opened() -> None:
    pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")
    code = (
        "import os; os.environ.pop('DISPLAY', None)\n"
        "from muse.envs.env import make\n"
        "with make('muse.envs.robosuite.robosuite_env.RobosuiteEnv') as env: env.reset()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "" and "WARNING" not in done.stderr


@pytest.mark.parametrize("name", CONFIGS)
def test_configs_build_their_environment(name: str) -> None:
    pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")
    config = importlib.import_module(f"muse.cfgs.env.robosuite.{name}")
    with make(config.export) as env:
        assert env.env_spec == build_spec(config.env_spec)


def test_the_catalogue_lists_the_tasks_with_their_extra() -> None:
    family = [entry for entry in entries() if entry.cls.endswith("RobosuiteEnv")]
    assert len(family) == 8 and {entry.extra for entry in family} == {"robosuite"}
    for entry in family:
        given = AttrDict((k, v) for k, v in entry.group(image=True).items() if k != "cls")
        spec = RobosuiteEnv.get_default_env_spec_params(RobosuiteEnv.resolve_params(given))
        assert "image" in build_spec(spec).observation_names


def test_robomimics_wrapper_says_why_it_cannot_be_used() -> None:
    pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")
    with pytest.raises(EnvError, match="use backend='robosuite'"):
        make(RobosuiteEnv, AttrDict(backend="robomimic"))


def test_robomimics_wrapper_gives_the_same_episode(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")
    pytest.importorskip("robomimic", reason="parity with robomimic needs robomimic")
    # Version 0.3 names mujoco_py only in a list of errors to catch.
    monkeypatch.setitem(sys.modules, "mujoco_py", types.ModuleType("mujoco_py"))
    seen = []
    for backend in ("robosuite", "robomimic"):
        with make(RobosuiteEnv, AttrDict(env_name="Lift", backend=backend)) as env:
            env.seed(0)
            env.reset()
            move = AttrDict(action=np.full((1, 7), 0.2, np.float32))
            seen.append([env.step(move)[0].object for _ in range(3)])
    np.testing.assert_array_equal(*seen)
