"""`StatisticsCache`: statistics kept beside the data they describe."""

from __future__ import annotations

import hashlib
import json
import logging
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import MuseError
from muse.datasets.statistics import STATISTICS
from muse.experiments.atomic import atomic_path

log = logging.getLogger("muse.datasets")

#: Smaller data are described anew each time, which takes no longer than looking it up.
CACHE_FROM_BYTES = 64 << 20
_VERSION = 1
_FINGERPRINT = "fingerprint"


class StatisticsCache:
    """Statistics of one part of some files, in `<first file>.statistics/`.

    The fingerprint holds what the numbers depend on: name, size and time of change of each file,
    the episodes chosen and how the columns are read. Entries with another one are never used, and
    replaced when new ones are written. A folder that cannot be written to is left as it is.

    Args:
        files: the files, or folders whose manifest file stands for them.
        part: what else the numbers depend on, as JSON-able data: the episodes chosen, ….
    """

    def __init__(self, files: Sequence[Path], part: Mapping[str, Any]) -> None:
        identity = [_identity(file) for file in files]
        text = json.dumps([_VERSION, identity, part], sort_keys=True)
        self.fingerprint = hashlib.sha256(text.encode()).hexdigest()
        chosen = hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:12]
        first = files[0]
        self.path = first.with_name(f"{first.name}.statistics") / f"{chosen}.npz"

    def load(self, names: Sequence[str]) -> AttrDict:
        """Return what is known of `names`, name -> AttrDict; empty when nothing is."""
        found = AttrDict()
        try:
            with np.load(self.path, allow_pickle=False) as file:
                if str(file[_FINGERPRINT]) != self.fingerprint:
                    return found
                for name in names:
                    if all(f"{name}:{part}" in file for part in STATISTICS):
                        found[name] = AttrDict(
                            (part, file[f"{name}:{part}"]) for part in STATISTICS
                        )
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("%s is damaged and left aside: %s", self.path, error)
        return found

    def save(self, statistics: AttrDict) -> None:
        """Write name -> AttrDict beside what is there, atomically."""
        names = [] if not self.path.exists() else self._names()
        known = self.load(names) & statistics
        arrays = {
            f"{name}:{part}": known[name][part]
            for name in dict.fromkeys([*names, *_names_of(statistics)])
            if name in known
            for part in STATISTICS
        }
        try:
            with atomic_path(self.path) as temporary:
                np.savez(temporary, allow_pickle=False, fingerprint=self.fingerprint, **arrays)
        except MuseError as error:
            log.info("statistics are not kept: %s", error)

    def _names(self) -> list[str]:
        try:
            with np.load(self.path, allow_pickle=False) as file:
                keys = [k for k in file.files if ":" in k]
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return []
        return list(dict.fromkeys(key.rpartition(":")[0] for key in keys))


def _names_of(statistics: AttrDict) -> list[str]:
    return list(dict.fromkeys(key.rpartition("/")[0] for key in statistics.leaf_keys()))


def _identity(file: Path) -> list[Any]:
    status = file.stat()
    return [file.name, status.st_size, status.st_mtime_ns, status.st_ino]
