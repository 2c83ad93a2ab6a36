from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import distributions as D

from muse.core.errors import ParamError
from muse.models.dist import (
    CategoricalHead,
    DeterministicHead,
    GaussianHead,
    GaussianMixtureHead,
    SquashedGaussianHead,
)
from muse.utils.param_utils import get_dist_cap, get_dist_out_size

HEADS = [
    DeterministicHead(3),
    GaussianHead(3),
    SquashedGaussianHead(3),
    GaussianMixtureHead(3, 4),
    CategoricalHead(3, 7),
]


@pytest.mark.parametrize("head", HEADS, ids=lambda h: type(h).__name__)
def test_shapes(head):
    dist = head(torch.randn(2, 5, head.raw_size))
    assert head.mean(dist).shape == head.mode(dist).shape == (2, 5, 3)
    assert head.decode(dist, "sample").shape == (2, 5, 3)
    if head.noise_size:
        assert head.log_prob(dist, head.mean(dist)).shape == (2, 5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 5), st.booleans(), st.booleans())
def test_mixture_log_prob_is_that_of_torch(seed, mix, dim, tanh, exp):
    generator = torch.Generator().manual_seed(seed)
    head = GaussianMixtureHead(dim, mix, tanh, "exp" if exp else "softplus", sig_min=1e-2)
    dist = head(torch.randn(2, 3, head.raw_size, generator=generator))
    value = torch.randn(2, 3, dim, generator=generator)
    reference = D.MixtureSameFamily(
        D.Categorical(logits=dist.logits), D.Independent(D.Normal(dist.mean, dist.scale), 1)
    )
    assert torch.allclose(head.log_prob(dist, value), reference.log_prob(value), rtol=1e-4)
    assert torch.allclose(head.mean(dist), reference.mean, atol=1e-5)


def test_gaussian_log_prob_is_that_of_torch():
    head = GaussianHead(3, use_tanh_mean=True)
    dist = head(torch.randn(2, 3, 6))
    value = torch.randn(2, 3, 3)
    reference = D.Independent(D.Normal(dist.mean, dist.scale), 1)
    assert torch.allclose(head.log_prob(dist, value), reference.log_prob(value), rtol=1e-4)
    assert dist.mean.abs().max() < 1


def test_squashed_log_prob_is_that_of_torch():
    head = SquashedGaussianHead(3, sig_min=0.1, sig_max=1.0)
    dist = head(torch.randn(2, 3, 6))
    value = torch.tanh(torch.randn(2, 3, 3))
    reference = D.Independent(
        D.TransformedDistribution(D.Normal(dist.mean, dist.scale), [D.TanhTransform(cache_size=1)]),
        1,
    )
    assert torch.allclose(head.log_prob(dist, value), reference.log_prob(value), rtol=1e-3)


def test_mixture_sample_selects_then_perturbs():
    head = GaussianMixtureHead(1, 3, use_tanh_mean=False)
    raw = torch.zeros(1, 1, head.raw_size)
    raw[..., :3] = torch.tensor([0.2, 0.5, 0.3]).log()
    raw[..., 3:6] = torch.tensor([-5.0, 0.0, 5.0])
    dist = head(raw)
    for uniform, centre in ((0.1, -5), (0.21, 0), (0.69, 0), (0.71, 5), (0.9999999, 5)):
        draw = head.sample(dist, torch.tensor([[uniform]]), torch.zeros(1, 1, 1))
        assert draw.item() == centre
    shifted = head.sample(dist, torch.tensor([[0.5]]), torch.ones(1, 1, 1))
    assert torch.isclose(shifted.squeeze(), dist.scale[0, 0, 1, 0])
    assert head.mode(dist).item() == 0


def test_mixture_mode_counts_the_height_of_the_peak():
    head = GaussianMixtureHead(1, 2, use_tanh_mean=False, std_activation="exp")
    raw = torch.zeros(1, 1, head.raw_size)
    raw[..., :2] = torch.tensor([0.6, 0.4]).log()
    raw[..., 2:4] = torch.tensor([-1.0, 1.0])
    raw[..., 4:] = torch.tensor([1.0, 0.1]).log()
    assert head.mode(head(raw)).item() == 1


def test_mixture_samples_have_the_mean_of_the_mixture():
    head = GaussianMixtureHead(2, 3)
    dist = head(torch.randn(1, 1, head.raw_size)).leaf_apply(
        lambda v: v.expand(20_000, *v.shape[1:])
    )
    draws = head.decode(dist, "sample")
    error = draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - head.mean(dist)[0]).abs() < 5 * error).all()


def test_scales_keep_their_bounds():
    head = GaussianMixtureHead(2, 3, sig_min=0.1, sig_max=0.5)
    assert head(torch.full((1, head.raw_size), -100.0)).scale.min() >= 0.1
    assert head(torch.full((1, head.raw_size), 100.0)).scale.max() <= 0.5
    with pytest.raises(ParamError, match="sig_min"):
        GaussianHead(2, sig_min=2.0, sig_max=1.0)
    with pytest.raises(ParamError, match="std_activation"):
        GaussianHead(2, std_activation="square")


@pytest.mark.parametrize("prob,mix", [(True, 1), (True, 5)])
def test_core_declares_the_sizes_the_heads_take(prob, mix):
    head = get_dist_cap(3, prob, True, mix).to_module_list()
    assert head.raw_size == get_dist_out_size(3, prob, mix)


def test_categorical_log_prob_sums_to_one():
    head = CategoricalHead(1, 5)
    dist = head(torch.randn(1, 1, 5)).leaf_apply(lambda v: v.expand(5, 1, 1, 5))
    total = head.log_prob(dist, head.centers.view(5, 1, 1)).exp().sum()
    assert torch.isclose(total, torch.tensor(1.0))
