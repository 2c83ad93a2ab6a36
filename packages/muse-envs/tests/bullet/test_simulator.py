from __future__ import annotations

import subprocess
import sys

import pytest

from muse.core.errors import MissingExtraError
from muse.envs.bullet_envs.block3d.block_env_3d import BlockEnv3D
from muse.envs.bullet_envs.simulator import connect
from muse.envs.env import make


def test_a_missing_simulator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pybullet", "pybullet_utils", "pybullet_utils.bullet_client"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"BlockEnv3D.*muse-envs\[pybullet\]"):
        make(BlockEnv3D)


def test_importing_loads_no_simulator_and_building_prints_nothing() -> None:
    code = (
        "import sys\n"
        "from muse.envs.env import make\n"
        "from muse.envs.bullet_envs.block3d import DrawerButtonPlayroomEnv3D as cls\n"
        "assert 'pybullet' not in sys.modules\n"
        "with make(cls) as env:\n"
        "    env.reset()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_world_is_its_own() -> None:
    first, second = connect("a test"), connect("a test")
    first.createMultiBody(0.0)
    assert (first.getNumBodies(), second.getNumBodies()) == (1, 0)
    second.disconnect()
    assert first.isConnected() and not second.isConnected()
    first.disconnect()
