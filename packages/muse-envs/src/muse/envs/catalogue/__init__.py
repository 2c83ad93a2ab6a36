"""The environments Muse ships: one `Entry` each, in one module a family.

Nothing here imports a simulator.
"""

from __future__ import annotations

import importlib

from muse.core.errors import UsageError, suggest
from muse.envs.catalogue.entry import Entry

__all__ = ["FAMILIES", "Entry", "entries", "find_entry"]

#: The modules of this package that hold `ENTRIES`, in the order of `muse envs list`.
FAMILIES = ("simple", "gym", "pymunk", "kitchen", "block3d", "robosuite", "robohive")


def entries() -> tuple[Entry, ...]:
    """Return every entry, family by family."""
    modules = [importlib.import_module(f"{__name__}.{family}") for family in FAMILIES]
    return tuple(entry for module in modules for entry in module.ENTRIES)


def find_entry(name: str) -> Entry:
    """Return the entry called `name`.

    Raises:
        UsageError: there is none; near names are suggested.
    """
    known = {entry.name: entry for entry in entries()}
    if name not in known:
        raise UsageError(
            f"no environment {name!r} in the catalogue; see muse envs list, or give a class path "
            f"such as my.module.MyEnv.{suggest(name, known)}"
        )
    return known[name]
