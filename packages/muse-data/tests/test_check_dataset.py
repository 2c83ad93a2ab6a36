"""`check_dataset` notices broken promises."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import NpSequenceDataset
from muse.datasets.testing import check_dataset


class Broken(NpSequenceDataset):
    """A dataset whose batches are spoilt by `spoil(inputs, outputs)`."""

    spoil = staticmethod(lambda inputs, outputs: None)

    def get_batch(self, *args, **kwargs):
        inputs, outputs = super().get_batch(*args, **kwargs)
        self.spoil(inputs, outputs)
        return inputs, outputs


def shuffle_steps(inputs, outputs):
    inputs["rollout_timestep"] = inputs.rollout_timestep[:, ::-1].copy()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda i, o: o.pop("done"), "no done"),
        (lambda i, o: i.update(state=i.state[:, :-1]), "'state' of shape"),
        (lambda i, o: i.update(state=i.state.astype(np.float64)), "'state' of dtype float64"),
        (lambda i, o: i.update(reward=o.reward), "twice"),
        (lambda i, o: o.update(done=np.ones_like(o.done)), "padding_mask"),
        (shuffle_steps, "out of order"),
        (
            lambda i, o: i.update(state=np.random.default_rng().random(i.state.shape, np.float32)),
            "random",
        ),
    ],
)
def test_broken_promises_are_named(spoil, message, spec, make_data, write):
    params = AttrDict(file=write(make_data([9, 9])), horizon=4, batch_size=5, frozen=True)
    data = Broken(params, spec)
    check_dataset(data)
    data.spoil = spoil
    with pytest.raises(DataError, match=message):
        check_dataset(data)


def test_an_empty_dataset_cannot_be_checked(spec):
    with pytest.raises(DataError, match="no episodes"):
        check_dataset(NpSequenceDataset(AttrDict(horizon=2, batch_size=1), spec))
