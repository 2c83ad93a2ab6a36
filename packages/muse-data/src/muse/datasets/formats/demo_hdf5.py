"""What robomimic's and robosuite's HDF5 files have in common: groups `data/demo_<i>`."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.field_source import Field, FieldSource, field, single_precision
from muse.datasets.formats.hdf5_reader import Hdf5Reader

MODEL = "model_xml"
#: Group of a demonstration that holds what there is once an episode.
ONCE = "once"
_SUFFIXES = (".hdf5", ".h5")


class DemoHdf5(FieldSource):
    """One group an episode, `data/demo_<i>`, each with `actions` and what else was recorded.

    Columns are those of the first demonstration. Floats become float32; `states`, the simulator's
    own, stay as they are, so that a replay starts exactly where the demonstration did.
    Attributes that are text become episode columns; `model_xml` is the simulator's model.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._reader = Hdf5Reader(path)
        self._demos = sorted(
            (n for n in self._reader.children("data") if re.fullmatch(r"demo_\d+", n)),
            key=lambda name: int(name.removeprefix("demo_")),
        )
        if not self._demos:
            raise DataError(f"{path} has no demonstrations; expected groups data/demo_<number>")
        self._lengths = np.array([self._length(d) for d in self._demos], np.int64)
        self._unplaced = []
        placed = [self._place(key) for key in self._reader.arrays(f"data/{self._demos[0]}")]
        fields = [f for f in placed if f is not None]
        for name, texts in self._texts.items():
            dtype = np.dtype(f"U{max(map(len, texts)) or 1}")
            fields.append(field(name, name, (), dtype, "episode"))
        self.keep(fields)

    @property
    def info(self) -> Mapping[str, Any]:
        return {
            "format": type(self).__name__.removesuffix("Hdf5").lower(),
            **self._reader.attributes("data"),
        }

    @property
    def demos(self) -> list[str]:
        """Names of the groups, by number."""
        return self._demos

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        if field.key in self._texts:
            return np.array(self._texts[field.key][episode])
        return self._reader.read(f"data/{self._demos[episode]}/{field.key}")

    def close(self) -> None:
        self._reader.close()

    @abstractmethod
    def name_of(self, key: str) -> str | None:
        """Return the name in Muse of a demonstration's array; None, its reason noted, for none."""

    def leave_out(self, key: str, reason: str) -> None:
        """Note why `key` becomes no column."""
        self._unplaced.append(f"{key} ({reason})")

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        """Name -> the text of each demonstration, from the attributes that are text."""
        attributes = [self._reader.attributes(f"data/{demo}") for demo in self._demos]
        names = [name for name, value in attributes[0].items() if isinstance(value, str)]
        return {
            MODEL if name == "model_file" else name: [
                self._model_beside(str(a.get(name, ""))) for a in attributes
            ]
            for name in names
        }

    def _model_beside(self, text: str) -> str:
        """Return the model that early robosuite wrote into a folder, or `text` as it is."""
        beside = self.path.parent / "models" / text
        if re.fullmatch(r"[\w.-]+\.xml", text) and beside.is_file():
            return beside.read_text(encoding="utf-8")
        return text

    def _length(self, demo: str) -> int:
        shape = self._reader.shape(f"data/{demo}/actions")
        if not shape or not shape[0]:
            raise DataError(f"{self.path}: data/{demo}/actions is empty; remove this demonstration")
        return shape[0]

    def _place(self, key: str) -> Field | None:
        name = self.name_of(key)
        if name is None:
            return None
        full = f"data/{self._demos[0]}/{key}"
        shape, dtype = self._reader.shape(full), self._reader.dtype(full)
        if key.startswith(f"{ONCE}/") and dtype.kind in "fiub":
            return field(name.removeprefix(f"{ONCE}/"), key, shape, dtype, "episode")
        if dtype.kind not in "fiub" or shape[:1] != (int(self._lengths[0]),):
            self.leave_out(key, f"shape {shape} of {dtype}; expected {self._lengths[0]} rows")
            return None
        return field(name, key, shape[1:], dtype if name == "states" else single_precision(dtype))


def has_data_attribute(path: Path, name: str) -> bool:
    """Whether `path` is an HDF5 file with demonstrations and the attribute `name` on `data`."""
    if not path.is_file() or path.suffix not in _SUFFIXES or not h5py.is_hdf5(path):
        return False
    reader = Hdf5Reader(path, is_sound=True)
    try:
        return "data" in reader and reader.has_attribute("data", name)
    finally:
        reader.close()


def parsed(text: Any) -> Any:
    """Return JSON `text` as values, or as it is when it is none."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text
