"""Scripted play with the 3-D environments: one primitive, waypoint by waypoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, UsageError, suggest
from muse.core.params import Param, non_negative, positive
from muse.core.policy import Policy, next_count, row_generators
from muse.envs.bullet_envs.rotations import euler_to_matrix, rotation_vector
from muse.policies import block3d_plans as plans
from muse.policies import playroom_plans

Plan = Callable[[AttrDict, AttrDict], list[np.ndarray]]

#: How a primitive, by the beginning of its name, becomes waypoints.
_PLANS: Mapping[str, Plan] = {
    "push": plans.push,
    "pull": plans.pull,
    "lift": plans.lift,
    "top_rot": plans.top_rotate,
    "move_to": playroom_plans.move,
    "move_from": playroom_plans.move,
    "drawer": playroom_plans.slide_drawer,
    "cabinet": playroom_plans.swing_door,
    "press_button": playroom_plans.press_button,
}
#: What is done where the tool cannot get to a waypoint that the plan stands on.
_FALLBACKS: Mapping[str, Plan] = {"push": plans.draw_and_push}
_MAX_WAYPOINTS = 24
_FOLLOWED = 0.006  # an object this near its goal along the way has arrived, m
_STEP = 0.1  # s


class Block3DPlayPolicy(Policy):
    """Carries out one play primitive of a 3-D environment made with it as `task`.

    The first observation and goal of an episode fix the waypoints; the target of the action then
    glides from one to the next. Where the tool does not get behind an object that it shall push,
    it draws the object out first. The action (B, 7) is as in `RobotBulletEnv`: the pose itself or,
    with `action_mode="delta"`, the change that leads there from the last target, which it reads
    from the observations `target/...`. Rows are independent: each remembers its own plan.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("primitive", str | None, None, "such as push_left, lift_up, drawer_open; None: the "
              "task of `env`"),
        Param("tolerance", float, 0.012, "a waypoint this near is reached", "m", check=positive),
        Param("patience", int, 12, "steps to wait for a waypoint that cannot be reached", "steps",
              check=positive),
        Param("turn_speed", float, 1.5, "of the yaw", "rad/s", check=positive),
        Param("noise_std", float, 0.0, "Gaussian noise of the target's position", "m",
              check=non_negative),
    )  # fmt: skip

    def _set_up(self) -> None:
        name = self.params.primitive or (None if self.env is None else self.env.params.get("task"))
        if name is None:
            raise UsageError("Block3DPlayPolicy: give a primitive, or an env that has a task")
        known = [start for start in _PLANS if name.startswith(start)]
        if not known:
            raise ParamError(
                f"Block3DPlayPolicy: primitive={name!r} is not allowed: expected a name that "
                f"begins with {', '.join(_PLANS)}.{suggest(name, _PLANS)}"
            )
        if "goal/objects/position" not in self.env_spec:
            raise UsageError(
                f"Block3DPlayPolicy: the environment gives no goal; make it with task={name!r}"
            )
        self._plan = _PLANS[known[0]]
        self._fallback = _FALLBACKS.get(known[0], self._plan)
        self._low, self._high = self.env_spec.limits("action")
        # The workspace lies in front of the arm, changes go both ways.
        self._gives_changes = bool(self._low[0] < 0.0)
        if self._gives_changes:
            self.env_spec.assert_has_names(["target/ee_position", "target/ee_orientation_eul"])
        #: How far the target may glide in one step, m and rad.
        self._reach = self._high[[0, 5]] if self._gives_changes else np.full(2, np.inf)

    def initial_memory(self, model: Any, batch_size: int, seeds: Any = None) -> AttrDict:
        """Return the memory: the plan (B, 24, 9), where in it, and the target (B, 4)."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["plan"] = np.zeros((batch_size, _MAX_WAYPOINTS, plans.COLUMNS))
        memory["length"] = np.zeros(batch_size, np.int64)
        memory["index"] = np.zeros(batch_size, np.int64)
        memory["waited"] = np.zeros(batch_size, np.int64)
        memory["target"] = np.zeros((batch_size, 4))
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        memory = next_count(memory).leaf_apply(np.copy)
        actions = np.zeros((len(memory.count), 7))
        for b in range(len(actions)):
            row, aim = _row(obs, b), _row(goal, b)
            if memory.count[b] == 1:
                self._begin(b, self._plan(row, aim), memory)
                memory["target"][b] = [*row["ee_position"], row["ee_orientation_eul"][2]]
            actions[b] = self._glide(b, row, aim, memory)
        if self.params.noise_std:
            noise = [rng.normal(size=3) for rng in row_generators(memory)]
            actions[:, :3] += self.params.noise_std * np.stack(noise)
        if self._gives_changes:
            actions = _changes(actions, obs)
        dtype = self.env_spec.dtype("action")
        return AttrDict(action=np.clip(actions, self._low, self._high).astype(dtype)), memory

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return (B,) bool: rows that have passed their last waypoint."""
        return np.asarray((memory.count > 0) & (memory["index"] >= memory["length"]))

    def _begin(self, b: int, points: list[np.ndarray], memory: AttrDict) -> None:
        """Let row `b` go along `points` from their first."""
        memory["plan"][b, : len(points)] = points
        memory["length"][b] = len(points)
        memory["index"][b] = memory["waited"][b] = 0

    def _glide(self, b: int, obs: AttrDict, goal: AttrDict, memory: AttrDict) -> np.ndarray:
        """Return the action (7,) of row `b`; its place in the plan moves on in `memory`."""
        index = min(memory["index"][b], memory["length"][b] - 1)
        point, here = memory["plan"][b, index].copy(), obs["ee_position"]
        follows = bool(point[plans.FOLLOW])
        left = _left_to_follow(obs, goal)
        if follows:
            point[: plans.Z] = (here + left)[: plans.Z]
        target = memory["target"][b]
        far, turn = point[plans.SPEED] * _STEP, self.params.turn_speed * _STEP
        _approach(target[:3], point[: plans.Z + 1], min(far, self._reach[0]))
        _approach(target[3:], point[plans.YAW : plans.YAW + 1], min(turn, self._reach[1]))

        waits = follows or bool((target == point[: plans.YAW + 1]).all())
        if follows:
            arrived = float(np.linalg.norm(left)) < _FOLLOWED
        else:
            off = float(np.linalg.norm(point[: plans.Z + 1] - here))
            arrived = waits and off < self.params.tolerance
        waited, patience = memory["waited"][b], self.params.patience * (4 if follows else 1)
        memory["waited"][b] += waits
        if waited >= patience and not arrived and point[plans.VITAL]:
            self._begin(b, self._fallback(obs, goal), memory)
        elif (arrived and waited >= point[plans.STAY]) or waited >= patience:
            memory["index"][b] += 1
            memory["waited"][b] = 0
        return np.array([*target[:3], 0.0, 0.0, target[3], point[plans.GRIPPER]])


