"""Every error a Muse user can meet.

An error says in one line what went wrong: the thing, what was got, what was expected and what to
do about it. The `muse` command prints that line without a traceback and exits with `exit_code`.
"""

from __future__ import annotations

from collections.abc import Iterable


class MuseError(Exception):
    """A failure the user can understand and mend; the base of all others."""

    exit_code = 1

    def __str__(self) -> str:
        # KeyError (a base of MissingKeyError) would show the repr of the message.
        return str(self.args[0]) if self.args else ""


class UsageError(MuseError):
    """The command line, a config or a parameter is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """A config cannot be loaded or resolved."""


class ParamError(ConfigError):
    """A parameter is unknown, missing, of the wrong type or out of range."""


class SpecError(MuseError, ValueError):
    """Data does not match the names, shapes, types or limits of an `EnvSpec`."""


class DataError(MuseError):
    """A data set is missing, damaged, of another layout, or too short."""


class EnvError(MuseError):
    """An environment was used wrongly or its simulator failed."""


class CheckpointError(MuseError):
    """A checkpoint is missing, damaged or belongs to another model."""


class MissingExtraError(MuseError, ImportError):
    """An optional dependency is not installed.

    Args:
        what: what needs it, in the user's words ("PushTEnv").
        package: the distribution that offers it ("muse-envs").
        extra: the extra to install ("pymunk").
    """

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional dependency that is not installed; "
            f"run: pip install '{package}[{extra}]'"
        )


class MissingKeyError(MuseError, KeyError, AttributeError):
    """A path is not in an `AttrDict`."""


def message_line(error: BaseException) -> str:
    """Return the message of an error on one line, its class where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def suggest(name: str, names: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the names nearest to `name`, or "" when none is near."""
    import difflib

    near = difflib.get_close_matches(str(name), [str(n) for n in names], n=3, cutoff=0.6)
    if not near:
        return ""
    return " Did you mean " + " or ".join(repr(n) for n in near) + "?"
