"""Parting episodes at random, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from muse.core.errors import UsageError, suggest
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.store.manifest import MANIFEST, Manifest, as_ranges
from muse.datasets.store.places import refuse_recorded, store_lock


def split_episodes(
    count: int, shares: Mapping[str, int | float], seed: int
) -> dict[str, list[int]]:
    """Return name -> its episodes, in ascending order, drawn without replacement.

    Args:
        count: number of episodes.
        shares: name -> number of episodes (int) or fraction of all (float). Fractions are rounded
            so that together they get what their sum asks for.
        seed: seed of the draw.

    Raises:
        UsageError: more is asked for than there is.
    """
    numbers = _numbers(count, shares)
    if sum(numbers.values()) > count:
        raise UsageError(
            f"{', '.join(f'{k}={v}' for k, v in shares.items())} asks for "
            f"{sum(numbers.values())} episodes; there are {count}"
        )
    order = np.random.default_rng(seed).permutation(count)
    ends = np.cumsum(list(numbers.values()))
    return {
        name: sorted(order[end - number : end].tolist())
        for (name, number), end in zip(numbers.items(), ends, strict=True)
    }


def split_by_value(
    source: EpisodeSource, column: str, shares: Mapping[str, int | float], seed: int
) -> dict[str, list[int]]:
    """Return name -> the episodes whose entry of `column` falls to it.

    The part of an entry is a pure function of the entry and the seed: a hash of it, uniform in
    [0, 1), is compared with the cumulated shares. Shares are met on average only.

    Raises:
        UsageError: no such episode column, or shares that are no fractions.
    """
    per_episode = [c.name for c in source.columns() if c.per == "episode"]
    if column not in per_episode:
        raise UsageError(
            f"--by {column}: {source.path} has the episode columns "
            f"{', '.join(per_episode) or '(none)'}.{suggest(column, per_episode)}"
        )
    if not all(isinstance(share, float) for share in shares.values()):
        raise UsageError("with --by, shares must be fractions, as in train=0.9")
    bounds = np.cumsum(list(shares.values()))
    if bounds[-1] > 1 + 1e-9:
        raise UsageError(f"the shares add up to {bounds[-1]:g}; expected 1 or less")
    names = list(shares)
    parts: dict[str, list[int]] = {name: [] for name in names}
    for i in range(len(source.lengths)):
        part = int(np.searchsorted(bounds - 1e-12, _uniform(source.read(column, i), seed), "right"))
        if part < len(names):
            parts[names[part]].append(i)
    return parts


def record_filters(store: Path, parts: Mapping[str, Sequence[int]]) -> None:
    """Write named subsets into a store; those of other names stay.

    Raises:
        UsageError: it is no store, or someone else is writing to it.
        DataError: it holds recordings that are not part of it yet.
    """
    if not (store / MANIFEST).is_file():
        raise UsageError(
            f"{store} is no store, which could keep the parts as filters; name what to write with "
            "--to"
        )
    with store_lock(store):
        refuse_recorded(store)
        manifest = Manifest.read(store)
        ranges = {name: as_ranges(episodes) for name, episodes in parts.items()}
        manifest.grown(filters={**manifest.filters, **ranges}).write(store)


def _numbers(count: int, shares: Mapping[str, int | float]) -> dict[str, int]:
    """Return how many episodes each part gets, fractions by largest remainder."""
    exact = {n: float(s) * count if isinstance(s, float) else float(s) for n, s in shares.items()}
    numbers = {name: int(value + 1e-9) for name, value in exact.items()}
    left = round(sum(exact.values()) - sum(numbers.values()))
    by_remainder = sorted(exact, key=lambda name: numbers[name] - exact[name])
    for name in by_remainder[:left]:
        numbers[name] += 1
    return numbers


def _uniform(value: np.ndarray, seed: int) -> float:
    data = np.ascontiguousarray(value).tobytes()
    digest = hashlib.blake2b(data, digest_size=8, salt=str(seed).encode()[:16]).digest()
    return int.from_bytes(digest, "little") / 2**64
