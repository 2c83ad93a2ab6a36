"""Building declared layers (`LayerParams`, `SequentialParams`) into torch modules."""

from __future__ import annotations

from muse.models.layers.build import build_layer, build_network, layer_names, register_layer

__all__ = ["build_layer", "build_network", "layer_names", "register_layer"]
