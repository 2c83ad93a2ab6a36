"""`EpisodeFile`: where `muse envs play --record` keeps episodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, UsageError
from muse.core.params import import_object
from muse.core.spec import EnvSpec


class EpisodeFile:
    """Episodes on the disk, each of them whole when `add` returns.

    `.npz` is written anew with every episode; anything else is a store, which grows, also one that
    is there already.

    Args:
        path: the `.npz`, or the folder of the store.
        env_spec: which names are kept.
        info: what is known of the whole, for a new store.

    Raises:
        UsageError: muse-data, which writes them, is not installed, or the `.npz` exists.
    """

    def __init__(self, path: Path, env_spec: EnvSpec, info: dict[str, Any]) -> None:
        self.path, self._spec = path, env_spec
        self._episodes: list[tuple[AttrDict, AttrDict]] = []
        self._recorder: Any = None
        if path.suffix == ".npz":
            if path.exists():
                raise UsageError(
                    f"--record {path} exists already; delete it, choose another name, or name a "
                    "store (a folder), which grows"
                )
            self._dataset = _of_muse_data("muse.datasets.NpDataset")
        else:
            recorder = _of_muse_data("muse.datasets.store.recorder.StoreRecorder")
            self._recorder = recorder(path, env_spec, info=info)

    def add(self, inputs: AttrDict, outputs: AttrDict) -> None:
        """Add an episode: leaves (T, ...), those of params and finals (1, ...)."""
        if self._recorder is not None:
            self._recorder.add_episode(inputs, outputs)
            return
        self._episodes.append((inputs, outputs))
        steps = sum(len(kept[self._spec.done_key]) for _, kept in self._episodes)
        dataset = self._dataset(
            AttrDict(batch_size=1, horizon=1, capacity=steps, output_file=str(self.path)),
            self._spec,
        )
        for episode in self._episodes:
            dataset.add_episode(*episode)
        dataset.save(self.path)

    def __enter__(self) -> EpisodeFile:
        return self

    def __exit__(self, *error: object) -> None:
        if self._recorder is not None:
            self._recorder.close()


def _of_muse_data(path: str) -> Any:
    """Import by name: muse-envs works without muse-data."""
    try:
        return import_object(path)
    except ConfigError as error:
        raise UsageError(
            f"--record needs muse-data, which is not installed ({error}); "
            "run: pip install muse-data"
        ) from error
