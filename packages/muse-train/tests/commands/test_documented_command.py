"""The documented vision command, word for word, on a small file in the documented layout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from muse.configs import load_config

COMMAND = ["--no_env", "cfgs/exp_hvs/coffee/vis_bc_rnn.py", "--dataset", "make-coffee_eimgs_100ep"]
NAME = "real/velact_aug_b8_h10_make-coffee_eimgs_100ep_vis_bc-l2_lstm-hs1000-ps0"
DOOR = Path(__file__).parents[4] / "scripts" / "goal_train.py"
#: One gradient step on one window instead of 600 000 on eight: what a test can wait for.
SHORT = [
    "%trainer",
    "--max_steps",
    "1",
    "--save_every_n_steps",
    "1",
    "--save_checkpoint_every_n_steps",
    "1",
    "--holdout_every_n_steps",
    "0",
    "%dataset_train",
    "--batch_size",
    "1",
]


def write_recording(path: Path, lengths: list[int]) -> None:
    """Episodes of a Franka arm with two 240×320 cameras, everything the arm records."""
    rng = np.random.default_rng(0)
    steps = sum(lengths)
    sizes = {"q": 7, "qdot": 7, "ee_position": 3, "ee_orientation": 4, "ee_orientation_eul": 3}
    sizes |= {"gripper_width": 1, "gripper_pos": 1, "gripper_open": 1, "action": 7, "reward": 1}
    columns = {k: rng.uniform(-1, 1, (steps, n)).astype(np.float32) for k, n in sizes.items()}
    image = rng.integers(0, 256, (steps, 240, 320, 3), dtype=np.uint8)
    done = np.zeros(steps, bool)
    done[np.cumsum(lengths) - 1] = True
    timestep = np.concatenate([np.arange(n) for n in lengths])
    path.parent.mkdir(parents=True)
    np.savez(
        path, **columns, image=image, ego_image=image[::-1], done=done, rollout_timestep=timestep
    )


def test_its_defaults() -> None:
    config = load_config(COMMAND[1], COMMAND[2:])
    assert config.exp_name == NAME
    params = config.params
    assert (params.batch_size, params.horizon, params.device) == (8, 10, "cuda")
    assert params.trainer.max_steps == 600_000
    assert params.trainer.save_checkpoint_every_n_steps == 20_000
    assert params.dataset_train.file == "real/make-coffee_eimgs_100ep.npz"
    decoder = params.model.action_decoder
    assert (decoder.rnn_type, decoder.hidden_size, decoder.rnn_depth) == ("lstm", 1000, 2)
    assert params.trainer.data_augmentation_params.augment_keys == ["ee_position", "ee_orientation"]


def test_the_name_tells_whether_states_are_augmented() -> None:
    config = load_config(COMMAND[1], [*COMMAND[2:], "--no-augment"])
    assert config.exp_name == NAME.replace("aug_", "")
    assert not len(config.params.trainer.data_augmentation_params)


@pytest.mark.parametrize("door", ["scripts/goal_train.py", "muse train"])
def test_it_trains(tmp_path: Path, door: str) -> None:
    if door == "muse train":
        words = [sys.executable, "-m", "muse.cli", "train"]
    elif DOOR.is_file():
        words = [sys.executable, str(DOOR)]
    else:
        pytest.skip("scripts/goal_train.py is part of a checkout, and there is none around")
    write_recording(tmp_path / "data/real/make-coffee_eimgs_100ep.npz", [11] * 10)
    done = subprocess.run(
        [*words, *COMMAND, *SHORT],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "MUSE_DIR"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    models = tmp_path / "experiments" / NAME / "models"
    assert sorted(p.name for p in models.glob("*.pt")) == ["chkpt_0000000001.pt", "model.pt"]
