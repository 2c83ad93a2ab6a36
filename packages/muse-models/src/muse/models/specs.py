"""Deriving specs: what a model adds is known to the models after it, and nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def with_names(env_spec: Any, shapes: Mapping[str, tuple[int, ...]]) -> Any:
    """Return a spec that also knows the float names of `shapes`; names it has are left alone."""
    rows = [
        (name, tuple(shape), (-np.inf, np.inf), np.float32)
        for name, shape in shapes.items()
        if name not in env_spec
    ]
    return env_spec.derive(add_rows=rows) if rows else env_spec
