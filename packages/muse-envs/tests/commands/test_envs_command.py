"""`muse envs`, from the command line to its output."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from muse.cli.main import main
from muse.envs.catalogue import entries

HELPERS = Path(__file__).parent.parent / "helpers"


@pytest.fixture(autouse=True)
def _no_display(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def envs(*words: str) -> int:
    return main(["envs", *words])


def fails(capsys, *words: str) -> str:
    """Run a command that goes wrong and return its one line."""
    assert envs(*words) != 0
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("muse: error: ")
    return error


def test_list_names_the_whole_catalogue(capsys):
    assert envs("list") == 0
    shown = capsys.readouterr().out
    assert all(entry.name in shown for entry in entries())
    assert envs("list", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {entry.name for entry in entries()}
    assert rows["point-mass"]["installed"] is True
    assert rows["push-t"]["extra"] == "pymunk"


def test_an_environment_whose_extra_is_missing_says_how_to_install_it(capsys, monkeypatch):
    monkeypatch.setattr("muse.envs.commands.installed.lacking", lambda package, extra: [extra])
    assert envs("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "pip install 'muse-envs[pymunk]'" in next(x for x in lines if x.startswith("push-t "))
    assert "installed" in next(x for x in lines if x.startswith("point-mass "))


def test_info_shows_spec_parameters_and_keys(capsys):
    assert envs("info", "point-mass", "--num_obstacles", "3") == 0
    shown = capsys.readouterr().out
    assert "objects/position" in shown and "(3, 2)" in shown
    assert "num_obstacles" in shown and "default 0" in shown
    assert "hundredths of the square" in shown
    assert "within `tolerance`" in shown
    assert "move left" in shown
    assert "ego, target" in shown


def test_info_knows_the_parameters_without_the_simulator(capsys, monkeypatch):
    pytest.importorskip("pymunk")
    for name in list(sys.modules):
        if name.partition(".")[0] == "pymunk":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymunk", None)
    assert envs("info", "push-t") == 0
    shown = capsys.readouterr()
    assert "max_steps" in shown.out
    assert "pip install 'muse-envs[pymunk]'" in shown.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["info", "point-mas"], "Did you mean 'point-mass'"),
        (["info", "no_such_package.Env"], "no_such_package"),
        (["info", "muse.envs.episode.Episode"], "is no Env class"),
        (["info", "point-mass", "--num_step", "3"], "Did you mean 'num_steps'"),
        (["play", "point-mass", "--episode", "3"], "Did you mean '--episodes'"),
        (["info", "point-mass", "--num_steps", "many"], "num_steps='many' is not allowed"),
        (["info", "muse.envs.simple.PointMassEnv", "--image"], "no image observation of"),
        (["list", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["expert"], "or --all"),
        (["expert", "--all", "--num_steps=3"], "--all takes no parameters"),
        (["expert", "point-mass", "--episodes", "0"], "a whole number of 1 or more, got '0'"),
        (["expert", "point-mass", "--policy", "muse.envs.env.Env"], "is no Policy class"),
        (["expert", "env_zoo.CounterEnv"], "has no scripted expert"),
        (["expert", "point-mass", "--preset", "ego"], "expected NAME=VALUE"),
        (["video", "point-mass", "--out", "film.avi"], "must be .gif or .mp4"),
        (["play", "env_zoo.CounterEnv"], "muse envs video env_zoo.CounterEnv --policy random"),
        (["play", "point-mass", "--render"], "leave --render out"),
    ],
)
def test_wrong_usage_is_one_line(capsys, words, message):
    assert message in fails(capsys, *words)


def test_expert_measures_success(capsys):
    assert envs("expert", "point-mass", "--episodes", "5", "--workers", "0", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["successes"], found["rate"]) == (5, 5, 1.0)
    assert found["interval"] == pytest.approx([0.5655, 1.0], abs=1e-4)
    assert [episode["seed"] for episode in found["per_episode"]] == [0, 1, 2, 3, 4]
    assert found["steps_per_second"] > 0
    assert envs("expert", "point-mass", "--episodes", "2", "--workers", "0") == 0
    assert "2/2" in capsys.readouterr().out


def test_expert_does_not_depend_on_workers(capsys):
    results = []
    for workers in ("0", "2"):
        words = ("--episodes", "4", "--seed", "3", "--workers", workers, "--json")
        assert envs("expert", "point-mass", "--policy", "random", *words) == 0
        results.append(json.loads(capsys.readouterr().out)["per_episode"])
    assert results[0] == results[1]


def test_presets_and_parameters_reach_the_episodes(capsys):
    words = ("--preset", "ego=[0.5,0.5]", "--preset", "target=[0.505,0.5]", "--num_steps", "7")
    assert envs("expert", "point-mass", "--episodes", "2", "--workers", "0", "--json", *words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mean_length"] == 1.0


def test_all_goes_on_after_one_that_fails(capsys, monkeypatch):
    from muse.envs.catalogue import Entry, find_entry

    broken = Entry("broken", "env_zoo.CounterEnv", "", expert="muse.policies.no_such.Expert")
    found = (broken, find_entry("point-mass-static"))
    monkeypatch.setattr("muse.envs.commands.expert.entries", lambda: found)
    assert envs("expert", "--all", "--episodes", "2", "--workers", "0") == 1
    shown = capsys.readouterr()
    assert "point-mass-static" in shown.out and "2/2" in shown.out
    assert "broken: " in shown.err


def test_check_prints_each_rule(capsys):
    assert envs("check", "point-mass", "--steps", "10", "--num_steps", "5") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9 and all(line.startswith("ok: ") for line in lines)


def test_check_of_a_file_in_this_folder(capsys, monkeypatch, tmp_path):
    (tmp_path / "my_own_env.py").write_text(
        "from muse.envs.simple.point_mass_env import PointMassEnv\n"
        "class MyEnv(PointMassEnv):\n"
        "    def render(self):\n"
        "        return super().render()[..., :2]\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    error = fails(capsys, "check", "my_own_env.MyEnv")
    assert "contract broken: render() gave an array (128, 128, 2) uint8" in error
    assert envs("check", "my_own_env.MyEnv", "--no-render") == 0


def test_check_honours_the_presets_of_the_catalogue(capsys):
    pytest.importorskip("pymunk")
    assert envs("check", "push-t", "--steps", "5") == 0
    assert "ok: presets are honoured" in capsys.readouterr().out


def test_a_config_names_an_environment(capsys):
    assert envs("check", "cfgs/env/simple/point_mass.py", "--steps", "5") == 0


def test_video_and_expert_write_films(tmp_path):
    image = pytest.importorskip("PIL.Image")
    film = tmp_path / "film.gif"
    words = ("--policy", "random", "--num_steps", "3", "--image_size", "32")
    assert envs("video", "point-mass", "--out", str(film), *words) == 0
    with image.open(film) as opened:
        assert (opened.n_frames, opened.size) == (4, (32, 32))
    filmed = ("--episodes", "2", "--workers", "0", "--video", str(film), "--image_size", "32")
    assert envs("expert", "point-mass", *filmed) == 0
    with image.open(film) as opened:
        assert opened.n_frames > 4


def play(tmp_path: Path, script: list[str], out: str, *words: str) -> Path:
    """Play episodes of four steps with the keys of `script`."""
    path = tmp_path / out
    more = ("--fps", "1000", "--record", str(path), "--num_steps", "4", "--target_speed", "0")
    presets = ("--preset", "ego=[0.1,0.1]", "--preset", "target=[0.9,0.9]")
    assert envs("play", "sdl_events.PressingEnv", "--script", *script, *more, *presets, *words) == 0
    return path


def test_play_records_what_is_kept_in_an_npz(tmp_path):
    pytest.importorskip("pygame")
    pytest.importorskip("muse.datasets")
    script = ["1:right", "4:y", "8:n", "12:y"]
    path = play(tmp_path, script, "kept.npz", "--episodes", "3")
    with np.load(path, allow_pickle=False) as data:
        assert data["ego"].shape == (8, 2)
        assert data["done"].ravel().tolist() == [0, 0, 0, 1] * 2
        assert (data["action"][1:4] == [1.0, 0.0]).all()


def test_play_adds_to_a_store(tmp_path):
    pytest.importorskip("pygame")
    catalogue = pytest.importorskip("muse.datasets.formats.catalogue")
    for _ in range(2):
        path = play(tmp_path, ["4:y", "6:escape"], "kept")
    with catalogue.open_source(path) as opened:
        assert opened.lengths.tolist() == [4, 4]
        assert opened.info["env"] == "sdl_events.PressingEnv"


def test_play_refuses_an_npz_that_exists(tmp_path, capsys):
    pytest.importorskip("pygame")
    (tmp_path / "kept.npz").write_bytes(b"")
    assert "exists already" in fails(
        capsys, "play", "point-mass", "--record", str(tmp_path / "kept.npz")
    )


def test_recording_needs_muse_data(tmp_path, capsys, monkeypatch):
    pytest.importorskip("pygame")
    import muse

    monkeypatch.setitem(sys.modules, "muse.datasets", None)
    monkeypatch.delattr(muse, "datasets", raising=False)
    error = fails(capsys, "play", "point-mass", "--record", str(tmp_path / "kept.npz"))
    assert "pip install muse-data" in error
