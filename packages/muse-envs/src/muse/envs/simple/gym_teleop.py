"""Driving any gymnasium environment by keys: what they do follows from its action space."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.simple.gym_spaces import SpaceLeaf
from muse.envs.teleop.user_input import UserInput

_DIGITS = "0123456789"
#: The keys of one or of two numbers: at the lower limit, at the upper one.
_ARROWS = (("left", "right"), ("down", "up"))


class _Number(NamedTuple):
    """One number of an action."""

    name: str
    low: float
    high: float
    is_whole: bool
    #: What it is while nobody asks for anything: the first value, 0, or what is nearest to 0.
    rest: float


class GymTeleop:
    """Turns keys into actions.

    * One Discrete action of two values: left and right choose, and the choice stays; of three: the
      first and the last one while held, else the middle one; of up to ten: 0 to 9 choose.
    * One or two float numbers: arrows push them to their limits while held (to -1 and 1 where there
      is none), else they are 0.
    * Everything else: the digits, or left and right, select a number; up and down push it to its
      limits while held, or change a whole one by 1.

    Args:
        parts: the leaves of the action space.
        labels: what each value of one Discrete action does, or what each number is; None: numbered.

    Raises:
        EnvError: for another number of labels.
    """

    def __init__(self, parts: Sequence[SpaceLeaf], labels: Sequence[str] | None) -> None:
        self._parts = parts
        self._numbers = [number for part in parts for number in _numbers(part)]
        #: Where there is but one choice: the value of each key.
        self._choices = _choices(self._numbers)
        self._has_arrows = len(self._numbers) <= len(_ARROWS) and not any(
            number.is_whole for number in self._numbers
        )
        names = [number.name for number in self._numbers]
        if self._choices:
            names = [f"action {value}" for value in range(_values(self._numbers[0]))]
        if labels is not None and len(labels) != len(names):
            raise EnvError(
                f"GymEnv: action_labels={list(labels)} are {len(labels)} names, expected "
                f"{len(names)}: one for each {'value' if self._choices else 'number'} of the action"
            )
        #: What each key does, as `Env.teleop_keys`.
        self.keys: Mapping[str, str] = dict(self._described(labels or names))
        self.reset()

    def reset(self) -> None:
        """Let everything rest."""
        self._asked = [number.rest for number in self._numbers]
        self._selected = 0

    def action(self, user_input: UserInput) -> AttrDict:
        """Return the action (1, ...) of what is held or was pressed since the poll before."""
        if self._choices:
            self._choose(user_input)
        elif self._has_arrows:
            for index, keys in enumerate(_ARROWS[: len(self._numbers)]):
                self._asked[index] = _held(self._numbers[index], user_input, *keys)
        else:
            self._change_selected(user_input)
        action, start = AttrDict(), 0
        for part in self._parts:
            end = start + math.prod(part.shape)
            action[part.name] = np.array(self._asked[start:end], part.dtype).reshape(1, *part.shape)
            start = end
        return action

    def _choose(self, user_input: UserInput) -> None:
        number = self._numbers[0]
        if _values(number) == 3:
            self._asked[0] = number.low + 1
        for key, value in self._choices.items():
            if user_input.is_down(key):
                self._asked[0] = number.low + value

    def _change_selected(self, user_input: UserInput) -> None:
        turn = user_input.was_pressed("right") - user_input.was_pressed("left")
        self._selected = (self._selected + turn) % len(self._numbers)
        for index, key in zip(range(len(self._numbers)), _DIGITS, strict=False):
            if user_input.was_pressed(key):
                self._selected = index
        for index, number in enumerate(self._numbers):
            if not number.is_whole:
                self._asked[index] = number.rest
        number = self._numbers[self._selected]
        if number.is_whole:
            step = user_input.was_pressed("up") - user_input.was_pressed("down")
            changed = self._asked[self._selected] + step
            self._asked[self._selected] = min(max(changed, number.low), number.high)
        else:
            self._asked[self._selected] = _held(number, user_input, "down", "up")

    def _described(self, labels: Sequence[str]) -> Iterator[tuple[str, str]]:
        if self._choices:
            yield from ((key, labels[value]) for key, value in self._choices.items())
        elif self._has_arrows:
            for number, label, (less, more) in zip(self._numbers, labels, _ARROWS, strict=False):
                yield less, f"{label} {_limit(number, -1):g}"
                yield more, f"{label} {_limit(number, 1):g}"
        else:
            yield from zip(_DIGITS, (f"select {label}" for label in labels), strict=False)
            yield "left", "select the one before"
            yield "right", "select the one after"
            yield "up", "more of what is selected"
            yield "down", "less of what is selected"


def _numbers(part: SpaceLeaf) -> Iterator[_Number]:
    lows, highs = (np.broadcast_to(limit, part.shape).ravel() for limit in (part.low, part.high))
    whole = part.dtype.kind != "f"
    for i, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
        name = part.name if len(lows) == 1 else f"{part.name}[{i}]"
        rest = low if whole else min(max(0.0, low), high)
        yield _Number(name, low, high, whole, rest)


def _choices(numbers: Sequence[_Number]) -> dict[str, int]:
    if len(numbers) != 1 or not numbers[0].is_whole or _values(numbers[0]) > len(_DIGITS):
        return {}
    last = _values(numbers[0]) - 1
    if last in (1, 2):
        return {"left": 0, "right": last}
    return {_DIGITS[value]: value for value in range(last + 1)}


def _values(number: _Number) -> int:
    """How many values a whole number may have."""
    return int(number.high - number.low) + 1


def _held(number: _Number, user_input: UserInput, less: str, more: str) -> float:
    """Return the limit that a held key asks for, else rest."""
    way = user_input.is_down(more) - user_input.is_down(less)
    return _limit(number, way) if way else number.rest


def _limit(number: _Number, way: int) -> float:
    limit = number.high if way > 0 else number.low
    return limit if math.isfinite(limit) else float(way)
