"""`log.txt`: what a run said, with times."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class _RunHandler(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line: on a full disk what is worth keeping fails with an error of its own."""


@contextmanager
def run_log(path: Path, level: int = logging.INFO) -> Iterator[logging.Logger]:
    """Append everything logged below the logger `muse` to `path` while inside; yield that logger.

    The logger's handlers and level are as before on leaving, so nothing outlives the run.
    """
    logger = logging.getLogger("muse")
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = _RunHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s"))
    handler.setLevel(level)
    previous = logger.level
    logger.addHandler(handler)
    if logger.getEffectiveLevel() > level:
        logger.setLevel(level)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        logger.setLevel(previous)
        with suppress(OSError):  # closing writes what is left
            handler.close()
