"""Starting from the folder of an earlier run."""

from __future__ import annotations

from pathlib import Path

import pytest
from muse_config_samples import double

from muse.configs import Field, load_config, resolve_config
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree = AttrDict(
        n=2,
        text="a b  c",
        twice=Field("n", double),
        four=Field("twice", double),
        odd=Field("text", lambda text: text + "!"),
        net=AttrDict(cls="muse_config_samples.Net", width=Field("four"), label=Field("text")),
        copy=Field("net"),
        exp_name="r{n}_{net/width}",
    )
    config = resolve_config(tree, ["--n", "3"])
    folder = tmp_path / "experiments" / "real" / "r3"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config.to_json())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MUSE_DIR", raising=False)
    return folder


@pytest.mark.parametrize(
    "name", ["exp=experiments/real/r3", "exp=real/r3", "experiments/real/r3", "{}/config.json"]
)
def test_the_run_is_loaded_as_it_was(run: Path, name: str) -> None:
    config = load_config(name.format(run))
    assert config.params.net.width == 12
    assert config.exp_name == "r3_12"
    assert config.argv == ("--n", "3")
    assert config.to_json() == (run / "config.json").read_text()


def test_overrides_reach_everything_worked_out_from_them(run: Path) -> None:
    config = load_config("exp=real/r3", ["--n", "5", "%net", "--depth", "7"])
    assert (config.params.twice, config.params.net.width, config.params["copy/width"]) == (
        10,
        20,
        20,
    )
    assert config.params["copy/depth"] == 7
    assert config.exp_name == "r5_20"
    assert config.provenance["n"] == "command line"
    assert config.provenance["net/width"] == "Field ← four"
    assert config.argv == ("--n", "3", "--n", "5", "%net", "--depth", "7")


def test_a_reloaded_run_can_be_written_and_reloaded_again(run: Path) -> None:
    once = load_config("exp=real/r3", ["--n", "5"])
    (run / "config.json").write_text(once.to_json())
    assert load_config("exp=real/r3").params == once.params
    assert load_config("exp=real/r3", ["--n", "1"]).params.net.width == 4


def test_a_field_with_a_lambda_cannot_follow_silently(run: Path) -> None:
    with pytest.raises(ConfigError, match=r"odd was worked out from text.*command line"):
        load_config("exp=real/r3", ["--text", "x"])
    config = load_config("exp=real/r3", ["--text", "x", "--odd", "y"])
    assert (config.params.odd, config.params.net.label) == ("y", "x")


def test_values_with_spaces_survive(run: Path) -> None:
    assert load_config("exp=real/r3").params.text == "a b  c"


def test_misspelled_overrides(run: Path) -> None:
    with pytest.raises(ConfigError, match="'width'"):
        load_config("exp=real/r3", ["%net", "--widht", "3"])


@pytest.mark.parametrize("name", ["exp=nowhere", "exp=experiments", "experiments"])
def test_no_run(run: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"not found|no config\.json"):
        load_config(name)
