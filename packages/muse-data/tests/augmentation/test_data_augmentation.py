"""Augmentation changes the keys it names, repeatably, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets.augmentation import (
    AugmentContext,
    ColorJitter,
    GaussianNoise,
    RandomCrop,
    RandomErasing,
    get_augment_fn,
    get_masked_augment_fn,
)
from muse.datasets.data_augmentation import DataAugmentation

torch = pytest.importorskip("torch", reason="half of it is about tensors")


def context(**changes) -> AugmentContext:
    return AugmentContext(np.random.default_rng(0), "x", **changes)


def batch() -> AttrDict:
    return AttrDict(ee=AttrDict(pos=torch.zeros(50, 20, 3)), image=torch.zeros(50, 20, 4))


def augmentation(**changes) -> DataAugmentation:
    params = AttrDict(augment_keys=["ee/pos"], augment_fns=[GaussianNoise(0.1)])
    for name, value in changes.items():
        params[name] = value
    return DataAugmentation(params)


def images(kind: str = "numpy", windows: int = 40):
    rng = np.random.default_rng(1)
    array = rng.integers(0, 256, (windows, 3, 12, 10, 3), dtype=np.uint8)
    return torch.from_numpy(array) if kind == "torch" else array


def test_only_named_keys_change_and_the_batch_stays() -> None:
    augment = augmentation()
    inputs, outputs = batch(), AttrDict(reward=torch.ones(50, 20, 1))
    torch.manual_seed(3)
    noisy, same = augment.forward(inputs, outputs)
    torch.manual_seed(3)
    again, _ = augment.forward(inputs, outputs)
    other, _ = augment.forward(inputs, outputs)
    assert same is outputs and noisy.image is inputs.image
    assert torch.equal(noisy["ee/pos"], again["ee/pos"])
    assert not torch.equal(noisy["ee/pos"], other["ee/pos"])
    assert noisy["ee/pos"].std().item() == pytest.approx(0.1, rel=0.05)
    assert not inputs["ee/pos"].any()


@pytest.mark.parametrize(
    "fn",
    [
        GaussianNoise(0.1),
        GaussianNoise(0.1, unit_norm=True),
        RandomCrop(8, 7),
        RandomCrop(8, 7, per_step=True),
        ColorJitter(0.3, 0.3, 0.3, 0.1),
        RandomErasing(0.9, fill=7, per_step=True),
    ],
    ids=repr,
)
def test_arrays_and_tensors_are_changed_alike_by_seed_and_step(fn) -> None:
    value = images().astype(np.float32) / 7 if isinstance(fn, GaussianNoise) else images()
    params = AttrDict(augment_keys=["x"], augment_fns=[fn], seed=4)
    augment = DataAugmentation(params)

    def at(x, step, **changes):
        return np.asarray(augment.forward(AttrDict(x=x), AttrDict(), step, **changes)[0].x)

    plain, tensors = at(value, 9), at(torch.from_numpy(value), 9)
    assert plain.dtype == tensors.dtype == value.dtype
    np.testing.assert_allclose(plain, tensors, atol=1e-3 if value.dtype.kind == "f" else 1)
    assert np.array_equal(plain, at(value, 9)) and not np.array_equal(plain, at(value, 10))
    params.seed = 5
    assert not np.array_equal(
        plain, DataAugmentation(params).forward(AttrDict(x=value), AttrDict(), 9)[0].x
    )
    still = at(value, 9, training=False)
    assert np.array_equal(still, value[:, :, 2:10, 1:8] if isinstance(fn, RandomCrop) else value)


def test_quaternions_stay_of_unit_length() -> None:
    noisy = GaussianNoise(0.3, unit_norm=True)(torch.tensor([[[0.0, 0.0, 0.0, 1.0]]]), context())
    assert noisy.norm(dim=-1).item() == pytest.approx(1.0)


@pytest.mark.parametrize("corr", [False, True])
def test_masked_noise_is_where_the_mask_is(corr) -> None:
    value, mask = np.zeros((200, 10, 3), np.float32), np.zeros((200, 10, 1), bool)
    mask[:, 4:] = True
    fn = get_masked_augment_fn(0.5, "mask", corr)
    noisy = fn(value, context(inputs=AttrDict(mask=mask)))
    assert not noisy[:, :4].any()
    assert noisy[:, 4:].std() == pytest.approx(0.5, rel=0.1)
    assert (np.ptp(noisy[:, 4:], axis=1) == 0).all() == corr
    with pytest.raises(DataError, match="no mask 'mask'"):
        fn(value, context())
    assert get_augment_fn(0.3) == GaussianNoise(0.3)


@pytest.mark.parametrize("per_step", [False, True])
def test_crops_come_from_everywhere_and_go_with_the_window(per_step) -> None:
    value = np.zeros((300, 3, 6, 7, 1), np.uint8)
    value[...] = np.arange(42).reshape(6, 7, 1)
    corner = RandomCrop(4, 4, per_step)(value, context())[:, :, 0, 0, 0]
    rows, columns = corner // 7, corner % 7
    assert set(rows.flat) == {0, 1, 2} and set(columns.flat) == {0, 1, 2, 3}
    assert (corner == corner[:, :1]).all() != per_step
    with pytest.raises(DataError, match="6 x 7, smaller than the part of 8 x 4"):
        RandomCrop(8, 4)(value, context())
    with pytest.raises(DataError, match=r"expected images \(B, H, height, width, 3\)"):
        RandomCrop(8, 4)(value[..., 0], context())


def test_colours_change_as_told() -> None:
    value = images().astype(np.float32)
    assert np.allclose(ColorJitter(0, 0, 0)(value, context()), value, atol=1e-3)
    brighter = ColorJitter(0.5, 0, 0)(value, context()) / np.maximum(value, 1)
    factor = brighter[:, 0].max(axis=(1, 2, 3))
    assert 0.5 <= factor.min() < 0.7 and 1.3 < factor.max() <= 1.5
    turned = ColorJitter(0, 0, 0, hue=0.5)(value, context())
    np.testing.assert_allclose(turned.sum(-1), value.sum(-1), rtol=1e-4)  # grey stays
    assert np.abs(turned - value).mean() > 20
    whole = ColorJitter(0.9, 0.9, 0.9)(images(), context())
    assert whole.dtype == np.uint8 and whole.min() == 0 and whole.max() == 255


def test_gaps_are_rectangles_of_the_asked_size() -> None:
    value = np.full((400, 1, 40, 40, 3), 9, np.uint8)
    gaps = (RandomErasing(0.5, (0.1, 0.2))(value, context()) == 0)[:, 0, :, :, 0]
    share = gaps.mean(axis=(1, 2))
    assert (share > 0).mean() == pytest.approx(0.5, abs=0.08)
    assert share[share > 0].min() > 0.08 and share.max() < 0.22
    for gap in gaps[share > 0]:
        rows, columns = gap.any(1).sum(), gap.any(0).sum()
        assert gap.sum() == rows * columns


def test_functions_around_see_dataset_batch_and_memory() -> None:
    seen = []

    def before(inputs, outputs, memory):
        memory.scale = 2.0
        return inputs & AttrDict(extra=inputs.image), outputs

    def double(value, context):
        assert context.memory.read_inputs.image is context.inputs.image
        return value + context.memory.scale

    def after(inputs, outputs, memory):
        return inputs, outputs & AttrDict(scale=memory.scale)

    mask = torch.zeros(50, 20, dtype=torch.bool)
    mask[:, 3] = True
    augment = augmentation(
        augment_fns=[double],
        preproc_fn=before,
        postproc_fn=after,
        read_keys=["image"],
        post_mask_name="where",
        preproc_dataset_fn=seen.append,
    )
    augment.link_dataset("data")
    inputs, outputs = augment.forward(batch() & AttrDict(where=mask), AttrDict())
    assert seen == ["data"] and outputs.scale == 2.0 and "extra" in inputs
    assert (inputs["ee/pos"][:, 3] == 2).all() and inputs["ee/pos"].sum() == 50 * 3 * 2


def test_mistakes_are_named(spec) -> None:
    with pytest.raises(ParamError, match="2 augment_keys but 1 augment_fns"):
        DataAugmentation(AttrDict(augment_keys=["a", "b"], augment_fns=[GaussianNoise(1.0)]))
    with pytest.raises(DataError, match="augment_keys asks for 'ee/pos', which the batch lacks"):
        augmentation().forward(AttrDict(image=torch.zeros(1, 1)), AttrDict())
    with pytest.raises(DataError, match="numpy arrays came without a step"):
        augmentation().forward(batch().leaf_apply(np.asarray), AttrDict())

    class Linked:
        env_spec, names = spec, ("state", "made")

    params = AttrDict(augment_keys=["made"], augment_fns=[GaussianNoise(1.0)])
    DataAugmentation(params, Linked())
    params.augment_keys = ["stat"]
    with pytest.raises(ParamError, match="Did you mean 'state'"):
        DataAugmentation(params, Linked())


@pytest.mark.parametrize(
    "fn",
    [
        GaussianNoise(0.02, unit_norm=True),
        get_masked_augment_fn(0.1, corr=True),
        RandomCrop(80, 84),
        ColorJitter(hue=0.1),
        RandomErasing(area=(0.1, 0.3)),
    ],
    ids=repr,
)
def test_each_can_be_written_in_a_config(fn) -> None:
    assert type(fn).from_config(fn.to_config()) == fn
