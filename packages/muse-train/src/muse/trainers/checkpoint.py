"""Checkpoints: everything a run needs to go on bit for bit, in one atomic file.

A file is read with `torch.load(weights_only=True)`: tensors, numbers, strings and containers of
them, never code.
"""

# ruff: noqa: NPY002 - saving and restoring the global generator is the point here
from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from muse.core.errors import CheckpointError, message_line
from muse.experiments import atomic

#: Version of the layout; a reader refuses what it does not know.
SCHEMA = 1


def save_checkpoint(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write `content` (without the schema, which is added) to `path`, whole or not at all."""
    with atomic.atomic_path(path) as temporary:
        torch.save({"schema": SCHEMA, **content}, temporary)


def load_checkpoint(path: str | Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Read a checkpoint.

    Args:
        path: a file written by `save_checkpoint`.
        device: where its tensors go.

    Raises:
        CheckpointError: it is missing, damaged, of another layout or holds something unsafe.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"checkpoint {path} not found; expected a file such as model.pt")
    try:
        _verify_checksums(path)
        content = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises RuntimeError, EOFError, UnpicklingError, KeyError, …
        reason = message_line(error).split(". ")[0][:160]
        raise CheckpointError(
            f"checkpoint {path} is damaged or is no Muse checkpoint ({reason}); "
            "restore a copy or use another file of the same folder"
        ) from error
    if not isinstance(content, dict) or "schema" not in content or "model" not in content:
        raise CheckpointError(
            f"checkpoint {path} has no Muse layout: expected a dict with 'schema' and 'model', "
            f"got {sorted(map(str, content)) if isinstance(content, dict) else type(content)}"
        )
    if content["schema"] != SCHEMA:
        raise CheckpointError(
            f"checkpoint {path} has schema {content['schema']}, this Muse reads {SCHEMA}; "
            "use the Muse version that wrote it"
        )
    return content


def _verify_checksums(path: Path) -> None:
    """Raise BadZipFile where a byte was changed; torch reads such weights without a word."""
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
    if broken is not None:
        raise zipfile.BadZipFile(f"wrong checksum of {broken}")


def rng_state() -> dict[str, Any]:
    """State of every random number generator training may draw from."""
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": json.dumps([name, np.asarray(keys).tolist(), position, has_gauss, cached]),
        "python": json.dumps(random.getstate()),
    }


def set_rng_state(state: Mapping[str, Any]) -> None:
    """Restore what `rng_state` returned."""
    torch.set_rng_state(state["torch"].cpu())
    if torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([s.cpu() for s in state["cuda"]])
    name, keys, position, has_gauss, cached = json.loads(state["numpy"])
    np.random.set_state((name, np.asarray(keys, np.uint32), position, has_gauss, cached))
    version, internal, gauss = json.loads(state["python"])
    random.setstate((version, tuple(internal), gauss))


def seed_everything(seed: int) -> None:
    """Seed torch (all devices), numpy and Python; a command does this once, before building."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


class isolated_rng:  # noqa: N801 - reads as a statement: `with isolated_rng():`
    """Context that gives every generator back as it was, so evaluation never moves training.

    Inside, the generators go on from where they were; what is drawn is forgotten on leaving.
    """

    def __enter__(self) -> None:
        self._torch = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        self._numpy = np.random.get_state()
        self._python = random.getstate()

    def __exit__(self, *error: object) -> None:
        torch.set_rng_state(self._torch)
        if self._cuda:
            torch.cuda.set_rng_state_all(self._cuda)
        np.random.set_state(self._numpy)
        random.setstate(self._python)
