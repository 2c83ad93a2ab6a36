from __future__ import annotations

import os

import pytest

os.environ.setdefault("MUJOCO_GL", "osmesa")  # before MuJoCo is imported for the first time
pytest.importorskip("gymnasium_robotics", reason="these tests need muse-envs[kitchen]")
