"""Augmentation changes the keys it names, repeatably, and nothing else."""

from __future__ import annotations

import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.datasets.data_augmentation import DataAugmentation, GaussianNoise

torch = pytest.importorskip("torch", reason="augmentation works on torch batches")


def batch() -> AttrDict:
    return AttrDict(ee=AttrDict(pos=torch.zeros(50, 20, 3)), image=torch.zeros(50, 20, 4))


def test_only_named_keys_change_and_the_batch_stays() -> None:
    augment = DataAugmentation(AttrDict(augment_keys=["ee/pos"], augment_fns=[GaussianNoise(0.1)]))
    inputs, outputs = batch(), AttrDict(reward=torch.ones(50, 20, 1))
    torch.manual_seed(3)
    noisy, same = augment.forward(inputs, outputs)
    torch.manual_seed(3)
    again, _ = augment.forward(inputs, outputs)
    assert same is outputs and noisy.image is inputs.image
    assert torch.equal(noisy["ee/pos"], again["ee/pos"])
    assert noisy["ee/pos"].std().item() == pytest.approx(0.1, rel=0.05)
    assert not inputs["ee/pos"].any()


def test_quaternions_stay_of_unit_length() -> None:
    noisy = GaussianNoise(0.3, unit_norm=True)(torch.tensor([[[0.0, 0.0, 0.0, 1.0]]]))
    assert noisy.norm(dim=-1).item() == pytest.approx(1.0)


def test_one_function_for_each_key() -> None:
    with pytest.raises(ParamError, match="2 augment_keys but 1 augment_fns"):
        DataAugmentation(AttrDict(augment_keys=["a", "b"], augment_fns=[GaussianNoise(1.0)]))


def test_noise_is_named_in_a_config() -> None:
    noise = GaussianNoise(0.02, unit_norm=True)
    assert GaussianNoise.from_config(noise.to_config()) == noise
