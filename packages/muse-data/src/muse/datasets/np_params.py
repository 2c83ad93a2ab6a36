"""The parameters of `NpDataset` beside those of every dataset of windows."""

from __future__ import annotations

from muse.core.params import Param, non_negative, positive

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
    Param(
        "initial_load_episodes",
        int,
        0,
        help="load so many episodes, 0 for all",
        check=non_negative,
    ),
    Param(
        "allow_missing_onetime",
        bool,
        True,
        help="take goal/x and param/x from the step name x: first value, last for final names",
    ),
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
