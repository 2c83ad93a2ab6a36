"""Looking through a whole data set once, and what there is to say about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.formats.roles import roles_of
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.storage.windows import Rows
from muse.datasets.tools.column_check import ColumnCheck, flat_size
from muse.datasets.tools.finding import Finding
from muse.datasets.tools.image_check import ImageCheck

_SHORT, _LONG = 0.2, 5.0  # of the median length: worth a word beyond
_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Examination:
    """What is known of a data set after reading it once.

    Args:
        lengths: steps of each episode, (E,).
        columns: what there is.
        statistics: column -> mean, std, min and max, each flat (D,); of pictures min and max.
        findings: what a person should know, the worst first.
    """

    lengths: Rows
    columns: Sequence[Column]
    statistics: Mapping[str, AttrDict]
    findings: Sequence[Finding]


def examine(
    source: EpisodeSource,
    images: bool = True,
    advance: Callable[[], None] = lambda: None,
) -> Examination:
    """Read every episode once and check it; one episode at a time is in memory.

    Args:
        source: the data set.
        images: read pictures too.
        advance: called after each episode.
    """
    examiner = _Examiner(source, images)
    for episode in range(len(source.lengths)):
        examiner.look_at(episode)
        advance()
    return examiner.result()


class _Examiner:
    """The checks of all columns, and those that look at whole episodes."""

    def __init__(self, source: EpisodeSource, images: bool) -> None:
        self._source = source
        limits = _limits(source.spec_params())
        self._columns = source.columns()
        numbers = [c for c in self._columns if c.dtype.kind in "fiub" and flat_size(c)]
        numeric = [c for c in numbers if not c.is_image]
        self._checks = [ColumnCheck(c, limits.get(c.name)) for c in numeric]
        self._images = [ImageCheck(c) for c in self._columns if c.is_image and images]
        self._state = {n for n, role in roles_of(source).items() if role == "observation"}
        self._digests: dict[bytes, int] = {}
        self._copies: list[tuple[int, int]] = []
        self._still = 0

    def look_at(self, episode: int) -> None:
        length = int(self._source.lengths[episode])
        digest = hashlib.blake2b(digest_size=16)
        moved, changed = np.zeros(length, np.bool_), np.zeros(length, np.bool_)
        has_state = False
        for check in self._checks:
            column = check.column
            values = self._source.read(column.name, episode)
            values = values if column.per == "step" else values[None]
            check.update(values, episode)
            if column.per == "step":
                digest.update(np.ascontiguousarray(values).tobytes())
                changes = _changes(values)
                changed |= changes
                if column.name in self._state:
                    moved |= changes
                    has_state = True
        for camera in self._images:
            frames = self._source.read(camera.column.name, episode)
            digest.update(np.ascontiguousarray(frames).tobytes())
            camera.update(frames, episode, moved if has_state else np.ones(length, np.bool_))
        self._still += length - 1 - int(changed[1:].sum())
        self._compare(digest.digest(), episode)

    def result(self) -> Examination:
        found = self._episodes()
        for check in self._checks:
            found += check.findings()
        for camera in self._images:
            found += camera.findings()
        statistics = {c.column.name: c.statistics() for c in self._checks if len(self._lengths)}
        for camera in self._images:
            statistics[camera.column.name] = AttrDict(
                min=np.array([camera.low]), max=np.array([camera.high])
            )
        found.sort(key=lambda finding: _ORDER[finding.severity])
        return Examination(self._lengths, self._columns, statistics, found)

    @property
    def _lengths(self) -> Rows:
        return self._source.lengths

    def _compare(self, digest: bytes, episode: int) -> None:
        first = self._digests.setdefault(digest, episode)
        if first != episode and (self._checks or self._images):
            self._copies.append((episode, first))

    def _episodes(self) -> list[Finding]:
        """What is to say about whole episodes."""
        lengths = self._lengths
        if not len(lengths):
            return [Finding("error", "there are no episodes")]
        found = [
            Finding("warning", f"is a copy of episode {first}", episode=episode)
            for episode, first in self._copies
        ]
        median = float(np.median(lengths))
        strange = (lengths < _SHORT * median) | (lengths > _LONG * median)
        for episode in np.flatnonzero(strange).tolist():
            message = f"has {lengths[episode]} steps; the median is {median:g}"
            found.append(Finding("warning", message, episode=episode))
        if self._checks and self._still:
            total = int(lengths.sum())
            share = 100 * self._still / total
            message = f"{self._still} of {total} steps ({share:.1f} %) repeat the step before"
            found.append(Finding("warning" if share > 25 else "note", message))
        return found


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return (L,), whether a step differs from the one before; the first does not."""
    flat = values.reshape(len(values), -1)
    return np.append(False, (flat[1:] != flat[:-1]).any(axis=1))


def _limits(spec_params: AttrDict | None) -> dict[str, tuple[Any, Any]]:
    """Return action -> (low, high) as the spec says, where both are finite."""
    if spec_params is None:
        return {}
    actions = set(spec_params["action_names"])
    return {
        row[0]: (row[2][0], row[2][1])
        for row in spec_params["names_shapes_limits_dtypes"]
        if row[0] in actions
        and np.isfinite(np.asarray(row[2][0], np.float64)).all()
        and np.isfinite(np.asarray(row[2][1], np.float64)).all()
    }
