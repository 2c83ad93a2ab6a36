"""Naming episodes in words: `0-9,12,-1`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from muse.core.errors import UsageError, suggest

_RANGE = re.compile(r"(\d+)-(\d+)|(\d*):(\d*)|(-?\d+)")


def parse_episodes(
    text: str, count: int, filters: Mapping[str, Sequence[int]] | None = None
) -> list[int]:
    """Return the episode numbers that `text` names, in its order and each once.

    Args:
        text: parts separated by commas: a number (from the end when negative), `3-7` with both
            ends, `3:8` without the second, or the name of a filter.
        count: how many episodes there are.
        filters: named subsets.

    Raises:
        UsageError: a part cannot be read or names no episode.
    """
    chosen: list[int] = []
    for part in text.split(","):
        chosen += _part(part.strip(), count, filters or {})
    return list(dict.fromkeys(chosen))


def _part(part: str, count: int, filters: Mapping[str, Sequence[int]]) -> Sequence[int]:
    if part in filters:
        return [int(i) for i in filters[part]]
    match = _RANGE.fullmatch(part)
    if match is None:
        known = f" or a filter ({', '.join(filters)})" if filters else ""
        raise UsageError(
            f"episodes {part!r}: expected a number, a range as 3-7 or 3:8{known}."
            f"{suggest(part, filters)}"
        )
    first, last, begin, end, single = match.groups()
    if single is not None:
        number = int(single)
        episodes = range(number + count if number < 0 else number, count)[:1]
    elif first is not None:
        episodes = range(int(first), min(int(last) + 1, count))
    else:
        episodes = range(int(begin or 0), min(int(end or count), count))
    if not len(episodes) or episodes[0] < 0:
        raise UsageError(f"episodes {part!r}: there are {count}, numbered 0 to {count - 1}")
    return episodes
