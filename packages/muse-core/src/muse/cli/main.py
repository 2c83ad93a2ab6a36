"""The `muse` command: finds the sub-command, runs it, and turns every failure into one line."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from muse.cli.commands import COMING, HOMES, Command, installed_commands
from muse.cli.shown_warnings import shown_warnings
from muse.cli.termination import Terminated, terminable
from muse.core.errors import MuseError, UsageError, suggest

CommandFunction = Callable[[Sequence[str]], int]

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
_RULES = """\
options:
  -h, --help   this page; after a command, the page of that command
  --version    the version of Muse
  --debug      show the traceback of an error (or set MUSE_DEBUG=1)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `muse ARGV` and return its exit status: 0 done, 1 failure, 2 wrong usage."""
    return run_command(_dispatch, argv)


def run_command(command: CommandFunction, argv: Sequence[str] | None = None) -> int:
    """Run `command(argv)` as `muse` does: one line and an exit status for every failure.

    Args:
        command: takes the words of the command line, returns the exit status.
        argv: the words; default those of this process. `--debug` among them shows tracebacks.
    """
    args, debug = _take_debug(list(sys.argv[1:] if argv is None else argv))
    if debug:
        return _run(command, args)
    try:
        return _run(command, args)
    except SystemExit as stop:
        return _exit_status(stop)
    except KeyboardInterrupt:
        _complain("interrupted")
        return EXIT_INTERRUPTED
    except Terminated as signal:
        _complain(f"ended by {signal}")
        return signal.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return EXIT_BROKEN_PIPE
    except Exception as error:
        return _explain(error)


def _run(command: CommandFunction, args: list[str]) -> int:
    with terminable(), shown_warnings():
        status = command(args) or 0
    sys.stdout.flush()  # a full disk behind `> file` shows here, not at interpreter exit
    return status


def _take_debug(args: list[str]) -> tuple[list[str], bool]:
    """Split off `--debug`, wherever it stands before a `--`."""
    end = args.index("--") if "--" in args else len(args)
    kept = [word for word in args[:end] if word != "--debug"] + args[end:]
    wanted = os.environ.get("MUSE_DEBUG", "") not in ("", "0")
    return kept, wanted or len(kept) < len(args)


def _dispatch(args: Sequence[str]) -> int:
    if not args:
        print(help_text(), file=sys.stderr)
        return UsageError.exit_code
    name, rest = args[0], args[1:]
    if name == "help" and rest:
        name, rest = rest[0], ["--help"]
    if name in ("-h", "--help", "help"):
        print(help_text())
        return 0
    if name == "--version":
        print(f"muse {muse_version()}")
        return 0
    commands = installed_commands()
    if name not in commands:
        raise UsageError(_no_such_command(name, commands))
    return _load(commands[name])(list(rest)) or 0


def _load(command: Command) -> CommandFunction:
    try:
        function: CommandFunction = command.entry_point.load()
        return function
    except MuseError:
        raise
    except (ImportError, AttributeError) as error:
        home = HOMES.get(command.name, getattr(command.entry_point.dist, "name", "its package"))
        raise MuseError(
            f"command {command.name!r} cannot start: {error}; install it anew with: "
            f"pip install --force-reinstall {home}"
        ) from error


def _no_such_command(name: str, commands: dict[str, Command]) -> str:
    if name in HOMES:
        return (
            f"command {name!r} belongs to {HOMES[name]}, which is not installed; "
            f"run: pip install {HOMES[name]}"
        )
    if name in COMING:
        return (
            f"command {name!r} is not part of Muse {muse_version()}; a later version of "
            f"{COMING[name]} brings it"
        )
    if name.startswith("-"):
        return f"unknown option {name!r}; options of a command stand after it: see muse --help"
    return f"unknown command {name!r}.{suggest(name, {*commands, *HOMES})} See muse --help"


def help_text() -> str:
    """Return the page of `muse --help`."""
    commands = installed_commands()
    width = max((len(n) for n in {*commands, *HOMES}), default=0)
    lines = ["usage: muse COMMAND ...", "", "commands:"]
    lines += [f"  {n:{width}}  {c.summary()}".rstrip() for n, c in commands.items()]
    missing = {n: home for n, home in HOMES.items() if n not in commands}
    if missing:
        lines += ["", "not installed:"]
        lines += [f"  {n:{width}}  pip install {home}" for n, home in missing.items()]
    return "\n".join([*lines, "", _RULES.rstrip()])


def muse_version() -> str:
    """Return the version of the installed muse-core."""
    try:
        return version("muse-core")
    except PackageNotFoundError:
        return "(not installed, run from its source)"


def _explain(error: Exception) -> int:
    """Print the one line of an error and return the exit status."""
    if isinstance(error, MuseError):
        _complain(str(error))
        return error.exit_code
    if isinstance(error, OSError):
        from pathlib import Path

        from muse.experiments.atomic import explain_write_error

        _silence_stdout()  # it may be what failed
        if error.errno == errno.ENOSPC and error.filename is None:
            _complain("cannot write the output: the disk is full; free some space and run again")
            return MuseError.exit_code
        if error.filename is not None and error.strerror:
            clear = explain_write_error(error, Path(os.fsdecode(error.filename)))
            line = f"{error.filename}: {error.strerror}; check the path and its rights"
            _complain(line if clear is None else str(clear))
            return MuseError.exit_code
    _complain(
        f"unexpected {type(error).__name__}: {error}; rerun with --debug to see where it came from"
    )
    return MuseError.exit_code


def _exit_status(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code
    _complain(str(stop.code))
    return MuseError.exit_code


def _complain(message: str) -> None:
    with contextlib.suppress(OSError):
        print(f"muse: error: {' '.join(message.split())}", file=sys.stderr, flush=True)


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
