"""argparse whose errors are one line, like all errors of `muse`."""

from __future__ import annotations

import argparse
from typing import NoReturn

from muse.core.errors import UsageError


class CommandParser(argparse.ArgumentParser):
    """An `ArgumentParser` that raises UsageError instead of printing its usage and exiting."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with `message` and where to read more."""
        raise UsageError(f"{message}; see {self.prog} --help")
