"""Random crops in training, the centre crop in evaluation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse.core.errors import ParamError


class CropRandomizer(nn.Module):
    """`(B, H, h, w, C)` to `(B, H, ch, cw, C)`, the same crop for the H images of a row.

    Offsets come from torch's CPU generator, whatever the device, so that the generator a
    checkpoint holds says how training goes on.

    Args:
        crop_height, crop_width: pixels.
    """

    def __init__(self, crop_height: int, crop_width: int) -> None:
        super().__init__()
        self.crop_height = crop_height
        self.crop_width = crop_width

    def forward(self, images: Tensor) -> Tensor:
        """Crop; no copy in evaluation."""
        free_h = images.shape[2] - self.crop_height
        free_w = images.shape[3] - self.crop_width
        if free_h < 0 or free_w < 0:
            raise ParamError(
                f"crop of {self.crop_height}x{self.crop_width} from images of "
                f"{images.shape[2]}x{images.shape[3]} pixels; expected a smaller crop"
            )
        if not self.training:
            return images.narrow(2, free_h // 2, self.crop_height).narrow(
                3, free_w // 2, self.crop_width
            )
        tops = torch.randint(free_h + 1, (images.shape[0],))
        lefts = torch.randint(free_w + 1, (images.shape[0],))
        return (
            self._gather(images, tops, lefts)
            if images.is_cuda
            else self._slice(images, tops, lefts)
        )

    def _slice(self, images: Tensor, tops: Tensor, lefts: Tensor) -> Tensor:
        """One copy of a block of memory for each row: the fast way on a CPU."""
        height, width = self.crop_height, self.crop_width
        return torch.stack(
            [
                row[:, top : top + height, left : left + width]
                for row, top, left in zip(images, tops.tolist(), lefts.tolist(), strict=True)
            ]
        )

    def _gather(self, images: Tensor, tops: Tensor, lefts: Tensor) -> Tensor:
        """One indexing for the whole batch: the fast way on a GPU."""
        device = images.device
        ys = (tops[:, None] + torch.arange(self.crop_height)).to(device, non_blocking=True)
        xs = (lefts[:, None] + torch.arange(self.crop_width)).to(device, non_blocking=True)
        rows = torch.arange(images.shape[0], device=device)
        # indices around a slice put their dimensions first: (B, ch, cw, H, C)
        picked = images[rows[:, None, None], :, ys[:, :, None], xs[:, None, :]]
        return picked.permute(0, 3, 1, 2, 4)
