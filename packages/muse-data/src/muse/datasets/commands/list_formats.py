"""`--list-formats` of the commands that read and write formats."""

from __future__ import annotations

import argparse
from typing import Any

from muse.cli import console
from muse.core.params import import_object
from muse.datasets.formats.catalogue import SOURCES, TARGETS


class ListFormats(argparse.Action):
    """Prints every format with a line about it, and ends the command."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        """Print the tables and exit."""
        for title, formats in (("formats to read", SOURCES), ("formats to write", TARGETS)):
            rows = [(name, import_object(path).summary) for name, path in formats.items()]
            console.table(title, ("name", "what it is"), rows)
        parser.exit()
