"""Devices a model may be put on."""

from __future__ import annotations

import pytest
import torch

from muse.core.errors import ParamError
from muse.models.device import choose_device


@pytest.mark.parametrize("name", ["cude", "meta", ""])
def test_what_cannot_train_is_refused(name: str) -> None:
    with pytest.raises(ParamError, match=f"device='{name}' is not a device to train on"):
        choose_device(name)


def test_auto_and_cuda_fall_back_to_what_is_there(caplog: pytest.LogCaptureFixture) -> None:
    if torch.cuda.is_available():
        assert choose_device("auto").type == choose_device("cuda").type == "cuda"
        return
    assert choose_device("auto") == torch.device("cpu") and not caplog.records
    assert choose_device("cuda:1") == torch.device("cpu")
    assert "'cuda:1' asked for" in caplog.text
