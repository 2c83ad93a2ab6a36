"""The model that turns one or several cameras into one feature vector."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.core.params import Param, positive
from muse.models.layers.build import build_network
from muse.models.model import Model, is_image, refuse_kwargs
from muse.models.vision.core import BACKBONES, VisionCore


class VisionEncoder(Model):
    """Images `(B, H, h, w, C)` uint8 RGB of each camera to features `(B, H, cameras x size)`.

    With `use_shared_params` one network serves all cameras, which must then have one shape; their
    images go through it in one batch.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "model_inputs",
            list[str] | None,
            None,
            help="the cameras, in order; None: every image among the observations",
        ),
        Param("model_output", str, "img_embedding", help="name of the features"),
        Param("use_shared_params", bool, True, help="the same network for all cameras"),
        Param("network", Any, None, help="LayerParams instead of what the params below describe"),
        Param("backbone", str, "resnet18", choices=BACKBONES, help="the convolutional network"),
        Param("crop_random_frac", float, 0.9, help="size of the crop over that of the image"),
        Param("use_spatial_softmax", bool, True, help="keypoints, else average pooling"),
        Param("temperature", float, 1.0, help="of the spatial softmax", check=positive),
        Param("use_color_randomizer", bool, False, help="change colours in training"),
        Param("use_erasing_randomizer", bool, False, help="black out rectangles in training"),
        Param("img_embed_size", int, 64, help="features of each camera", check=positive),
        Param("norm", str, "batch", choices=("batch", "group"), help="normalisation in a ResNet"),
        Param("weights_file", str | None, None, help="ResNet weights by torchvision's names"),
    )

    _CORE_PARAMS: ClassVar[tuple[str, ...]] = (
        "backbone",
        "crop_random_frac",
        "use_spatial_softmax",
        "temperature",
        "use_color_randomizer",
        "use_erasing_randomizer",
        "img_embed_size",
        "norm",
        "weights_file",
    )

    def build(self) -> None:
        """Create the network, or one for each camera."""
        self.model_inputs = self._cameras()
        shapes = [tuple(self.env_spec.shape(name)) for name in self.model_inputs]
        self.shared: bool = self.params.use_shared_params
        if self.shared and len(set(shapes)) > 1:
            raise ParamError(
                f"{type(self).__name__}: the cameras {self.model_inputs} have shapes {shapes}; "
                "one network needs one shape, set use_shared_params=False"
            )
        count = 1 if self.shared else len(shapes)
        self.cores = nn.ModuleList(self._core(shape) for shape in shapes[:count])

    def output_shapes(self) -> dict[str, tuple[int, ...]]:
        """The features, of all cameras side by side."""
        sizes = [core.img_embed_size for core in self.cores]  # type: ignore[union-attr]
        total = sizes[0] * len(self.model_inputs) if self.shared else sum(sizes)  # type: ignore
        return {self.params.model_output: (total,)}

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        """Return the features at `model_output`."""
        refuse_kwargs(self, kwargs)
        images = [inputs[name] for name in self.model_inputs]
        return AttrDict({self.params.model_output: self._encode(images)})

    def _encode(self, images: list[Tensor]) -> Tensor:
        if not self.shared:
            return torch.cat([c(i) for c, i in zip(self.cores, images, strict=True)], dim=-1)
        core = self.cores[0]
        if len(images) == 1:
            return core(images[0])
        # cameras are more rows of the batch, so each gets a crop of its own
        features = core(torch.cat(images, dim=0))
        return torch.cat(features.chunk(len(images), dim=0), dim=-1)

    def _cameras(self) -> list[str]:
        names = self.params.model_inputs
        if names is None:
            names = [n for n in self.env_spec.observation_names if is_image(self.env_spec, n)]
        if not names:
            raise ParamError(
                f"{type(self).__name__}: no images among the observations "
                f"{list(self.env_spec.observation_names)}; record images, or use a state model"
            )
        for name in names:
            if len(self.env_spec.shape(name)) != 3:
                raise ParamError(
                    f"{type(self).__name__}: {name!r} has shape {self.env_spec.shape(name)}, "
                    "expected an image (height, width, channels)"
                )
        return list(names)

    def _core(self, shape: tuple[int, ...]) -> nn.Module:
        if self.params.network is None:
            return VisionCore(shape, **{name: self.params[name] for name in self._CORE_PARAMS})
        core = build_network(self.params.network)
        if not hasattr(core, "img_embed_size"):
            raise ParamError(
                f"{type(self).__name__}: network is a {type(core).__name__}, expected a "
                "'vision_core' (or a module with img_embed_size)"
            )
        return core
