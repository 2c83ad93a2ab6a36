"""Whether the simulator of an environment is there."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

from muse.core.extras import installed_version, lacking
from muse.envs.catalogue import Entry

#: Extra -> a distribution that it needs but cannot bring, as no version of it fits with the rest.
_BESIDE = {"robohive": "robohive"}


def is_installed(entry: Entry) -> bool:
    """Return whether all that the entry's extra brings is installed; nothing is imported."""
    if entry.extra is None:
        return True
    beside = _BESIDE.get(entry.extra)
    if beside is not None and installed_version(beside) is None:
        return False
    try:
        return not lacking("muse-envs", entry.extra)
    except PackageNotFoundError:  # run from its source: nothing says what belongs to the extra
        return True
