"""Whether the simulator of an environment is there."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

from muse.core.extras import lacking
from muse.envs.catalogue import Entry


def is_installed(entry: Entry) -> bool:
    """Return whether all that the entry's extra brings is installed; nothing is imported."""
    if entry.extra is None:
        return True
    try:
        return not lacking("muse-envs", entry.extra)
    except PackageNotFoundError:  # run from its source: nothing says what belongs to the extra
        return True
