"""Muse environments pass TorchRL's check and work in its ParallelEnv, transforms and collectors."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.simple.point_mass_vector_env import PointMassVectorEnv
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv

torch = pytest.importorskip("torch")
pytest.importorskip("torchrl")
from torchrl.envs import (  # noqa: E402
    Compose,
    DoubleToFloat,
    ParallelEnv,
    RewardSum,
    StepCounter,
    TransformedEnv,
    check_env_specs,
)

from muse.envs.torchrl import to_torchrl  # noqa: E402

GYM = "muse.envs.simple.gym.GymEnv"


def points(cls=None, rows=3, **params):
    if cls is None:
        return make(PointMassEnv, params)
    group = AttrDict(cls=PointMassEnv) & AttrDict(params)
    return make(cls, AttrDict(num_envs=rows, env=group))


def transformed_points():
    env = to_torchrl(points(num_steps=7))
    return TransformedEnv(env, Compose(StepCounter(), RewardSum(), DoubleToFloat()))


@pytest.mark.parametrize(
    ("cls", "params"),
    [
        (PointMassEnv, {}),
        (PointMassEnv, {"num_obstacles": 2}),
        (CounterEnv, {"goals": True}),
        (GYM, {"env_type": "CartPole-v1"}),
        (GYM, {"env_type": "Pendulum-v1"}),
    ],
)
def test_passes_torchrls_check_alone(cls, params):
    if cls is GYM:
        pytest.importorskip("gymnasium")
    check_env_specs(to_torchrl(make(cls, AttrDict(params))))


@pytest.mark.parametrize("cls", [PointMassVectorEnv, SyncVectorEnv, SubprocVectorEnv])
def test_passes_torchrls_check_as_a_vector(cls):
    env = to_torchrl(points(cls, num_obstacles=1))
    assert env.batch_size == torch.Size([3])
    check_env_specs(env)
    env.close()


def test_rollouts_hold_what_the_environment_gave():
    env, same = to_torchrl(points(num_obstacles=1)), points(num_obstacles=1)
    env.set_seed(3)
    same.seed(3)
    torch.manual_seed(0)
    rolled = env.rollout(5)
    obs, _ = same.reset()
    for step in range(5):
        now = rolled[step]
        assert np.array_equal(now["objects", "position"].numpy(), obs["objects/position"][0])
        obs, _, _ = same.step(AttrDict(action=now["action"].numpy()[None]))
        assert np.array_equal(now["next", "ego"].numpy(), obs["ego"][0])
        assert now["next", "reward"].item() == obs["reward"].item()


def test_rows_of_a_vector_are_reset_alone():
    env = to_torchrl(points(PointMassVectorEnv, num_steps=4, target_speed=0.0))
    env.set_seed(0)
    rolled = env.rollout(10, break_when_any_done=False)
    assert rolled.batch_size == torch.Size([3, 10])
    assert rolled["next", "truncated"][:, :, 0].sum(1).tolist() == [2, 2, 2]
    assert not rolled["failed"].any()


def test_a_broken_simulator_shows():
    env = to_torchrl(make(CounterEnv, AttrDict(trouble="nan", trouble_at=2)))
    rolled = env.rollout(5)
    assert rolled["next", "failed"].ravel().tolist() == [False, True]
    assert rolled["next", "truncated"].ravel().tolist() == [False, True]


def test_parallel_env_and_transforms():
    env = ParallelEnv(2, transformed_points)
    try:
        rolled = env.rollout(7)
        assert rolled.batch_size == torch.Size([2, 7])
        assert rolled["next", "step_count"][:, -1].ravel().tolist() == [7, 7]
    finally:
        env.close()


def test_collector():
    from torchrl.collectors import Collector

    collector = Collector(transformed_points, None, frames_per_batch=20, total_frames=40)
    try:
        batches = list(collector)
    finally:
        collector.shutdown()
    assert [batch.numel() for batch in batches] == [20, 20]
    assert batches[0]["next", "truncated"].any()


def test_one_reset_too_many_is_refused():
    group = AttrDict(num_envs=2, auto_reset=True, env=AttrDict(cls=PointMassEnv))
    with pytest.raises(EnvError, match="auto_reset=False"):
        to_torchrl(make(PointMassVectorEnv, group))
