"""Replaying in environments: the real Push-T demonstrations, and one that remembers its state."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
import pytest

from muse.core.errors import UsageError
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import open_source

PUSH_T = "muse.envs.pymunk.push_t_env.PushTEnv"
POINT_MASS = "muse.envs.simple.point_mass_env.PointMassEnv"
PRESET = ["--state-preset", "state=agent_pos,block_pose"]

pytest.importorskip("muse.envs.env", reason="replaying needs muse-envs")


@pytest.fixture
def push_t(real_data):
    pytest.importorskip("pymunk", reason="Push-T needs pymunk")
    pytest.importorskip("zarr", reason="reading Zarr needs the extra zarr")
    return str(real_data / "pusht" / "pusht_cchi_v7_replay.zarr")


def replayed(capsys, *argv):
    capsys.readouterr()
    assert main(["replay", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_human_push_t_comes_back_by_its_actions(push_t, tmp_path, capsys):
    plot = tmp_path / "drift.svg"
    found = replayed(
        capsys, push_t, "--env", PUSH_T, *PRESET, "--episodes", "0,17", "--plot", str(plot)
    )
    for episode in found:
        assert episode["replayed"] == episode["recorded"]
        assert len(episode["drift"]["block_pose"]) == episode["recorded"]
        assert max(episode["drift"]["block_pose"]) < 1  # px and rad, in 20 s of pushing
    assert "block_pose: distance" in plot.read_text()


def test_data_without_observations_are_held_against_their_states(push_t, tmp_path, capsys):
    raw = str(tmp_path / "raw.npz")
    drop = ["--drop", "keypoints", "--drop", "image"]
    renames = ["--rename", "agent_pos=a", "--rename", "block_pose=b"]
    argv = ["edit", push_t, "--delete", "1:", *drop, *renames, "--to", raw]
    assert main(argv) == 0
    argv = (raw, "--env", PUSH_T, "--state-preset", "state=a,b", "--every", "40")
    found = replayed(capsys, *argv)[0]
    assert found["steps"] == [0, 40, 80, 120, 160] and found["replayed"] == 161
    assert max(found["drift"]["block_pose"]) < 1


def test_actions_beyond_the_limits_are_clipped_on_demand(push_t, tmp_path, capsys):
    from muse.core.errors import SpecError

    with open_source(push_t) as source:
        names = ("agent_pos", "block_pose", "action")
        data = {name: source.read(name, 0)[:9] for name in names}
    data["action"][3] = 600
    np.savez(tmp_path / "far.npz", done=np.arange(9) == 8, **data)
    argv = (str(tmp_path / "far.npz"), "--env", PUSH_T, *PRESET)
    with pytest.raises(SpecError, match="outside its limits"):
        main(["replay", *argv])
    assert replayed(capsys, *argv, "--clip")[0]["replayed"] == 9


def test_a_wrong_start_shows_as_drift(push_t, capsys):
    argv = (push_t, "--env", PUSH_T, "--state-preset", "state=block_pose,agent_pos")
    found = replayed(capsys, *argv, "--episodes", "0")
    assert max(found[0]["drift"]["block_pose"]) > 10


def test_states_are_set_one_by_one(push_t, capsys):
    found = replayed(capsys, push_t, "--env", PUSH_T, *PRESET, "--episodes", "3", "--by", "states")
    assert max(found[0]["drift"]["block_pose"]) < 1e-3


def test_saved_states_are_restored(tmp_path, capsys):
    from muse.core.attrdict import AttrDict
    from muse.envs.env import make

    rng = np.random.default_rng(0)
    rows = defaultdict(list)
    with make(POINT_MASS, {"num_obstacles": 2}) as env:
        env.seed(0)
        env.reset()
        for _ in range(8):
            for name, value in env.save_state().leaf_items():  # `ego` and `target` are seen, too
                rows[name].append(value)
            env.step(AttrDict(action=rng.uniform(-0.5, 0.5, (1, 2)).astype(np.float32)))
    done = np.arange(8) == 7
    np.savez(tmp_path / "s.npz", done=done, **{k: np.stack(v) for k, v in rows.items()})
    env_of = ["--env", POINT_MASS, "--env-params", "num_obstacles=2"]
    found = replayed(capsys, str(tmp_path / "s.npz"), *env_of, "--by", "states")
    assert all(max(values) < 1e-6 for values in found[0]["drift"].values())


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ([], "--env is missing"),
        (["--env", "muse.envs.pymunk.push_t_env.PushEnv"], "Did you mean"),
        (["--env", POINT_MASS], "share no observation"),
        (["--env", PUSH_T, "--every", "0"], "1 or more"),
        (["--env", PUSH_T, "--env-params", "max_steps"], "NAME=VALUE"),
        (["--env", PUSH_T, "--plot", "x.png"], "ends in .svg"),
    ],
)
def test_wrong_usage_is_explained(make_data, write, more, match):
    with pytest.raises(UsageError, match=match):
        main(["replay", write(make_data([3])), *more])
