"""The base of every policy: scripted, teleoperated, random or learned."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, UsageError
from muse.core.params import Configurable, Param
from muse.core.spec import EnvSpec


class Policy(Configurable):
    """A function `(model, obs, goal, memory) -> (action, memory)`.

    All that a policy knows between two steps is in `memory`, so one object serves any number of
    environments at once: row b of every array belongs to environment b. A subclass writes
    `get_action`, `initial_memory` if it remembers more than its step count, and `_set_up` for what
    is made once.

    A random draw is a pure function of the row's `seed` and `count` (see `row_generators`), so a
    result does not depend on which rows are stepped together.

    Args:
        params: as declared by the class.
        env_spec: names, shapes, limits and dtypes of observations, goals and actions.
        file_manager: of the experiment, for policies that read or write files.
        env: for a policy that must look into its environment; most need none.
    """

    declared_params: ClassVar[tuple[Param, ...]] = ()

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        env_spec: EnvSpec,
        file_manager: Any = None,
        env: Any = None,
    ) -> None:
        if not isinstance(env_spec, EnvSpec):
            raise ParamError(
                f"{type(self).__name__}: env_spec is a {type(env_spec).__name__}, "
                "expected an EnvSpec"
            )
        self.params = self.resolve_params(params)
        self.env_spec = env_spec
        self.file_manager = file_manager
        self.env = env
        self._set_up()

    def _set_up(self) -> None:
        """Make what stays the same in all episodes; the arguments are attributes by now."""

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Return the memory of B rows that have not acted yet.

        Args:
            model: as given to `get_action`.
            batch_size: B.
            seeds: (B,) one for each row; 0 to B - 1 if None.

        Returns:
            `count` (B,) int64, steps acted, `seed` (B,) int64, and what a subclass adds; every
            leaf an array with leading dimension B.
        """
        if batch_size < 1:
            raise UsageError(f"initial_memory: batch_size is {batch_size}, expected at least 1")
        seed = np.array(range(batch_size) if seeds is None else seeds, dtype=np.int64)
        if seed.shape != (batch_size,):
            raise UsageError(
                f"initial_memory: seeds have shape {seed.shape}, expected ({batch_size},), "
                "one for each row"
            )
        return AttrDict(count=np.zeros(batch_size, np.int64), seed=seed)

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return the action of every row and the memory of the next step.

        Args:
            model: what a learned policy asks; None for others.
            obs: leaves (B, …), as the environment gave them.
            goal: leaves (B, …); empty without a goal.
            memory: from `initial_memory` or the previous call; it is not changed.

        Returns:
            action: numpy leaves (B, …) of `env_spec.action_names`, in their dtypes and limits.
            memory: a new AttrDict, its `count` one higher.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define get_action")

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return (B,) bool: rows whose policy has nothing left to do; never, unless overridden."""
        return np.zeros(len(memory.count), dtype=bool)

    def reset_rows(
        self,
        model: Any,
        memory: AttrDict,
        rows: np.ndarray,
        seeds: Sequence[int] | np.ndarray,
    ) -> AttrDict:
        """Return the memory with some rows started anew; the others are as they were.

        Args:
            memory: leaves (B, …), numpy or torch.
            rows: (B,) bool, the rows to start anew.
            seeds: (B,) for all rows, or one for each row that starts anew.
        """
        rows = np.asarray(rows)
        batch = len(memory.count)
        if rows.dtype != bool or rows.shape != (batch,):
            raise UsageError(
                f"reset_rows: rows are {rows.dtype} of shape {rows.shape}, expected bool ({batch},)"
            )
        if not rows.any():
            return memory
        given = np.asarray(seeds, dtype=np.int64)
        if given.shape == (batch,):
            seed = given
        elif given.shape == (int(rows.sum()),):
            seed = np.zeros(batch, np.int64)
            seed[rows] = given
        else:
            raise UsageError(
                f"reset_rows: got {given.size} seeds, expected {batch}, or {rows.sum()} for the "
                "rows that start anew"
            )
        fresh = self.initial_memory(model, batch, seed)
        return AttrDict.leaf_combine_and_apply(
            [fresh, memory], lambda leaves: where_rows(rows, leaves[0], leaves[1])
        )


def row_generators(memory: AttrDict) -> list[np.random.Generator]:
    """Return one generator a row, a pure function of the row's `seed` and `count`."""
    return [
        np.random.Generator(np.random.PCG64(np.random.SeedSequence((int(s) & _MASK, int(c)))))
        for s, c in zip(memory.seed, memory.count, strict=True)
    ]


_MASK = (1 << 64) - 1  # a SeedSequence takes no negative numbers


def next_count(memory: AttrDict) -> AttrDict:
    """Return a copy of the memory whose `count` is one higher."""
    return memory & AttrDict(count=memory.count + 1)


def where_rows(rows: np.ndarray, new: Any, old: Any) -> Any:
    """Take the rows of `new` where `rows` (B,) is true, else those of `old`; numpy or torch."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(old, torch.Tensor):
        chosen = torch.as_tensor(rows, device=old.device)
        new = torch.as_tensor(new, device=old.device).to(old.dtype)
        return torch.where(chosen.reshape(-1, *[1] * (old.ndim - 1)), new, old)
    new, old = np.asarray(new), np.asarray(old)
    return np.where(rows.reshape(-1, *[1] * (old.ndim - 1)), new, old)


def act_by_row(
    memory: AttrDict, act: Callable[[int, AttrDict], np.ndarray]
) -> tuple[AttrDict, AttrDict]:
    """Return (action, memory) of a policy whose rows act one after the other.

    Args:
        memory: of B rows, its leaves not nested; it is not changed.
        act: (b, the memory of row b in the next step) -> its action (A,); it may change that
            memory.

    Returns:
        action: `action` (B, A) float32.
        memory: of the next step.
    """
    after, actions = next_count(memory).leaf_apply(np.copy), []
    for b in range(len(after.count)):
        mine = AttrDict({name: value[b] for name, value in after.items()})
        actions.append(act(b, mine))
        for name, value in mine.items():
            after[name][b] = value
    return AttrDict(action=np.stack(actions).astype(np.float32)), after
