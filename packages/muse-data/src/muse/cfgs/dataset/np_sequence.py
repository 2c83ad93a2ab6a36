"""Windows of a recorded dataset held in memory, uniformly sampled: what most trainings use."""

from muse.configs import Field
from muse.core.attrdict import AttrDict

export = AttrDict(
    cls="muse.datasets.NpSequenceDataset",
    frozen=True,
    batch_size=Field("batch_size"),
    horizon=Field("horizon"),
    seed=Field("seed"),
)
