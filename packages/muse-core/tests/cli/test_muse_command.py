"""The `muse` command: finding sub-commands, one-line errors, exit statuses."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from muse.cli import commands
from muse.cli.main import main, run_command
from muse.core.errors import ParamError
from muse.experiments import atomic


def muse(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "muse.cli", *args],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **env},
        check=False,
    )


def test_help_lists_commands_with_their_summaries(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "doctor" in shown
    assert "Tell what is installed, what works" in shown
    assert "resolve" in shown


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    for name in ("torch", "h5py", "pygame", "gymnasium", "matplotlib", "rich"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    done = muse("--help", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "module", ["muse.core", "muse.configs", "muse.utils", "muse.experiments", "muse.cli.console"]
)
def test_core_never_imports_torch(tmp_path: Path, module: str) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_command_is_wrong_usage_and_shows_the_page() -> None:
    done = muse()
    assert done.returncode == 2
    assert "usage: muse COMMAND" in done.stderr


def test_version() -> None:
    done = muse("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("muse ")


def test_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docter"]) == 2
    assert capsys.readouterr().err == (
        "muse: error: unknown command 'docter'. Did you mean 'doctor'? See muse --help\n"
    )


def test_a_command_whose_package_is_missing_says_which(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "entry_points", lambda group: ())
    assert main(["train", "--x"]) == 2
    assert "pip install muse-train" in capsys.readouterr().err
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "not installed:" in shown
    assert "pip install muse-data" in shown


def test_a_command_of_a_later_version_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve"]) == 2
    assert "a later version of muse-robot brings it" in capsys.readouterr().err


def test_an_option_in_the_place_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--verbose"]) == 2
    assert "unknown option '--verbose'" in capsys.readouterr().err


def test_help_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["help", "doctor"], ["doctor", "--help"]):
        assert main(words) == 0
        assert "usage: muse doctor" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        ("ParamError('horizon is 0,\\n expected 1')", 2, "horizon is 0, expected 1"),
        ("DataError('a.npz is cut off')", 1, "a.npz is cut off"),
        ("MissingKeyError('no key a/b')", 1, "no key a/b"),
        ("OSError(errno.ENOENT, 'No such file', 'x.py')", 1, "x.py: No such file"),
        ("OSError(errno.ENOSPC, 'No space left', 'm.pt')", 1, "m.pt: the disk is full"),
        ("OSError(errno.ENOSPC, 'No space left')", 1, "the disk is full"),
        ("ValueError('odd')", 1, "unexpected ValueError: odd; rerun with --debug"),
        ("KeyboardInterrupt()", 130, "interrupted"),
        ("SystemExit('bad words')", 1, "bad words"),
    ],
)
def test_errors_are_one_line_with_their_status(error: str, status: int, line: str) -> None:
    program = (
        "import errno, sys; from muse.cli.main import run_command\n"
        "from muse.core.errors import *\n"
        f"def fail(argv): raise {error}\n"
        "sys.exit(run_command(fail, []))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert done.stderr.startswith("muse: error: ")
    assert line in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("words", "variable"), [(["--debug"], ""), ([], "1")])
def test_debug_shows_where_an_error_came_from(
    words: list[str], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Sequence[str]] = []

    def fail(argv: Sequence[str]) -> int:
        seen.append(argv)
        raise ParamError("x")

    monkeypatch.setenv("MUSE_DEBUG", variable)
    with pytest.raises(ParamError):
        run_command(fail, ["a", *words, "b"])
    assert seen == [["a", "b"]]


def test_debug_after_two_dashes_belongs_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSE_DEBUG", raising=False)
    seen: list[Sequence[str]] = []

    def note(argv: Sequence[str]) -> int:
        seen.append(argv)
        return 0

    assert run_command(note, ["--", "--debug"]) == 0
    assert seen == [["--", "--debug"]]


def test_a_closed_pipe_is_quiet() -> None:
    program = (
        "import sys; from muse.cli.main import run_command\n"
        "def say(argv):\n"
        "    for _ in range(100_000): print('x' * 80)\n"
        "    return 0\n"
        "sys.exit(run_command(say, []))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None and writer.stderr is not None
        writer.stdout.readline()
        writer.stdout.close()
        assert writer.stderr.read() == b""
        assert writer.wait() == 141


def test_output_to_a_full_disk_is_a_failure() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "muse.cli", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "disk is full" in done.stderr


def test_a_command_that_cannot_be_loaded_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint

    point = EntryPoint("train", "muse.nowhere:main", commands.GROUP)
    monkeypatch.setattr(commands, "entry_points", lambda group: (point,))
    assert main(["train"]) == 1
    assert "cannot start: No module named 'muse.nowhere'" in capsys.readouterr().err


def test_warnings_of_libraries_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    def command(words: Sequence[str]) -> int:
        for _ in range(2):
            logging.getLogger("muse.somewhere").warning("device %r\nnot found", "cuda")
        logging.getLogger("muse.somewhere").info("not worth showing")
        return 0

    assert run_command(command, []) == 0
    assert capsys.readouterr().err == "muse: warning: device 'cuda' not found\n"
    assert not logging.getLogger("muse").handlers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_cleans_up(
    tmp_path: Path, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(words: Sequence[str]) -> int:
        with atomic.atomic_path(tmp_path / "data.npz") as temporary:
            temporary.write_bytes(b"half")
            os.kill(os.getpid(), number)
            temporary.write_bytes(b"whole")
        return 0

    before = signal.getsignal(number)
    signal.signal(number, signal.SIG_DFL)
    try:
        assert run_command(command, []) == 128 + number
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)
    name = signal.Signals(number).name
    assert capsys.readouterr().err == f"muse: error: ended by {name}\n"
    assert not list(tmp_path.iterdir())
