"""Checks of an action against the spec: cheap when it is good, one clear line when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from operator import ge, le

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import SpecError, suggest
from muse.core.spec import EnvSpec
from muse.envs.batching import all_rows

#: Which kinds of number may stand for which: an int for a float, never a float for an int.
_ALLOWED_KINDS = {"f": "fiu", "i": "iu", "u": "iu", "b": "b"}


#: Up to so many numbers Python compares them faster than numpy gets going.
_FEW = 32


@dataclass(frozen=True)
class _Rule:
    """What one action must be: rows of `shape`, within `low` and `high`, of `dtype`."""

    shape: tuple[int, ...]
    dtype: np.dtype
    low: np.ndarray | None
    high: np.ndarray | None
    #: The limits of every single number, where these are few.
    lows: list[float] | None = None
    highs: list[float] | None = None

    def admits(self, value: np.ndarray) -> bool:
        """Whether all numbers of `value`, of this shape and dtype, are within the limits."""
        if self.lows is not None and self.highs is not None:
            numbers = value.ravel().tolist()
            return all(map(le, self.lows, numbers)) and all(map(ge, self.highs, numbers))
        return self.low is None or all_rows((value >= self.low) & (value <= self.high))


class ActionChecker:
    """Callable that returns the action in the spec's dtypes, or raises a `SpecError`.

    Args:
        owner: who asks, for the message ("PushTEnv").
        env_spec: where names, shapes, limits and dtypes come from.
        num_envs: B, the rows an action has.
    """

    def __init__(self, owner: str, env_spec: EnvSpec, num_envs: int) -> None:
        self._owner = owner
        self._rules = {name: _rule(env_spec, name, num_envs) for name in env_spec.action_names}
        #: The same as a list when no name is a path, so that len(action) counts the leaves.
        self._flat_rules = [] if any("/" in n for n in self._rules) else [*self._rules.items()]

    def __call__(self, action: AttrDict, rows: np.ndarray | None = None) -> AttrDict:
        """Check `action`; with `rows` (B,) bool, values of other rows are free.

        Raises:
            SpecError: names the action, the value and what was expected.
        """
        if not isinstance(action, AttrDict):
            raise SpecError(
                f"{self._owner}: an action is an AttrDict with {list(self._rules)}, "
                f"got {type(action).__name__}"
            )
        if len(action) == len(self._flat_rules) and self._is_plainly_good(action):
            return action
        checked = AttrDict()
        for name, rule in self._rules.items():
            if name not in action:
                near = suggest(name, action.leaf_keys()) or f" It has: {list(action.leaf_keys())}."
                raise SpecError(f"{self._owner}: the action has no {name!r}.{near}")
            checked[name] = self._check(name, action[name], rule, rows)
        if len(list(action.leaf_keys())) != len(self._rules):
            extra = next(key for key in action.leaf_keys() if key not in self._rules)
            near = suggest(extra, self._rules) or f" The spec has: {list(self._rules)}."
            raise SpecError(f"{self._owner}: unknown action {extra!r}.{near}")
        return checked

    def _is_plainly_good(self, action: AttrDict) -> bool:
        """Whether nothing needs a cast, a closer look or a message: the usual case, made fast."""
        for name, rule in self._flat_rules:
            value = dict.get(action, name)  # no name here is a path
            if (
                type(value) is not np.ndarray
                or (value.dtype is not rule.dtype and value.dtype != rule.dtype)
                or value.shape != rule.shape
            ):
                return False
            if not rule.admits(value):
                return False
        return True

    def _check(self, name: str, value: object, rule: _Rule, rows: np.ndarray | None) -> np.ndarray:
        array = np.asarray(value)
        if array.dtype.kind not in _ALLOWED_KINDS.get(rule.dtype.kind, rule.dtype.kind):
            raise SpecError(
                f"{self._owner}: action {name!r} has dtype {array.dtype}, expected {rule.dtype}"
            )
        if array.shape != rule.shape:
            raise SpecError(
                f"{self._owner}: action {name!r} has shape {array.shape}, expected {rule.shape} "
                "(the first dimension is the batch)"
            )
        if rule.dtype.kind == "f":
            # In the spec's precision: 0.7 is within a float32 limit of 0.7. What is too large for
            # it becomes infinite, which is refused below.
            with np.errstate(over="ignore"):
                array = array.astype(rule.dtype, copy=False)
        if rule.low is not None:
            # Integers are compared before the cast: 300 must not slip into a uint8 as 44.
            inside = (array >= rule.low) & (array <= rule.high)
            if not inside.all() and (rows is None or not inside[rows].all()):
                raise self._outside(name, array, inside, rule, rows)
        return array if array.dtype == rule.dtype else array.astype(rule.dtype)

    def _outside(
        self,
        name: str,
        array: np.ndarray,
        inside: np.ndarray,
        rule: _Rule,
        rows: np.ndarray | None,
    ) -> SpecError:
        bad = ~inside
        if rows is not None:
            bad[~rows] = False
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        value, where = array[index], f"{name!r}[{', '.join(map(str, index))}]"
        if np.isnan(value):
            return SpecError(f"{self._owner}: action {where} is NaN; expected finite numbers")
        assert rule.low is not None and rule.high is not None
        low, high = rule.low[index[1:]], rule.high[index[1:]]
        return SpecError(
            f"{self._owner}: action {where} = {value} is outside its limits [{low}, {high}]"
        )


def _rule(env_spec: EnvSpec, name: str, num_envs: int) -> _Rule:
    shape, dtype = tuple(env_spec.shape(name)), np.dtype(env_spec.dtype(name))
    low, high = (np.asarray(limit) for limit in env_spec.limits(name))
    if dtype.kind == "f":
        info = np.finfo(dtype)
        # Infinite limits still refuse infinite values: no simulator survives them.
        low = np.maximum(low.astype(dtype), info.min)
        high = np.minimum(high.astype(dtype), info.max)
    elif dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        low = np.maximum(low, bounds.min).astype(dtype)
        high = np.minimum(high, bounds.max).astype(dtype)
    else:
        return _Rule((num_envs, *shape), dtype, None, None)
    whole = (num_envs, *shape)
    if np.prod(whole) > _FEW:
        return _Rule(whole, dtype, low, high)
    numbers = (np.broadcast_to(limit, whole).ravel().tolist() for limit in (low, high))
    return _Rule(whole, dtype, low, high, *numbers)
