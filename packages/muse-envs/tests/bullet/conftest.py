import pytest

pytest.importorskip("pybullet", reason="the 3-D environments need muse-envs[pybullet]")
