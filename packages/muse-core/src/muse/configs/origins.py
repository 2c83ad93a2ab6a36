"""Which file each value of a config was written in."""

from __future__ import annotations

from pathlib import Path

from muse.configs.loader import show
from muse.core.attrdict import AttrDict


def file_origins(file: Path, export: AttrDict) -> dict[str, str]:
    """Return leaf path → "file" or "file:line" for the export of a config file."""
    return dict.fromkeys(export.leaf_keys(), show(file))
