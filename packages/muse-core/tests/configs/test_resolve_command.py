"""`muse resolve`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from muse.cli.main import run_command
from muse.cli.resolve import main
from muse.configs import Config, load_config
from muse.configs.show import rich_tree

BODY = """
export = AttrDict(
    batch_size=8,
    horizon=10,
    exp_name="b{batch_size}",
    model=AttrDict(cls="muse_config_samples.Net", width=Field("horizon"), exp_name="_w{width}"),
    robot=AttrDict(cls="not_there.Robot", speed=1.0, none=AttrDict()),
)
"""


@pytest.fixture(autouse=True)
def file(write) -> Path:
    return write("my.py", BODY)


def run(*words: str) -> int:
    return run_command(main, list(words))


def test_the_tree_shows_values_and_origins(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("my.py", "--batch_size", "3", "%robot", "--speed", "2") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "config my.py" in lines
    assert "exp_name b3_w10" in lines
    assert "batch_size 3 command line" in lines
    assert "horizon 10 my.py:6" in lines
    assert "width 10 Field ← horizon" in lines
    assert "depth 2 default of Net" in lines
    assert "none (empty)" in lines
    assert any("robot was not checked" in line for line in lines)


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    run("my.py")
    lines = capsys.readouterr().out.splitlines()
    starts = {line.index("my.py:") for line in lines if "my.py:" in line}
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["--query", "model/width"], "10"),
        (["--query", "model.width"], "10"),
        (["--query", "width"], "10"),
        (["--query=model/act"], "relu"),
        (["--batch_size", "4", "--query", "batch_size"], "4"),
        (["--query", "model/act", "--json"], '"relu"'),
        (["--json", "%model", "--names", "a", "--query", "names"], '[\n  "a"\n]'),
    ],
)
def test_query(words: list[str], out: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("my.py", *words) == 0
    assert capsys.readouterr().out.strip() == out


def test_query_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("my.py", "--query", "robot") == 0
    assert "speed" in capsys.readouterr().out


def test_json_is_the_config(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("my.py", "--json", "--batch_size", "5") == 0
    text = capsys.readouterr().out
    assert json.loads(text)["exp_name"] == "b5_w10"
    assert Config.from_json(text) == load_config("my.py", ["--batch_size", "5"])


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["no.py"], "not found"),
        (["my.py", "--bach_size", "3"], "batch_size"),
        (["my.py", "%model", "--width", "x"], "width"),
        (["my.py", "--query", "modl"], "'model'"),
        (["my.py", "--query", "cls"], "2 times"),
        ([], "CONFIG"),
    ],
)
def test_mistakes_exit_with_2(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert part in captured.err
    assert captured.err.startswith("muse: error:")
    assert captured.err.count("\n") == 1


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "--query" in capsys.readouterr().out
    assert run("my.py", "-h") == 0
    assert "%model" in capsys.readouterr().out
    assert run("my.py", "%model", "-h") == 0
    assert "neurons of a layer" in capsys.readouterr().out


def test_a_rich_terminal_sees_a_tree() -> None:
    console = pytest.importorskip("rich.console").Console(width=200, record=True)
    with console.capture() as capture:
        console.print(rich_tree(load_config("my.py")))
    text = capture.get()
    assert "width" in text
    assert "Field ← horizon" in text


def test_it_starts_without_torch() -> None:
    code = (
        "import sys; from muse.cli.resolve import main; main(['my.py', '--query', 'batch_size']);"
        "sys.exit('torch' in sys.modules)"
    )
    path = str(Path(__file__).parent / "samples")
    script = f"import sys; sys.path.insert(0, {path!r}); {code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "8\n"
