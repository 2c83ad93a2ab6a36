"""Tables and progress, plain and with rich."""

from __future__ import annotations

import io

import pytest

from muse.cli import console
from muse.cli.progress import PlainProgress
from muse.cli.rich_progress import RichProgress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_table_aligns_numbers_right_and_text_left(capsys: pytest.CaptureFixture[str]) -> None:
    console.table("results", ("policy", "rate"), [("bc", 0.912345), ("random", "4 %"), ("x", None)])
    assert capsys.readouterr().out.splitlines() == [
        "results",
        "policy  rate",
        "------  ------",
        "bc      0.9123",
        "random  4 %",
        "x       -",
    ]
    console.table("", ("a", "n"), [("x", 5), ("y", 120)])
    assert capsys.readouterr().out.splitlines()[2:] == ["x    5", "y  120"]


def test_an_empty_table_is_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    console.table("none", ("a", "bb"), [])
    assert capsys.readouterr().out.splitlines() == ["none", "a  bb", "-  --"]


def test_rich_table_shows_brackets_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    console.table("t[red]", ("what",), [("muse-envs[gym]",), ("ok",)], styles={"ok": "green"})
    shown = terminal.getvalue()
    assert "muse-envs[gym]" in shown
    assert "t[red]" in shown


def test_messages_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console.info("reading [1]")
    console.warn("old file")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "reading [1]\nmuse: warning: old file\n"


def test_progress_yields_the_items_and_says_one_line_in_a_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bar = console.progress(range(4), "reading")
    assert isinstance(bar, PlainProgress)
    assert list(bar) == [0, 1, 2, 3]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["reading 4/4  0 s"]


def test_progress_counted_by_hand_shows_fields(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(100, "training") as bar:
        bar.update(40, loss=0.123456)
        bar.update(60, loss=0.5, best="yes")
    assert capsys.readouterr().err.strip().endswith("loss 0.5, best yes")
    assert bar.count == bar.total == 100


def test_progress_of_unknown_length(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(console.progress((x for x in "ab"), "reading")) == ["a", "b"]
    assert capsys.readouterr().err.startswith("reading 2  ")


def test_an_error_inside_passes_through() -> None:
    with pytest.raises(ValueError, match="inside"), console.progress(3, "x"):
        raise ValueError("inside")


def test_progress_without_items_cannot_be_iterated() -> None:
    with pytest.raises(TypeError, match="no items"):
        list(console.progress(3, "x"))


@pytest.mark.parametrize("with_rich", [True, False])
def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch, with_rich: bool) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(console, "has_rich", lambda: with_rich)
    bar = console.progress([1, 2, 3], "reading [x]")
    assert isinstance(bar, RichProgress) == with_rich
    assert list(bar) == [1, 2, 3]
    assert "reading [x]" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()
