"""Taking in episodes, whole or step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, suggest
from muse.datasets.columns import TIMESTEP, Columns, refuse_nan
from muse.datasets.storage.step_sink import StepSink


class Recording:
    """Checks what is added and puts it where episodes are kept.

    Args:
        store: where episodes go.
        columns: what each name must look like.
        step_names: names with a value a step.
        onetime_names: names with a value an episode.
        allow_missing_onetime: take goal/x and param/x from x.
    """

    def __init__(
        self,
        store: StepSink,
        columns: Columns,
        step_names: Sequence[str],
        onetime_names: Sequence[str],
        allow_missing_onetime: bool,
    ) -> None:
        self._store, self._columns = store, columns
        self._steps, self._onetime = tuple(step_names), tuple(onetime_names)
        self._fill_onetime = allow_missing_onetime
        self._begun: dict[str, NDArray[Any]] = {}

    @property
    def begun(self) -> dict[str, NDArray[Any]]:
        """The one-time values of the open episode as far as they are known."""
        return self._begun

    def add_episode(self, data: AttrDict) -> None:
        """Add arrays (L, …) as one episode."""
        if self._store.open_steps:
            raise DataError(
                "an episode begun with add() is open; call terminate_episode() (of a recorder: "
                "end_episode()) before add_episode()"
            )
        length = self._length(data)
        steps = self._step_arrays(data, length, 0)
        done = steps[self._columns.done_key]
        if done[:-1].any():
            raise DataError(
                f"add_episode: {self._columns.done_key!r} is True at step {int(np.argmax(done))} "
                f"of {length}; expected only the last; add the parts as episodes of their own"
            )
        done[-1] = True
        onetime = {n: self._onetime_value(n, data) for n in self._onetime}
        self._store.append(steps)
        self._store.finish(onetime)

    def add(self, data: AttrDict) -> None:
        """Add arrays (1, …) as one step."""
        length = self._length(data)
        if length != 1:
            raise DataError(f"add: got {length} steps, expected 1; use add_episode for more")
        steps = self._step_arrays(data, 1, self._store.open_steps)
        onetime = {n: self._onetime_value(n, data) for n in self._onetime if self._given(n, data)}
        self._store.append(steps)
        for name, value in onetime.items():
            if name in self._columns.final or name not in self._begun:
                self._begun[name] = value
        if steps[self._columns.done_key][0]:
            self.terminate()

    def terminate(self) -> None:
        """End the open episode."""
        if not self._store.open_steps:
            return
        lacking = [n for n in self._onetime if n not in self._begun]
        if lacking:
            raise DataError(
                f"the episode ends without its one-time values {', '.join(map(repr, lacking))}; "
                "give them with one of its steps"
            )
        self._store.end_open(self._columns.done_key)
        self._store.finish(self._begun)
        self._begun = {}

    def clear(self) -> None:
        """Forget everything."""
        self._store.clear()
        self._begun = {}

    def _length(self, data: AttrDict) -> int:
        for name in self._steps:
            if name in data and name != self._columns.done_key:
                array = np.asarray(data[name])
                if array.ndim == 0 or len(array) == 0:
                    raise DataError(f"{name!r} has shape {array.shape}; expected at least one step")
                return len(array)
        raise DataError(f"nothing to add: expected arrays named {', '.join(self._steps)}")

    def _step_arrays(self, data: AttrDict, length: int, first: int) -> dict[str, NDArray[Any]]:
        arrays = {}
        for name in self._steps:
            if name in data:
                array = self._columns.fit(name, data[name], "episode added")
            elif name == self._columns.done_key:
                array = np.zeros(length, np.bool_)
            elif name == TIMESTEP:
                array = np.arange(first, first + length)
            else:
                raise DataError(
                    f"the episode added lacks {name!r}; expected {', '.join(self._steps)}."
                    f"{suggest(name, data.leaf_keys())}"
                )
            if len(array) != length:
                raise DataError(
                    f"episode added: {name!r} has {len(array)} steps, others {length}; expected "
                    "equally many"
                )
            if name in self._columns.actions:
                refuse_nan(name, array, np.array([length]), "episode added")
            arrays[name] = array
        arrays[self._columns.done_key] = arrays[self._columns.done_key].copy()
        return arrays

    def _source(self, name: str, data: AttrDict) -> str | None:
        if name in data:
            return name
        head, _, tail = name.partition("/")
        usable = self._fill_onetime and head in ("goal", "param") and tail in data
        return tail if usable else None

    def _given(self, name: str, data: AttrDict) -> bool:
        return self._source(name, data) is not None

    def _onetime_value(self, name: str, data: AttrDict) -> NDArray[Any]:
        source = self._source(name, data)
        if source is None:
            raise DataError(
                f"the episode added lacks the one-time value {name!r}."
                f"{suggest(name, data.leaf_keys())}"
            )
        array = np.asarray(data[source])
        shape, _ = self._columns.expected(name)
        if array.shape == (() if shape is None else shape):  # given once, not for each step
            array = array[None]
        fitted = self._columns.fit(name, array, "episode added")
        return fitted[-1] if name in self._columns.final else fitted[0]
