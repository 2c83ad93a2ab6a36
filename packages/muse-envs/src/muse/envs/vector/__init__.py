"""Vectorised environments: N rows behind the contract of a single one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.vector.processes import WorkerCrashError as WorkerCrashError
    from muse.envs.vector.subproc_vector_env import SubprocVectorEnv as SubprocVectorEnv
    from muse.envs.vector.sync_vector_env import SyncVectorEnv as SyncVectorEnv
    from muse.envs.vector.vector_env import VectorEnv as VectorEnv

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "processes": ("WorkerCrashError",),
        "subproc_vector_env": ("SubprocVectorEnv",),
        "sync_vector_env": ("SyncVectorEnv",),
        "vector_env": ("VectorEnv",),
    },
)
