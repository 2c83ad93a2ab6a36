"""The daily commands of `muse data`, from command line to file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from muse.core.errors import DataError, UsageError
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import open_source


@pytest.fixture
def data(make_data, write):
    """Three episodes of 4, 6 and 5 steps; the reward grows by one a step over all of them."""
    data = make_data([4, 6, 5])
    data["reward"] = np.arange(15, dtype=np.float32)[:, None]
    data["seed"] = np.array([7, 8, 9])
    return write(data)


def lengths_of(path):
    with open_source(path) as source:
        return source.lengths.tolist()


def test_info_shows_what_is_there_and_fails_on_nan(make_data, write, capsys):
    data = make_data([4, 5])
    data["odd"] = np.zeros(7)
    assert main(["info", write(data)]) == 0
    shown = capsys.readouterr()
    assert "arm/joint" in shown.out and "uint8" in shown.out and "2 episodes, 9 steps" in shown.out
    assert "left out: odd" in shown.err
    data["state"][5, 0] = np.nan
    assert main(["info", write(data)]) == 1
    assert "state, episode 1, step 1: 1 NaN" in capsys.readouterr().err
    data["done"][-1] = False
    with pytest.raises(DataError, match="'done' does not end the file"):
        main(["info", write(data)])


def test_info_and_stats_give_numbers_to_scripts(data, capsys):
    assert main(["info", data, "--json", "--episodes", "1-2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lengths"] == [6, 5] and told["steps"] == 11
    reward = next(column for column in told["columns"] if column["name"] == "reward")
    assert reward["min"] == [4] and reward["max"] == [14]
    assert main(["stats", data, "--names", "reward", "image", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["reward"]["mean"] == [7] and len(told["image"]["std"]) == 3
    assert main(["stats", data]) == 0
    assert "action[1]" in capsys.readouterr().out
    with pytest.raises(UsageError, match="Did you mean 'reward'"):
        main(["stats", data, "--names", "rewrd"])


def test_split_into_files_and_merge_back(data, tmp_path):
    out = str(tmp_path / "{name}.npz")
    assert main(["split", data, "train=2", "valid=1", "--to", out, "--seed", "3"]) == 0
    parts = [tmp_path / "train.npz", tmp_path / "valid.npz"]
    assert sorted(lengths_of(parts[0]) + lengths_of(parts[1])) == [4, 5, 6]
    with pytest.raises(UsageError, match="exists; add --overwrite"):
        main(["split", data, "train=2", "valid=1", "--to", out])
    both = tmp_path / "both.npz"
    assert main(["merge", *map(str, parts), "--to", str(both)]) == 0
    with open_source(both) as merged, open_source(data) as first:
        assert sorted(merged.read("seed", i) for i in range(3)) == [7, 8, 9]
        for i in range(3):
            before = int(merged.read("seed", i)) - 7
            assert np.array_equal(merged.read("image", i), first.read("image", before))


def test_split_into_filters_of_a_store(data, tmp_path):
    store = str(tmp_path / "store")
    assert main(["split", data, "train=0.67", "valid=0.33", "--to", store]) == 0
    with open_source(store) as source:
        assert {name: len(each) for name, each in source.filters.items()} == {
            "train": 2,
            "valid": 1,
        }
    assert main(["split", store, "debug=1", "train=2"]) == 0  # into the store itself
    with open_source(store) as source:
        assert set(source.filters) == {"train", "valid", "debug"}
        assert not set(source.filters["debug"]) & set(source.filters["train"])
        valid = source.filters["valid"]
    assert main(["edit", store, "--delete", "valid", "--to", str(tmp_path / "rest.npz")]) == 0
    assert len(lengths_of(tmp_path / "rest.npz")) == 3 - len(valid)


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        (["train"], "NAME=SHARE"),
        (["train=x"], "expected a share"),
        (["train=1.5"], "expected a share"),
        (["train=4"], "asks for 4 episodes; there are 3"),
        (["train=0.9", "valid=0.01"], "valid would get none"),
        (["train=2"], "is no store"),
    ],
)
def test_splits_that_cannot_be(data, parts, match):
    with pytest.raises(UsageError, match=match):
        main(["split", data, *parts])


def test_filter_keeps_what_fulfils_the_condition(data, tmp_path, capsys):
    out = tmp_path / "out.npz"
    condition = "length > 4 and max(reward) < 14 or seed == 7"
    assert main(["filter", data, condition, "--to", str(out)]) == 0
    assert lengths_of(out) == [4, 6]
    assert "2 of 3 episodes" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no episode fulfils"):
        main(["filter", data, "length > 99", "--to", str(out)])
    with pytest.raises(UsageError, match="Did you mean 'length'"):
        main(["filter", data, "lenght > 9", "--to", str(out)])


def test_edit_changes_everything_at_once(data, tmp_path):
    out = tmp_path / "out.npz"
    words = "--delete 0 --trim-start 1 --trim 2=:2 --rename state=obs/state --drop image"
    more = ["--set", "success=1.0", "--set", "task=pour tea", "--set", "size=[1, 2]"]
    assert main(["edit", data, *words.split(), *more, "--to", str(out)]) == 0
    assert lengths_of(out) == [5, 2]
    with open_source(out) as edited:
        assert edited.read("reward", 0)[:, 0].tolist() == [5, 6, 7, 8, 9]
        assert edited.read("reward", 1)[:, 0].tolist() == [10, 11]
        assert edited.read("obs/state", 0).shape == (5, 3)
        assert str(edited.read("task", 1)) == "pour tea" and edited.read("success", 0) == 1
        assert edited.read("size", 1).tolist() == [1, 2]
        assert "image" not in {c.name for c in edited.columns()}
    assert main(["edit", str(out), "--drop", "size", "--to", str(out), "--overwrite"]) == 0
    assert lengths_of(out) == [5, 2]


@pytest.mark.parametrize(
    ("words", "error", "match"),
    [
        ([], UsageError, "nothing to change"),
        (["--trim-end", "5"], DataError, "nothing would be left of episode 0"),
        (["--trim", "0=x"], UsageError, "I=A:B"),
        (["--trim-start", "-1"], UsageError, "not be negative"),
        (["--rename", "stat=x"], DataError, "Did you mean 'state'"),
        (["--set", "x=[1, [2]]"], UsageError, "expected a number"),
    ],
)
def test_edits_that_cannot_be(data, tmp_path, words, error, match):
    with pytest.raises(error, match=match):
        main(["edit", data, *words, "--to", str(tmp_path / "out.npz")])
    assert not (tmp_path / "out.npz").exists()


def test_heuristic_clicks_become_modes(make_data, write, tmp_path):
    data = make_data([30])
    data["speed"] = np.ones((30, 2), np.float32)
    data["speed"][10:18] = 0.01
    path, clicked, modes = write(data), tmp_path / "clicked.npz", tmp_path / "modes.npz"
    words = "--velocity-keys speed --velocity-thresh 0.1 --wp-horizon 5"
    assert main(["relabel", "heuristic", path, *words.split(), "--to", str(clicked)]) == 0
    words = "--state-names state --mode0-names target/state --mode1-names action"
    flags = ["--populate-mode0-actions", "--no-mode1-change"]
    argv = ["relabel", "by-mode", str(clicked), *words.split(), *flags, "--to", str(modes)]
    assert main(argv) == 0
    with open_source(modes) as source:
        assert np.flatnonzero(source.read("mode", 0)).tolist() == list(range(10, 18))
        state, target = source.read("state", 0), source.read("target/state", 0)
        assert np.array_equal(target[0], state[4]) and np.array_equal(target[12], state[13])
        assert np.array_equal(source.read("action", 0), data["action"])
    with pytest.raises(UsageError, match="--dynamics is missing"):
        main([*argv[:-3], "--to", str(modes)])
    with pytest.raises(UsageError, match="as many"):
        main(["relabel", "heuristic", path, "--velocity-keys", "speed", "--to", str(clicked)])


def test_dynamics_come_from_an_import_path(make_data, write, tmp_path, monkeypatch):
    module = tmp_path / "walking.py"
    module.write_text(
        "import numpy as np\n"
        "def make(scale):\n"
        "    def step(state, target):\n"
        "        way = np.clip(target - state, -scale, scale)[:, :2]\n"
        "        return way, state, np.zeros(len(state), bool)\n"
        "    return step\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    data = make_data([5])
    data["click_state"] = np.array([0, 0, 1, 0, 0], np.uint8)[:, None]
    out = tmp_path / "out.npz"
    words = "--state-names state --mode0-names target/state --mode1-names action"
    more = ["--dynamics", "walking.make", "--dynamics-params", "scale=0.5"]
    argv = ["relabel", "by-mode", write(data), *words.split(), *more, "--populate-mode0-actions"]
    assert main([*argv, "--to", str(out)]) == 0
    with open_source(out) as source:
        assert np.allclose(source.read("action", 0)[:4], 0.5)
        assert np.array_equal(source.read("raw/action", 0), data["action"])


@pytest.mark.parametrize("command", ["info", "view", "stats", "edit", "play", "replay"])
def test_every_command_says_what_is_missing(command, tmp_path):
    missing = str(tmp_path / "nothing.npz")
    more = {"edit": ["--to", "x"], "play": ["--out", "x.mp4"]}.get(command, [])
    with pytest.raises(DataError, match="not found"):
        main([command, missing, *more])


def test_odd_columns_are_shown_too(write, tmp_path, capsys):
    n = 5
    path = write({
        "done": np.array([1, 1, 0, 0, 1], bool),
        "empty": np.zeros((n, 1, 0, 2), np.float32),
        "flag": np.array([1, 0, 1, 0, 1], bool),
        "scalar": np.arange(n, dtype=np.float64),
        "all_nan": np.full((n, 2), np.nan, np.float32),
        "large": np.full(n, 2**62),
        "gray": np.zeros((n, 4, 4, 1), np.uint8),
        "bytes": np.zeros((n, 3), np.uint8),
        "half": np.ones((n, 2), np.float16),
        "text": np.array(["<a>", "b", "c"]),
        "nothing": np.zeros((3, 0)),
    })  # fmt: skip
    assert main(["info", path, "--json"]) == 1  # for the NaN
    columns = {c["name"]: c for c in json.loads(capsys.readouterr().out)["columns"]}
    assert columns["flag"]["mean"] == [0.6] and "min" not in columns["empty"]
    assert main(["info", path]) == 1
    assert main(["stats", path]) == 0
    assert "half[1]" in capsys.readouterr().out
    pytest.importorskip("jinja2", reason="pages need the extra view")
    assert main(["view", path, "--out", str(tmp_path / "odd.html")]) == 0
