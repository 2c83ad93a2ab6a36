"""The parameters of an output's distribution, shared by every model that may end in one."""

from __future__ import annotations

from typing import Any

from muse.core.params import Param, positive
from muse.models.dist.gaussian import GaussianHead
from muse.models.dist.head import DeterministicHead, DistributionHead
from muse.models.dist.mixture import GaussianMixtureHead


def head_params(prefix: str = "", sig_max: float = 1e3) -> tuple[Param, ...]:
    """Declarations of the head, each name behind `prefix`."""
    return (
        Param(f"{prefix}num_mix", int, 1, help="Gaussians in the mixture", check=positive),
        Param(f"{prefix}sig_min", float, 1e-5, help="smallest standard deviation", check=positive),
        Param(
            f"{prefix}sig_max", float, sig_max, help="largest standard deviation", check=positive
        ),
        Param(
            f"{prefix}std_activation",
            str,
            "softplus",
            choices=("softplus", "exp"),
            help="what makes deviations of raw numbers",
        ),
    )


def build_head(
    params: Any, dim: int, use_dist: bool, use_tanh: bool, prefix: str = ""
) -> DistributionHead:
    """Build the head for `dim` numbers from the declared params.

    A deterministic one without `use_dist`, a Gaussian for one component, else a mixture.
    """
    if not use_dist:
        return DeterministicHead(dim, use_tanh)
    bounds = {
        "sig_min": params[f"{prefix}sig_min"],
        "sig_max": params[f"{prefix}sig_max"],
        "std_activation": params[f"{prefix}std_activation"],
    }
    num_mix = params[f"{prefix}num_mix"]
    if num_mix == 1:
        return GaussianHead(dim, use_tanh, **bounds)
    return GaussianMixtureHead(dim, num_mix, use_tanh, **bounds)
