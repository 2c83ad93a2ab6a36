"""Models: modules that take and return AttrDicts, with their normalisation saved inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.models.basic_model import BasicModel as BasicModel
    from muse.models.default_rnn_model import DefaultRnnModel as DefaultRnnModel
    from muse.models.function_model import FunctionModel as FunctionModel
    from muse.models.mlp_model import DefaultMLPModel as DefaultMLPModel
    from muse.models.model import Model as Model
    from muse.models.rnn_model import RnnModel as RnnModel

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "basic_model": ("BasicModel",),
        "default_rnn_model": ("DefaultRnnModel",),
        "function_model": ("FunctionModel",),
        "mlp_model": ("DefaultMLPModel",),
        "model": ("Model",),
        "rnn_model": ("RnnModel",),
    },
)
