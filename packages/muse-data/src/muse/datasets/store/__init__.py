"""The columnar store: episodes in a folder of array files, read through a memory map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.datasets.store.recorder import StoreRecorder as StoreRecorder
    from muse.datasets.store.recovery import recover as recover
    from muse.datasets.store.spec import spec_of as spec_of
    from muse.datasets.store.store import Store as Store
    from muse.datasets.store.writer import StoreWriter as StoreWriter

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "recorder": ("StoreRecorder",),
        "recovery": ("recover",),
        "spec": ("spec_of",),
        "store": ("Store",),
        "writer": ("StoreWriter",),
    },
)
