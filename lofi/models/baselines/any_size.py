"""Networks with strides on images of any size."""

import torch


def to_multiple(image: torch.Tensor, stride: int) -> torch.Tensor:
    """Images (B, C, H, W) continued by reflection to the next multiples of `stride`; cut the output to (H, W)."""
    rows, columns = (_reflected(side, stride, image.device) for side in image.shape[-2:])
    if len(rows) == image.shape[-2] and len(columns) == image.shape[-1]:
        return image
    return image[..., rows[:, None], columns]


def _reflected(side, stride, device):
    """Pixel numbers 0 … side − 1 and on to a multiple of `stride`, reflected about the border pixels' centres."""
    period = max(2 * (side - 1), 1)
    place = torch.arange(side + -side % stride, device=device) % period
    return torch.minimum(place, period - place)
