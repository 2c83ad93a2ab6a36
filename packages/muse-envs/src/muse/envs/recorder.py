"""Gathers the steps of one episode into the layout of a dataset."""

from __future__ import annotations

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.spec import EnvSpec


class EpisodeRecorder:
    """Keeps one row of a batched rollout, step by step.

    Args:
        env_spec: which names are kept, and where they go.
        row: the row of the batch that is kept.
    """

    def __init__(self, env_spec: EnvSpec, row: int) -> None:
        self._spec = env_spec
        self._row = row
        self._inputs: dict[str, list[np.ndarray]] = {}
        self._outputs: dict[str, list[np.ndarray]] = {}
        self._done: list[bool] = []
        self._first: AttrDict | None = None
        self._last: AttrDict | None = None

    def add(
        self,
        before: tuple[AttrDict, AttrDict],
        action: AttrDict,
        after: tuple[AttrDict, AttrDict],
        done: bool,
    ) -> None:
        """Keep one step.

        Args:
            before: (obs, goal) the action was chosen on, leaves (B, ...).
            action: leaves (B, ...).
            after: (obs, goal) the action led to.
            done: whether the environment ended the episode here.
        """
        spec, row = self._spec, self._row
        for names, source in (
            (spec.observation_names, before[0]),
            (spec.goal_names, before[1]),
            (spec.action_names, action),
        ):
            for name in names:
                self._inputs.setdefault(name, []).append(np.asarray(source[name])[row])
        for names, source in (
            (spec.output_observation_names, after[0]),
            (spec.output_goal_names, after[1]),
        ):
            for name in names:
                self._outputs.setdefault(name, []).append(np.asarray(source[name])[row])
        self._done.append(done)
        if self._first is None:
            self._first = before[0]
        self._last = after[0]

    def episode(self, truncated: bool) -> tuple[AttrDict, AttrDict]:
        """Return (inputs, outputs) with leaves (T, ...), closed by a done step.

        Args:
            truncated: the rollout cut the episode; its last step is marked `truncated`.
        """
        inputs = AttrDict()
        outputs = AttrDict()
        for name, rows in self._inputs.items():
            inputs[name] = np.stack(rows)
        for name, rows in self._outputs.items():
            outputs[name] = np.stack(rows)
        for names, source in (
            (self._spec.param_names, self._first),
            (self._spec.final_names, self._last),
        ):
            for name in names:
                if source is not None and name in source:
                    inputs[name] = np.asarray(source[name])[self._row][None]
        done = np.array(self._done, bool)
        done[-1] = True
        outputs[self._spec.done_key] = done
        if truncated and "truncated" in outputs:
            outputs["truncated"][-1] = True
        return inputs, outputs
