"""RLHive's use of RoboHive: TorchRL's specs, parallel environments, and pictures as they are."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchrl")
from torchrl.envs import (  # noqa: E402
    ParallelEnv,
    ToTensorImage,
    TransformedEnv,
    check_env_specs,
)

from muse.envs.env import make  # noqa: E402
from muse.envs.robohive.robohive_env import RoboHiveEnv  # noqa: E402
from muse.envs.torchrl import to_torchrl  # noqa: E402

SMALL = {"env_name": "visual_franka_slide_open-v3", "image_size": [48, 64]}


@pytest.mark.parametrize("params", [{}, SMALL])
def test_passes_torchrls_check(params):
    env = to_torchrl(make(RoboHiveEnv, params))
    check_env_specs(env)
    env.close()


def test_pictures_reach_transforms_of_parallel_environments_unflattened():
    def slide():  # in here, so that workers need not import this module
        return to_torchrl(make(RoboHiveEnv, SMALL))

    keys = ["right_cam_image", "left_cam_image"]
    env = TransformedEnv(ParallelEnv(2, slide), ToTensorImage(in_keys=keys))
    try:
        rolled = env.rollout(2)
        assert rolled["next", "right_cam_image"].shape == (2, 2, 3, 48, 64)
        assert rolled["next", "rwd_sparse"].shape == (2, 2, 1)
    finally:
        env.close()
