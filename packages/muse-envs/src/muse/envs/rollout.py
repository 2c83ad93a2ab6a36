"""The one rollout engine: the only loop over `env.step` for training, evaluation and collection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.policy import Policy
from muse.envs.batching import all_rows, any_row, where_rows
from muse.envs.env import Env
from muse.envs.episode import Episode
from muse.envs.recorder import EpisodeRecorder
from muse.envs.statistics import summarize

__all__ = ["Episode", "RolloutError", "rollout", "summarize"]


class RolloutError(EnvError):
    """An episode failed; the message names its seed and step.

    Attributes:
        seeds: the seeds that were running.
    """

    def __init__(self, message: str, seeds: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.seeds = tuple(seeds)


def rollout(
    env: Env,
    policy: Policy,
    model: Any = None,
    *,
    seeds: Sequence[int],
    max_steps: int | None = None,
    presets: Mapping[str, Any] | None = None,
    goal_policy: Policy | None = None,
    record: bool = False,
    frames: int = 0,
    on_episode: Callable[[Episode], None] | None = None,
) -> list[Episode]:
    """Run one episode for each seed over the B rows of `env`.

    A row that becomes free takes the next seed. An episode depends on its seed alone, not on B,
    as long as environment and policy do. It ends when the environment is done, after `max_steps`,
    or when the policy says it is terminated and no goal policy has a further goal for it; the
    latter two count as truncated. An episode that a broken simulator ends is `failed` and has no
    data.

    Args:
        env: a single or vectorised environment; it stays open.
        policy: chooses the actions; its memory starts anew with each episode.
        model: what the policies work on.
        seeds: one for each episode, for environment and policy.
        max_steps: longest episode, in steps; None leaves the end to the environment.
        presets: given to each reset.
        goal_policy: its actions are goals that replace the environment's: asked at the first step
            and whenever `policy.is_terminated`; once it is terminated itself the episode ends.
        record: keep `Episode.data`.
        frames: keep the rendered pictures of the first so many episodes.
        on_episode: called with each episode as it ends.

    Returns:
        The episodes in the order of `seeds`.

    Raises:
        RolloutError: when the environment or a policy fails, naming seed and step.
    """
    if max_steps is not None and max_steps < 1:
        raise EnvError(f"rollout: max_steps={max_steps} is not allowed: expected None or >= 1")
    if env.params.get("auto_reset"):
        raise EnvError("rollout: it begins the episodes itself; give an env with auto_reset=False")
    run = _Run(env, policy, model, max_steps, presets, goal_policy)
    run.record, run.frames, run.on_episode = record, frames, on_episode
    return run.all_of([int(seed) for seed in seeds])


class _Run:
    """The state of one rollout; arrays have one entry for each of the B rows."""

    record: bool = False
    frames: int = 0
    on_episode: Callable[[Episode], None] | None = None

    def __init__(
        self,
        env: Env,
        policy: Policy,
        model: Any,
        max_steps: int | None,
        presets: Mapping[str, Any] | None,
        goal_policy: Policy | None,
    ) -> None:
        self.env, self.policy, self.model = env, policy, model
        self.max_steps, self.presets, self.goal_policy = max_steps, presets, goal_policy
        self.action_names = tuple(env.env_spec.action_names)
        self.actions_are_flat = not any("/" in name for name in self.action_names)
        rows = env.num_envs
        self.never = np.zeros(rows, bool)
        self.active = np.zeros(rows, bool)
        self.index = np.zeros(rows, np.int64)
        self.seed = np.zeros(rows, np.int64)
        self.length = np.zeros(rows, np.int64)
        self.total = np.zeros(rows)
        self.best = np.zeros(rows)
        self.recorders: list[EpisodeRecorder | None] = [None] * rows
        self.pictures: list[list[np.ndarray]] = [[] for _ in range(rows)]
        self.obs = AttrDict()
        self.env_goal = AttrDict()
        self.set_goal = AttrDict()
        self.memory = AttrDict()  # empty until the first episode begins
        self.goal_memory = AttrDict()

    @property
    def goal(self) -> AttrDict:
        """The goal in force: the goal policy's over the environment's."""
        return self.env_goal & self.set_goal if self.goal_policy is not None else self.env_goal

    def all_of(self, seeds: list[int]) -> list[Episode]:
        """Run an episode for each seed and return them in this order."""
        self.finished: dict[int, Episode] = {}
        self.waiting = deque(enumerate(seeds))
        self.seed[:] = seeds[0] if seeds else 0
        try:
            self._begin(np.ones_like(self.active))
            while any_row(self.active):
                ended = self._step()
                if any_row(ended):
                    self._begin(ended)
        except RolloutError:
            raise
        except Exception as error:
            raise self._failure(error) from error
        return [self.finished[i] for i in range(len(seeds))]

    def _begin(self, free: np.ndarray) -> None:
        """Start the next waiting episodes in the free rows."""
        rows = np.zeros_like(free)
        for row in _indices(free)[: len(self.waiting)]:
            self.index[row], self.seed[row] = self.waiting.popleft()
            rows[row] = True
        self.env.retire(free & ~rows)
        if not rows.any():
            return
        self.active |= rows
        self.length[rows] = 0
        self.total[rows] = 0.0
        self.best[rows] = -np.inf
        self.obs, self.env_goal = self.env.reset_where(rows, self.seed.tolist(), self.presets)
        self.memory = _restart(self.policy, self.model, self.memory, rows, self.seed)
        if self.goal_policy is not None:
            self.goal_memory = _restart(
                self.goal_policy, self.model, self.goal_memory, rows, self.seed
            )
            given = self._ask_goal(rows)
            self.set_goal = where_rows(rows, given, self.set_goal or given)
        for row in _indices(rows):
            self.recorders[row] = EpisodeRecorder(self.env.env_spec, row) if self.record else None
            self.pictures[row] = []
            self._picture(row)

    def _step(self) -> np.ndarray:
        """Take one step in every row; return which episodes ended, (B,) bool."""
        obs, goal = self.obs, self.goal
        chosen, self.memory = self.policy.get_action(self.model, obs, goal, self.memory)
        action = self._only_actions(chosen)
        self.obs, self.env_goal, done = self.env.step(action)
        # The sums of rows that are not active run on; nobody reads them before they start anew.
        self.length += 1
        reward = self.obs.get("reward")
        if reward is not None:
            reward = reward.reshape(-1)
            self.total += reward
            np.maximum(self.best, reward, out=self.best)
        done = done & self.active
        cut = self._cut(done)
        if self.record or self.frames:
            self._keep((obs, goal), action, done)
        ended = done | cut
        if any_row(ended):
            self._finish(ended, done)
        return ended

    def _only_actions(self, chosen: AttrDict) -> AttrDict:
        """Leave out what a policy gives beside the action, such as its plan."""
        if self.actions_are_flat and len(chosen) == len(self.action_names):
            return chosen
        return AttrDict((name, chosen[name]) for name in self.action_names if name in chosen)

    def _cut(self, done: np.ndarray) -> np.ndarray:
        """Return which rows the rollout itself ends: step limit, or nothing left to do."""
        going = self.active & ~done
        late = self.never
        if self.max_steps is not None:
            late = going & (self.length >= self.max_steps)
        finished = self.policy.is_terminated(self.model, self.obs, self.goal, self.memory)
        finished = finished & going & ~late
        if not any_row(finished):
            return late
        if self.goal_policy is None:
            return late | finished
        fresh = self._next_goal(finished)
        if any_row(fresh):
            self.memory = self.policy.reset_rows(self.model, self.memory, fresh, self.seed)
        return late | (finished & ~fresh)

    def _ask_goal(self, rows: np.ndarray) -> AttrDict:
        """Query the goal policy, advance its memory in `rows`, return its goals (B, ...)."""
        assert self.goal_policy is not None
        given, memory = self.goal_policy.get_action(
            self.model, self.obs, self.env_goal, self.goal_memory
        )
        self.goal_memory = where_rows(rows, memory, self.goal_memory)
        return given

    def _next_goal(self, rows: np.ndarray) -> np.ndarray:
        """Set the next goal in `rows`; return in which of them there is one."""
        assert self.goal_policy is not None
        given = self._ask_goal(rows)
        fresh = rows & ~self.goal_policy.is_terminated(
            self.model, self.obs, self.env_goal, self.goal_memory
        )
        self.set_goal = where_rows(fresh, given, self.set_goal)
        return fresh

    def _keep(self, before: tuple[AttrDict, AttrDict], action: AttrDict, done: np.ndarray) -> None:
        after = (self.obs, self.goal)
        for row in _indices(self.active):
            recorder = self.recorders[row]
            if recorder is not None:
                recorder.add(before, action, after, bool(done[row]))
            self._picture(row)

    def _finish(self, ended: np.ndarray, done: np.ndarray) -> None:
        failed = self.env.failed
        if all_rows(failed):  # a single simulator that broke has no verdict to give
            success, score = self.never, np.zeros(len(failed))
        else:
            success, score = self.env.is_success() & ~failed, self.env.score()
        for row in _indices(ended):
            broken = bool(failed[row])
            truncated = broken or not done[row] or self._flag("truncated", row, False)
            recorder = self.recorders[row]
            episode = Episode(
                seed=int(self.seed[row]),
                length=int(self.length[row]),
                success=bool(success[row]),
                score=0.0 if broken else float(score[row]),
                total_reward=float(self.total[row]),
                max_reward=float(self.best[row]) if np.isfinite(self.best[row]) else 0.0,
                terminated=bool(done[row]) and self._flag("terminated", row, not truncated),
                truncated=truncated,
                failed=broken,
                data=None if recorder is None or broken else recorder.episode(not done[row]),
                frames=self.pictures[row],
            )
            self.finished[int(self.index[row])] = episode
            self.recorders[row], self.pictures[row] = None, []
            if self.on_episode is not None:
                self.on_episode(episode)
        self.active &= ~ended

    def _flag(self, name: str, row: int, otherwise: bool) -> bool:
        return bool(self.obs[name][row].any()) if name in self.obs else otherwise

    def _picture(self, row: int) -> None:
        if self.index[row] < self.frames:
            self.pictures[row].append(self.env.render_row(row))

    def _failure(self, error: Exception) -> RolloutError:
        seeds = [int(s) for s in self.seed[self.active]]
        steps = self.length[self.active]
        where = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[:8]}"
        step = f", step {int(steps[0])}" if len(seeds) == 1 else ""
        kind = "" if isinstance(error, EnvError) else f"{type(error).__name__}: "
        return RolloutError(f"{where}{step}: {kind}{error}", seeds)


def _restart(
    policy: Policy, model: Any, memory: AttrDict, rows: np.ndarray, seeds: np.ndarray
) -> AttrDict:
    if not memory:
        return policy.initial_memory(model, len(rows), seeds=seeds)
    return policy.reset_rows(model, memory, rows, seeds)


def _indices(rows: np.ndarray) -> list[int]:
    chosen: list[int] = np.flatnonzero(rows).tolist()
    return chosen
