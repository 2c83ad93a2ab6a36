"""Reading the flat HDF5 layout of D4RL (Fu et al. 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.field_source import Field, FieldSource, field, single_precision
from muse.datasets.formats.hdf5_reader import Hdf5Reader
from muse.datasets.storage.table import lengths_from_done

_NAMES = {
    "observations": "obs",
    "actions": "action",
    "rewards": "reward",
    "terminals": "terminated",
    "timeouts": "truncated",
}
_FLAGS = ("terminals", "timeouts")
#: Attribute of the file, written by `D4rlTarget`, that says which flags end episodes.
STATED, TIMEOUTS, EITHER = "episodes_end_at", "timeouts", "terminals or timeouts"


class D4rlHdf5(FieldSource):
    """Arrays with a row a step: observations, actions, rewards, terminals, timeouts, infos/*.

    An episode ends where `terminals` or `timeouts` is set. Where `terminals` is set at several
    steps in a row (antmaze: at the goal, while the ant walks on) and there are `timeouts`, these
    alone end episodes, unless the file says otherwise. Steps behind the last end are an episode
    of their own.
    """

    summary: ClassVar[str] = "D4RL's flat HDF5 (antmaze, kitchen, adroit, locomotion)"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._reader = Hdf5Reader(path)
        keys = self._reader.arrays()
        if "actions" not in keys or not any(flag in keys for flag in _FLAGS):
            raise DataError(
                f"{path} is not in D4RL's layout; expected observations, actions, and terminals or "
                f"timeouts; it has: {', '.join(keys[:20])}"
            )
        self._rows = self._reader.shape("actions")[0]
        self._ends, self._ended_by = self._read_ends(keys)
        self._lengths = lengths_from_done(self._ends)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._unplaced = []
        placed = [self._place(key) for key in keys]
        self.keep(placed)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        if not path.is_file() or path.suffix not in (".hdf5", ".h5") or not h5py.is_hdf5(path):
            return False
        reader = Hdf5Reader(path, is_sound=True)
        try:
            return {"observations", "actions"} <= set(reader.children())
        finally:
            reader.close()

    @property
    def info(self) -> Mapping[str, Any]:
        return {"format": "d4rl", **self._reader.attributes(), STATED: self._ended_by}

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        begin = int(self._starts[episode])
        return self._reader.read(field.key, begin, begin + int(self._lengths[episode]))

    def close(self) -> None:
        self._reader.close()

    def _read_ends(self, keys: list[str]) -> tuple[NDArray[np.bool_], str]:
        flags = {k: self._flag(k) for k in _FLAGS if k in keys}
        if not self._rows:
            raise DataError(f"{self.path}: actions is empty; expected at least one step")
        terminals = flags.get("terminals", np.zeros(self._rows, np.bool_))
        timeouts = flags.get("timeouts", np.zeros(self._rows, np.bool_))
        stated = self._reader.attributes().get(STATED)
        lingers = timeouts.any() and (terminals[1:] & terminals[:-1]).any()
        if stated == TIMEOUTS or (stated is None and lingers):
            ends, by = timeouts.copy(), TIMEOUTS
        else:
            ends, by = terminals | timeouts, EITHER
        ends[-1] = True
        return ends, by

    def _flag(self, key: str) -> NDArray[np.bool_]:
        values: NDArray[np.bool_] = self._reader.read(key).reshape(-1).astype(np.bool_)
        if len(values) != self._rows:
            raise DataError(
                f"{self.path}: {key} has {len(values)} rows, actions {self._rows}; expected "
                "equally many; download it again"
            )
        return values

    def _place(self, key: str) -> Field | None:
        if key.startswith("metadata/"):
            self._unplaced.append(f"{key} (describes the policy that collected the data)")
            return None
        if key in ("next_observations", "episode_id"):
            self._unplaced.append(f"{key} (follows from the other keys)")
            return None
        shape, dtype = self._reader.shape(key), self._reader.dtype(key)
        if dtype.kind not in "fiub" or shape[:1] != (self._rows,):
            self._unplaced.append(f"{key} (shape {shape} of {dtype}; expected {self._rows} rows)")
            return None
        name = _NAMES.get(key, key.replace("infos/", "info/", 1))
        return field(name, key, shape[1:], single_precision(dtype))
