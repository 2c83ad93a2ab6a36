"""Warnings of the libraries, shown to the person at the terminal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from muse.cli import console


class _Show(logging.Handler):
    """Shows each warning once, as one line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = " ".join(record.getMessage().split())
        if text not in self._said:
            self._said.add(text)
            console.warn(text)


@contextmanager
def shown_warnings() -> Iterator[None]:
    """While inside, show what is logged below the logger `muse` as a warning or worse.

    Packages log instead of printing, because they are used from programs too.
    """
    logger, handler = logging.getLogger("muse"), _Show()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