def _approach(value: np.ndarray, goal: np.ndarray, reach: float) -> None:
    """Move `value` (n,) in place towards `goal` (n,) by `reach`, or onto it."""
    gap = goal - value
    distance = float(np.linalg.norm(gap))
    value[:] = goal if distance <= reach else value + gap * (reach / distance)


def _left_to_follow(obs: AttrDict, goal: AttrDict) -> np.ndarray:
    """Return the way (3,) that an object still has to go, level."""
    left = goal["goal/objects/position"][0] - obs["objects/position"][0]
    return left * [1.0, 1.0, 0.0]


def _changes(poses: np.ndarray, obs: AttrDict) -> np.ndarray:
    """Return the actions (B, 7) that lead from the targets in `obs` to absolute `poses` (B, 7)."""
    changes = poses.copy()
    changes[:, :3] -= obs["target/ee_position"]
    now = euler_to_matrix(obs["target/ee_orientation_eul"])
    turns = euler_to_matrix(poses[:, 3:6]) @ now.swapaxes(-1, -2)
    changes[:, 3:6] = [rotation_vector(turn) for turn in turns]
    return changes


def _row(batch: AttrDict, b: int) -> AttrDict:
    """Return row `b`, its numbers in double precision; images as they are."""
    return batch.leaf_apply(
        lambda leaf: leaf[b].astype(np.float64) if leaf.dtype.kind == "f" else leaf[b]
    )
