"""Preprocessing of modes, the step labels of hybrid imitation (HYDRA).

After Belkhale, Cui and Sadigh, "HYDRA: Hybrid Robot Actions for Imitation Learning", CoRL 2023.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError, suggest
from muse.datasets.preprocess.data_preprocessor import EpisodeFn

Changed = tuple[AttrDict, AttrDict, "list[str] | None"]


def get_mode_to_mask_preproc_fn(
    mode_key: str,
    mask_key: str,
    meq: float | None = None,
    mlt: float | None = None,
    mgt: float | None = None,
    skip_last_n: int = 0,
    smooth: bool = False,
) -> EpisodeFn:
    """Return what adds a mask (L, 1), True where the mode is as asked.

    Args:
        mode_key: name of the mode, (L, 1).
        mask_key: name of the mask.
        meq: the mode equals this.
        mlt: the mode is less than this; with others given, all have to hold.
        mgt: the mode is greater than this.
        skip_last_n: the mask also covers so many steps after the last one that is as asked.
        smooth: give a float mask, smoothed as `get_mode_smooth_preproc_fn` does by default.
    """
    if meq is None and mlt is None and mgt is None:
        raise ParamError("get_mode_to_mask_preproc_fn: give meq, mlt or mgt, else it masks nothing")
    return partial(
        mode_to_mask,
        mode_key=mode_key,
        mask_key=mask_key,
        limits=(meq, mlt, mgt),
        skip_last_n=skip_last_n,
        smooth=smooth,
    )


def get_mode_smooth_preproc_fn(
    mode_key: str,
    smooth_mode_key: str,
    smooth_n: int = 2,
    use_gaussian: bool = False,
    gaussian_width: float = 3,
) -> EpisodeFn:
    """Return what adds the mode smoothed over time, (L, 1) float32.

    Args:
        mode_key: name of the mode, (L, 1).
        smooth_mode_key: name of the result.
        smooth_n: so many steps on both sides take part; past the ends the last value goes on.
        use_gaussian: weigh them by a normal curve, else by a triangle (1/3, 2/3, 1, 2/3, 1/3).
        gaussian_width: standard deviation of the curve, in steps.
    """
    kernel = smoothing_kernel(smooth_n, gaussian_width if use_gaussian else None)
    return partial(
        smooth_mode, mode_key=mode_key, smooth_mode_key=smooth_mode_key, kernel=tuple(kernel)
    )


def smoothing_kernel(smooth_n: int, deviation: float | None) -> NDArray[np.float64]:
    """Return weights (2 smooth_n + 1,) that add up to 1; a triangle where `deviation` is None."""
    distance = np.abs(np.arange(-smooth_n, smooth_n + 1))
    if deviation is None:
        weights = 1.0 - distance / (smooth_n + 1)
    else:
        weights = np.exp(-0.5 * (distance / deviation) ** 2)
    normed: NDArray[np.float64] = weights / weights.sum()
    return normed


def mode_to_mask(
    episode: AttrDict,
    onetime: AttrDict,
    i: int,
    mode_key: str,
    mask_key: str,
    limits: tuple[float | None, float | None, float | None],
    skip_last_n: int,
    smooth: bool,
) -> Changed:
    """See `get_mode_to_mask_preproc_fn`."""
    mode = _mode(episode, mode_key, i)
    equal, less, greater = limits
    mask = np.ones(mode.shape, np.bool_)
    if equal is not None:
        mask &= mode == equal
    if less is not None:
        mask &= mode < less
    if greater is not None:
        mask &= mode > greater
    wide = mask.copy()
    for shift in range(1, min(skip_last_n, len(mask) - 1) + 1):
        wide[shift:] |= mask[:-shift]
    episode[mask_key] = _smoothed(wide, smoothing_kernel(2, None)) if smooth else wide
    return episode, onetime, [mask_key]


def smooth_mode(
    episode: AttrDict,
    onetime: AttrDict,
    i: int,
    mode_key: str,
    smooth_mode_key: str,
    kernel: tuple[float, ...],
) -> Changed:
    """See `get_mode_smooth_preproc_fn`."""
    episode[smooth_mode_key] = _smoothed(_mode(episode, mode_key, i), np.array(kernel))
    return episode, onetime, [smooth_mode_key]


def _mode(episode: AttrDict, key: str, i: int) -> NDArray[Any]:
    if key not in episode:
        raise DataError(f"episode {i} has no mode {key!r}.{suggest(key, episode.leaf_keys())}")
    mode = np.asarray(episode[key])
    if mode.size != len(mode):
        raise DataError(f"mode {key!r} has shape {mode.shape}; expected one number a step")
    return mode.reshape(-1, 1)


def _smoothed(values: NDArray[Any], kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    reach = len(kernel) // 2
    padded = np.pad(values[:, 0].astype(np.float64), reach, mode="edge")
    return np.convolve(padded, kernel, mode="valid").astype(np.float32)[:, None]
