"""Behaviour cloning: action decoders, and the model that feeds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.models.bc.action_decoder import ActionDecoder as ActionDecoder
    from muse.models.bc.gcbc import BaseGCBC as BaseGCBC
    from muse.models.bc.mlp_action_decoder import MLPActionDecoder as MLPActionDecoder
    from muse.models.bc.rnn_action_decoder import RNNActionDecoder as RNNActionDecoder

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "action_decoder": ("ActionDecoder",),
        "gcbc": ("BaseGCBC",),
        "mlp_action_decoder": ("MLPActionDecoder",),
        "rnn_action_decoder": ("RNNActionDecoder",),
    },
)
