"""The parameters of datasets that hand out windows of stored episodes."""

from __future__ import annotations

from collections.abc import Sequence

from muse.core.params import Param, positive


def _range(value: Sequence[float]) -> str | None:
    low, high = (value[0], value[1]) if len(value) == 2 else (1.0, 0.0)
    return None if 0 <= low < high <= 1 else "two fractions [low, high) with 0 <= low < high <= 1"


WINDOW_PARAMS: tuple[Param, ...] = (
    Param("horizon_skip", int, 1, help="rows between steps of a window", check=positive),
    Param(
        "load_episode_range",
        list[float] | None,
        None,
        help="[low, high): part of the episodes to use, both ends rounded up",
        check=_range,
    ),
    Param("load_from_base", bool, False, help="share base_dataset's memory, load nothing"),
    Param("load_ignore_prefixes", list[str], [], help="names that start so are left out"),
    Param("allow_missing", bool, False, help="leave out step names that the file lacks"),
    Param(
        "allow_padding",
        bool,
        False,
        help="give episodes shorter than a window one too, zeros past the end",
    ),
    Param(
        "pad_end_sequence",
        bool,
        False,
        help="let windows begin at every step; past the end the last step is repeated",
    ),
    Param("uniform_sample_eps", bool, False, help="sample episodes uniformly, not windows"),
)
