"""muse-robot says honestly what it is today."""

from __future__ import annotations

import subprocess
import sys

import pytest

from muse.cli.main import main


def test_robot_tells_what_it_offers_and_what_to_install(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["robot"]) == 0
    shown = capsys.readouterr().out
    assert "no drivers" in shown
    assert "pip install 'muse-train[report]'" in shown


def test_robot_is_listed_in_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "Tell what muse-robot offers today" in capsys.readouterr().out


def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "--fly"]) == 2
    assert capsys.readouterr().err == (
        "muse: error: unrecognized arguments: --fly; see muse robot --help\n"
    )


def test_interactive_collect_points_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["interactive-collect"]) == 2
    assert "a later version of muse-robot" in capsys.readouterr().err


def test_import_needs_no_torch_and_no_display() -> None:
    program = "import sys, muse.robot; assert not {'torch', 'pygame'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
