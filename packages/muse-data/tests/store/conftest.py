"""Small stores, real folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from muse.datasets.formats.source import Column
from muse.datasets.store import StoreWriter


@pytest.fixture
def write_store(tmp_path, make_data):
    """Write episodes of the spec's columns to a store and return its path and the raw arrays."""

    def write(lengths, spec=None, codec="raw", name="demos", extra=None, **changes):
        raw = make_data(lengths)
        del raw["done"]
        columns = [Column(n, "", a.shape[1:], a.dtype) for n, a in raw.items()]
        extra = extra or {}
        columns += [Column(n, "", a.shape[1:], a.dtype, "episode") for n, a in extra.items()]
        params = None if spec is None else spec.params
        path = tmp_path / name
        with StoreWriter(path, columns, spec=params, codec=codec, **changes) as writer:
            for i, end in enumerate(np.cumsum(lengths)):
                steps = {n: a[end - lengths[i] : end] for n, a in raw.items()}
                writer.add_episode({**steps, **{n: a[i] for n, a in extra.items()}})
        return path, {**raw, **extra}

    return write


@pytest.fixture
def files_of():
    """Return every file of a store that holds data, by name."""

    def files_of(store: Path) -> dict[str, Path]:
        return {p.name: p for p in (store / "columns").rglob("*") if p.is_file()}

    return files_of
