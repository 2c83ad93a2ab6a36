from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import MissingExtraError
from muse.envs.catalogue.pymunk import ENTRIES
from muse.envs.env import build_spec, make

ENVS = tuple(entry.cls for entry in ENTRIES)
CONFIGS = (
    "push_t",
    "push_t_image",
    "block_2d",
    "simple_block",
    "arrange_block",
    "stack_block",
    "slider_block",
    "navigation_block",
    "bottleneck_navigation",
    "move_block",
    "move_block_state",
    "move_block_collect",
)


@pytest.mark.parametrize("path", ENVS)
@pytest.mark.parametrize("missing", ["pymunk", "pygame"])
def test_a_missing_simulator_is_named(
    path: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'muse-envs\[pymunk\]'"):
        env = make(path, AttrDict())
        env.reset()
        env.render()


def test_specs_and_configs_need_no_simulator() -> None:
    code = (
        "import sys; sys.modules.update(pymunk=None, pygame=None)\n"
        "import importlib\n"
        f"for name in {CONFIGS}: importlib.import_module('muse.cfgs.env.pymunk.' + name)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", CONFIGS)
def test_configs_build_their_environment(name: str) -> None:
    config = importlib.import_module(f"muse.cfgs.env.pymunk.{name}")
    with make(config.export) as env:
        assert env.env_spec == build_spec(config.env_spec)
        env.seed(0)
        env.reset()


def test_no_display_is_opened() -> None:
    code = (
        "import pygame\n"
        "from muse.envs.env import make\n"
        f"for path in {ENVS}:\n"
        "    env = make(path); env.reset(); env.render()\n"
        "assert not pygame.display.get_init()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
