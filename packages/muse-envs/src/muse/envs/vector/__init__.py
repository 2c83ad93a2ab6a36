"""Vectorised environments: N rows behind the contract of a single one."""

from __future__ import annotations

from typing import Any

_HOMES = {
    "VectorEnv": "muse.envs.vector.vector_env",
    "SyncVectorEnv": "muse.envs.vector.sync_vector_env",
    "SubprocVectorEnv": "muse.envs.vector.subproc_vector_env",
    "WorkerCrashError": "muse.envs.vector.processes",
}
__all__ = ["SubprocVectorEnv", "SyncVectorEnv", "VectorEnv", "WorkerCrashError"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
