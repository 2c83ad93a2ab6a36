"""Distribution heads: raw network outputs to distribution parameters, log-probabilities, draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.models.dist.categorical import CategoricalHead as CategoricalHead
    from muse.models.dist.gaussian import GaussianHead as GaussianHead
    from muse.models.dist.gaussian import SquashedGaussianHead as SquashedGaussianHead
    from muse.models.dist.head import DeterministicHead as DeterministicHead
    from muse.models.dist.head import DistributionHead as DistributionHead
    from muse.models.dist.mixture import GaussianMixtureHead as GaussianMixtureHead

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "categorical": ("CategoricalHead",),
        "gaussian": ("GaussianHead", "SquashedGaussianHead"),
        "head": ("DeterministicHead", "DistributionHead"),
        "mixture": ("GaussianMixtureHead",),
    },
)
