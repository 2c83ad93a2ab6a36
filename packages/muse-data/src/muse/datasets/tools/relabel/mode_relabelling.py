"""From clicks to modes: what was aimed at in sparse and in dense periods (HYDRA).

Belkhale, Cui, Sadigh, "HYDRA: Hybrid Robot Actions for Imitation Learning" (2023). Mode 0 is
sparse: the action is a waypoint, the state at the end of the stretch. Mode 1 is dense: the action
is what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, UsageError
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views import ComputedView, RowsView, SubsetView
from muse.datasets.tools.relabel import clicks
from muse.datasets.tools.relabel.blocks import Block

#: (state (N, D), target (N, D)) -> (action (N, A), next state (N, D), reached (N,)).
Dynamics = Callable[[Any, Any], tuple[Any, Any, Any]]
_LONGEST_ROLLOUT = 10_000


@dataclass(frozen=True)
class ModeRelabelling:
    """How actions are relabelled.

    Args:
        state_names: columns that together are the state (D), which waypoints are taken from.
        mode0_names: columns of the sparse action, together (D) too.
        mode1_names: columns of the dense action, together (A).
        click_key: the column of clicks.
        dynamics: gives the dense action that leads from a state to a waypoint; None leaves dense
            actions as they are.
        populate_mode0: make the sparse actions of dense steps from states `mode0_skip` later.
        mode0_skip: see there.
        populate_gripper: add `target/gripper`, the last number of the dense action.
        relabel_actions: relabel actions at all; otherwise only the modes are written.
        use_dense_goal: in dense periods too, the sparse action is where the period ends.
        keep_from: dense actions keep their numbers from this one on; 0 relabels all that the
            dynamics give. Those they do not give, such as a gripper, stay in any case.
        between: further waypoints in each sparse stretch.
        relabel_states: replace sparse stretches by what the dynamics imagine, `real` 0.
    """

    state_names: tuple[str, ...]
    mode0_names: tuple[str, ...]
    mode1_names: tuple[str, ...]
    click_key: str = "click_state"
    dynamics: Dynamics | None = None
    populate_mode0: bool = False
    mode0_skip: int = 1
    populate_gripper: bool = False
    relabel_actions: bool = True
    use_dense_goal: bool = False
    keep_from: int = 0
    between: int = 0
    relabel_states: bool = False

    def apply(self, source: EpisodeSource) -> tuple[EpisodeSource, list[int]]:
        """Return `source` relabelled, and the episodes left out because they have no click."""
        self._check()
        skipped: list[int] = []
        if self.relabel_actions:
            skipped = [i for i in range(len(source.lengths)) if not self._clicks(source, i).any()]
            if len(skipped) == len(source.lengths):
                raise DataError(f"{source.path}: no episode has a click in {self.click_key!r}")
            kept = [i for i in range(len(source.lengths)) if i not in set(skipped)]
            source = SubsetView(source, kept) if skipped else source
        return _Relabelled(source, self).view(), skipped

    def _clicks(self, source: EpisodeSource, episode: int) -> clicks.Flags:
        return Block(source, [self.click_key], "--click-key").read(episode)[:, 0] > 0

    def _check(self) -> None:
        if self.relabel_states and (self.between or not self.relabel_actions or not self.dynamics):
            raise UsageError(
                "relabelling states needs the dynamics, relabels actions too, and knows no "
                "intermediate waypoints; leave the other option out"
            )
        if self.mode0_skip < 1 or self.between < 0 or self.keep_from < 0:
            raise UsageError("expected a skip of 1 or more, and no negative numbers")


class _Relabelled:
    """One source and how it is relabelled."""

    def __init__(self, source: EpisodeSource, how: ModeRelabelling) -> None:
        self._source, self._how = source, how
        self._state = Block(source, how.state_names, "--state-names")
        self._mode1 = Block(source, how.mode1_names, "--mode1-names")
        self._click = Block(source, [how.click_key], "--click-key")
        self._mode0 = self._sparse_block()
        if self._mode0.size != self._state.size:
            raise UsageError(
                f"the sparse action {', '.join(how.mode0_names)} has {self._mode0.size} numbers, "
                f"the state {', '.join(how.state_names)} {self._state.size}; expected as many"
            )

    def view(self) -> EpisodeSource:
        if self._how.relabel_states:
            imagined = [self._imagine(i) for i in range(len(self._source.lengths))]
            base: EpisodeSource = RowsView(self._source, [rows for rows, _ in imagined])
            return ComputedView(base, self._columns(), lambda i: imagined[i][1])
        return ComputedView(self._source, self._columns(), self._relabel)

    def _sparse_block(self) -> Block:
        """The sparse action as it is, or one that is made from the state's columns."""
        names = self._how.mode0_names
        there = {c.name for c in self._source.columns()}
        if all(name in there for name in names):
            return Block(self._source, names, "--mode0-names")
        if not (self._how.populate_mode0 or self._how.relabel_states):
            missing = [name for name in names if name not in there]
            raise UsageError(
                f"{self._source.path} has no sparse action {missing[0]!r}; make it from the "
                "state with --populate-mode0-actions"
            )
        if len(names) != len(self._state.columns):
            raise UsageError(
                f"--mode0-names has {len(names)} names, --state-names {len(self._state.columns)}; "
                "expected as many, as the new columns take their shapes from the state"
            )
        block = Block(self._source, self._how.state_names, "--state-names")
        pairs = zip(block.columns, names, strict=True)
        block.columns = [replace(c, name=name, source="relabelled") for c, name in pairs]
        return block

    def _columns(self) -> list[Column]:
        flag = Column("mode", "clicks", (1,), np.dtype(np.uint8))
        made = [flag, replace(flag, name="real")]
        actions = [*self._mode0.columns, *self._mode1.columns]
        made += actions + [replace(c, name=f"raw/{c.name}", source=c.name) for c in actions]
        if self._how.populate_gripper:
            kind = self._mode1.columns[-1].dtype
            made.append(Column("target/gripper", "last of the dense action", (1,), kind))
        if self._how.relabel_states:
            made += self._state.columns
        return made

    # -- actions -----------------------------------------------------------------------------

    def _relabel(self, episode: int) -> Mapping[str, NDArray[Any]]:
        how, state = self._how, self._state.read(episode)
        mode1 = self._mode1.read(episode)
        mode0 = self._old_mode0(episode, state)
        clicked, dense = self._modes(episode)
        new0, new1 = mode0, mode1
        if how.relabel_actions:
            points = clicks.waypoints(clicked, dense, how.between)
            goal = state[clicks.next_waypoint(points, len(state))]
            new0 = goal if how.use_dense_goal else np.where(dense[:, None], mode0, goal)
            if how.dynamics is not None:
                new1 = self._dense_action(state, new0, mode1, dense)
        return self._values(new0, new1, mode0, mode1, dense, real=1)

    def _old_mode0(self, episode: int, state: NDArray[Any]) -> NDArray[Any]:
        if not self._how.populate_mode0:
            return self._mode0.read(episode)
        ahead = np.minimum(np.arange(len(state)) + self._how.mode0_skip, len(state) - 1)
        return state[ahead]

    def _dense_action(
        self, state: NDArray[Any], goal: NDArray[Any], old: NDArray[Any], dense: clicks.Flags
    ) -> NDArray[Any]:
        action, _, _ = self._step(state, goal, old)
        action = np.where(dense[:, None], old, action)
        if self._how.keep_from:
            action[:, self._how.keep_from :] = old[:, self._how.keep_from :]
        return action

    def _step(
        self, state: NDArray[Any], goal: NDArray[Any], old: NDArray[Any]
    ) -> tuple[Any, Any, Any]:
        """Call the dynamics; numbers of the action that they do not know stay as in `old`."""
        assert self._how.dynamics is not None
        result: Any = self._how.dynamics(state, goal)
        if not isinstance(result, tuple) or len(result) != 3:
            raise UsageError(
                f"the dynamics returned a {type(result).__name__}, expected (action, next_state, "
                "reached); if they are made by a function, give its arguments with "
                "--dynamics-params"
            )
        action, following, reached = (np.asarray(each) for each in result)
        fits = action.ndim == 2 and len(action) == len(state) and action.shape[1] <= old.shape[1]
        if not fits or following.shape != state.shape:
            raise UsageError(
                f"the dynamics returned an action of shape {action.shape} and a state of shape "
                f"{following.shape}; expected {old.shape} (or fewer numbers: the others stay) and "
                f"{state.shape}, as the dense action and the state have; give other dynamics or "
                "other names"
            )
        whole = np.concatenate([action, old[:, action.shape[1] :]], axis=1)
        return whole, following, reached.astype(np.bool_).reshape(-1)

    def _modes(self, episode: int) -> tuple[clicks.Flags, clicks.Flags]:
        given = self._click.read(episode)[:, 0] > 0
        clicked = clicks.cleaned(given)
        return clicked, clicks.dense_steps(clicked)

    # -- states ------------------------------------------------------------------------------

    def _imagine(self, episode: int) -> tuple[NDArray[np.int64], Mapping[str, NDArray[Any]]]:
        """Return the step each new step is made from, and the new values."""
        state, mode1 = self._state.read(episode), self._mode1.read(episode)
        old0 = self._old_mode0(episode, state)
        clicked, dense = self._modes(episode)
        rows: list[NDArray[Any]] = []
        parts: list[tuple[NDArray[Any], ...]] = []
        begin = 0
        for end in clicks.waypoints(clicked, dense).tolist():
            if dense[begin]:
                took = np.arange(begin, end + 1)
                parts.append((state[took], old0[took], mode1[took]))
            else:
                states, actions = self._rollout(state[begin], state[end], mode1[begin], episode)
                took = np.full(len(states), begin)
                goals = np.repeat(state[end][None], len(states), axis=0)
                goals[-1], actions[-1] = old0[end], mode1[end]
                parts.append((states, goals, actions))
            rows.append(took)
            begin = end + 1
        every = np.concatenate(rows)
        states, goals, actions = (np.concatenate(each) for each in zip(*parts, strict=True))
        values = self._values(goals, actions, goals, actions, dense[every], real=0)
        return every, {**values, **self._state.parted(states)}

    def _rollout(
        self, start: NDArray[Any], goal: NDArray[Any], old: NDArray[Any], episode: int
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return states and actions from `start` until the step after `goal` is reached."""
        states, actions = [start], []
        while len(states) < _LONGEST_ROLLOUT:
            action, following, reached = self._step(states[-1][None], goal[None], old[None])
            actions.append(action[0])
            states.append(following[0])
            if reached[0]:
                actions.append(action[0])
                return np.stack(states), np.stack(actions)
        raise DataError(
            f"{self._source.path}, episode {episode}: the dynamics do not reach a waypoint in "
            f"{_LONGEST_ROLLOUT} steps; give them other parameters or leave --relabel-states out"
        )

    def _values(
        self,
        new0: NDArray[Any],
        new1: NDArray[Any],
        old0: NDArray[Any],
        old1: NDArray[Any],
        dense: clicks.Flags,
        real: int,
    ) -> Mapping[str, NDArray[Any]]:
        """Return every new column by name."""
        values: dict[str, Any] = {
            "mode": dense[:, None].astype(np.uint8),
            "real": np.full((len(dense), 1), real, np.uint8),
            **self._mode0.parted(new0),
            **self._mode1.parted(new1),
        }
        values |= {f"raw/{name}": each for name, each in self._mode0.parted(old0).items()}
        values |= {f"raw/{name}": each for name, each in self._mode1.parted(old1).items()}
        if self._how.populate_gripper:
            values["target/gripper"] = old1[:, -1:]
        return values
