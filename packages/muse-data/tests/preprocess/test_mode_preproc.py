"""Masks and smoothed modes of HYDRA."""

from __future__ import annotations

import numpy as np
import pytest

from muse.configs.serialize import encode
from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import DataPreprocessor, NpSequenceDataset
from muse.datasets.preprocess.mode_preproc import (
    get_mode_smooth_preproc_fn,
    get_mode_to_mask_preproc_fn,
    smoothing_kernel,
)

MODES = np.array([0, 0, 1, 1, 0, 0, 0, 2, 0, 1])[:, None]


def added(fn, key):
    episode, _, changed = fn(AttrDict(mode=MODES), AttrDict(), 0)
    assert changed == [key]
    return episode[key]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"meq": 1}, [0, 0, 1, 1, 0, 0, 0, 0, 0, 1]),
        ({"mlt": 1}, [1, 1, 0, 0, 1, 1, 1, 0, 1, 0]),
        ({"mgt": 0, "mlt": 2}, [0, 0, 1, 1, 0, 0, 0, 0, 0, 1]),
        ({"meq": 1, "skip_last_n": 2}, [0, 0, 1, 1, 1, 1, 0, 0, 0, 1]),
        ({"meq": 2, "skip_last_n": 99}, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1]),
    ],
    ids=str,
)
def test_masks_are_where_the_mode_is_as_asked(given, expected):
    mask = added(get_mode_to_mask_preproc_fn("mode", "mask", **given), "mask")
    assert mask.dtype == bool and mask[:, 0].astype(int).tolist() == expected


def test_smoothed_modes_are_weighted_means_of_their_neighbours():
    np.testing.assert_allclose(smoothing_kernel(2, None), np.array([1, 2, 3, 2, 1]) / 9)
    smooth = added(get_mode_smooth_preproc_fn("mode", "soft"), "soft")
    assert smooth.dtype == np.float32 and smooth.shape == (10, 1)
    assert smooth[3, 0] == pytest.approx((0 + 2 + 3 + 0 + 0) / 9)
    assert smooth[9, 0] == pytest.approx((2 + 0 + 3 + 2 + 1) / 9)  # the last value goes on
    bell = added(get_mode_smooth_preproc_fn("mode", "soft", 2, True, 1.0), "soft")
    weights = np.exp([-2, -0.5, 0, -0.5, -2])
    assert bell[3, 0] == pytest.approx((weights[1] + weights[2]) / weights.sum())
    mask = added(get_mode_to_mask_preproc_fn("mode", "m", meq=1, smooth=True), "m")
    assert mask.dtype == np.float32 and mask[2, 0] == pytest.approx((3 + 2) / 9)


def test_they_serve_a_dataset_and_a_config(make_spec, make_data, write):
    raw = make_data([10, 10])
    raw["mode"] = np.concatenate([MODES, MODES])
    spec = make_spec().derive(
        add_rows=[("mode", (1,), (0, 2), np.int64)], observation_names=["state", "mode"]
    )
    fns = [
        get_mode_to_mask_preproc_fn("mode", "mask", meq=1),
        get_mode_smooth_preproc_fn("mode", "soft"),
    ]
    groups = [AttrDict(cls=DataPreprocessor, episode_preproc_fn=fn) for fn in fns]
    names = ["state", "mode", "action", "reward"]
    params = AttrDict(file=write(raw), horizon=3, batch_size=4, frozen=True, step_names=names)
    params.data_preprocessors = groups
    inputs, _ = NpSequenceDataset(params, spec).get_batch([0])
    assert inputs["mask"][0, :, 0].tolist() == [False, False, True]
    assert inputs.soft.shape == (1, 3, 1)
    encode(fns)


def test_mistakes_are_named():
    with pytest.raises(ParamError, match="masks nothing"):
        get_mode_to_mask_preproc_fn("mode", "mask")
    fn = get_mode_smooth_preproc_fn("mod", "soft")
    with pytest.raises(DataError, match="episode 3 has no mode 'mod'. Did you mean 'mode'"):
        fn(AttrDict(mode=MODES), AttrDict(), 3)
    with pytest.raises(DataError, match="expected one number a step"):
        fn(AttrDict(mod=np.zeros((4, 2))), AttrDict(), 0)
