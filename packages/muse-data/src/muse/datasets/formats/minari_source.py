"""What Minari folders have in common, whichever way they keep their episodes."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, message_line
from muse.datasets.formats.field_source import Field, FieldSource, field, single_precision
from muse.datasets.formats.roles import default_spec

_NAMES = {"rewards": "reward", "terminations": "terminated", "truncations": "truncated"}
_HEADS = {"observations": "obs", "actions": "action", "infos": "info"}
_FINAL = "final/"
_KEPT = ("dataset_id", "env_spec", "algorithm_name", "author", "code_permalink")
_MOST_META = 64 << 20  # bytes


class MinariSource(FieldSource):
    """A Minari data set on disk; Minari itself is not needed.

    Observations are named `obs`, of Dict spaces `obs/<key>`, of Tuple spaces `obs/<number>`; the
    one behind the last step becomes the episode column `final/<name>`. Infos are named
    `info/<key>`; where they begin with those of the reset, the last entry is left out.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._folder = data_folder(path)
        self._meta = self._read_meta()
        self._spaces = {**self._spaces_of("observation_space"), **self._spaces_of("action_space")}
        self._lengths = np.array(self._open(), np.int64)
        if not len(self._lengths) or self._lengths.min() < 1:
            raise DataError(f"{path} has no episodes, or one without steps; collect some")
        self._unplaced = []
        fields = [f for key in self._keys() for f in self._place(key)]
        self.keep(fields)

    @abstractmethod
    def _open(self) -> list[int]:
        """Open the episodes and return how many steps each has."""

    @abstractmethod
    def _keys(self) -> list[str]:
        """Return the keys of an episode, such as `observations/camera`."""

    @abstractmethod
    def _read(self, key: str, episode: int) -> NDArray[Any]:
        """Return a key over one episode, pictures decoded: (L, …) or (L + 1, …)."""

    @property
    def info(self) -> Mapping[str, Any]:
        about = {key: self._meta[key] for key in _KEPT if key in self._meta}
        try:
            about["env"] = json.loads(self._meta["env_spec"])["id"]
        except (KeyError, TypeError, ValueError):
            about["env"] = None
        return {"format": "minari", **about}

    def spec_params(self) -> AttrDict | None:
        params = default_spec(self.columns())
        for row in params.names_shapes_limits_dtypes:
            space = self._spaces.get(row[0], {})
            if row[0].partition("/")[0] == "action" and {"low", "high"} <= set(space):
                row[2] = [space["low"], space["high"]]
        return params

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        values = self._read(field.key, episode)
        steps = int(self._lengths[episode])
        if field.column.per == "step":
            return values[:steps]
        if len(values) != steps + 1:
            raise ValueError(f"{len(values)} entries, expected {steps + 1}")
        return np.asarray(values[steps])

    def _place(self, key: str) -> list[Field]:
        values, steps, name = self._read(key, 0), int(self._lengths[0]), column_name(key)
        if values.dtype.kind not in "fiub" or len(values) not in (steps, steps + 1):
            self._unplaced.append(
                f"{key} (shape {values.shape} of {values.dtype}; expected a number a step)"
            )
            return []
        shape, dtype = values.shape[1:], single_precision(values.dtype)
        fields = [field(name, key, shape, dtype)]
        if len(values) == steps + 1 and key.partition("/")[0] == "observations":
            fields.append(field(_FINAL + name, key, shape, dtype, "episode"))
        return fields

    def _read_meta(self) -> dict[str, Any]:
        file = self._folder / "metadata.json"
        try:
            if file.stat().st_size > _MOST_META:
                raise ValueError(f"{file.stat().st_size} bytes")
            return dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise DataError(
                f"{file} is missing or damaged ({message_line(error)}); download the data again"
            ) from error

    def _spaces_of(self, key: str) -> dict[str, dict[str, Any]]:
        """Return name -> what the metadata say of a space and of the spaces in it."""
        try:
            space = json.loads(self._meta[key]) if key in self._meta else {}
            return dict(_leaf_spaces(key.partition("_")[0].replace("observation", "obs"), space))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(
                f"{self.path}: {key} in metadata.json is damaged ({message_line(error)[:160]}); "
                "download the data again"
            ) from error


def data_folder(path: Path) -> Path:
    """Return the folder that holds `metadata.json`: `path` itself or `data` in it."""
    return path if (path / "metadata.json").is_file() else path / "data"


def _leaf_spaces(name: str, space: Any) -> list[tuple[str, dict[str, Any]]]:
    inner = space.get("subspaces")
    if inner is None:
        return [(name, dict(space))]
    pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
    return [leaf for key, sub in pairs for leaf in _leaf_spaces(f"{name}/{key}", sub)]


def column_name(key: str) -> str:
    """Return what `key` of an episode is called here."""
    head, slash, tail = key.partition("/")
    return _NAMES.get(key, _HEADS.get(head, head) + slash + tail.replace("_index_", ""))
