"""The parameters of `NpDataset`."""

from __future__ import annotations

from collections.abc import Sequence

from muse.core.params import Param, non_negative, positive


def _range(value: Sequence[float]) -> str | None:
    low, high = (value[0], value[1]) if len(value) == 2 else (1.0, 0.0)
    return None if 0 <= low < high <= 1 else "two fractions [low, high) with 0 <= low < high <= 1"


NP_PARAMS: tuple[Param, ...] = (
    Param("file", str | list[str] | None, None, help=".npz file or files to load"),
    Param("output_file", str | None, None, help="where save() writes without a path"),
    Param(
        "capacity",
        int | None,
        None,
        help="most steps a growing dataset keeps, the oldest episodes leave first; None: no "
        "limit; frozen data are kept as loaded",
        unit="steps",
        check=positive,
    ),
    Param("frozen", bool, False, help="read only, laid out for fast sampling"),
    Param("horizon_skip", int, 1, help="rows between steps of a window", check=positive),
    Param(
        "initial_load_episodes",
        int,
        0,
        help="load so many episodes, 0 for all",
        check=non_negative,
    ),
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
        "allow_missing_onetime",
        bool,
        True,
        help="take goal/x and param/x from the step name x: first value, last for final names",
    ),
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
    Param(
        "index_all_keys",
        bool,
        True,
        help="frozen data: lay small names side by side so a batch takes one copy",
    ),
    Param("data_preprocessors", list, [], help="DataPreprocessors, or their config groups"),
)

#: Parameters that older configs may hold and that are refused: name -> what to do instead.
NP_OBSOLETE = {
    "mmap_mode": "the members of a .npz file cannot be mapped; leave it out",
    "asynchronous_get_batch": "batches take microseconds; leave it out",
    "save_every_n_steps": "the collecting command saves; leave it out",
    "params": "give these parameters beside cls, not one level below",
}
