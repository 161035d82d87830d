"""A denoiser of this package inside other people's plug-and-play algorithms, such as those of deepinv."""

import torch
from torch import nn

from lofi.models.denoiser import Denoiser


class PlugAndPlayDenoiser(nn.Module):
    """`denoiser(x, sigma)` with the calling convention of `deepinv.models.Denoiser` (deepinv 0.5).

    The image may be in any unit, `sigma` in the same: `D(c·x, c·sigma) = c·D(x, sigma)`. Results are of the type of `x`
    and carry no gradient.
    """

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = denoiser.eval()

    def forward(self, x: torch.Tensor, sigma: float | torch.Tensor, **_: object) -> torch.Tensor:
        """Images (B, 1, H, W) with noise of standard deviation `sigma` > 0, one number or one for each image (B,), →
        (B, 1, H, W). Other keywords, which deepinv may pass, are ignored.

        Raises ValueError for other shapes and for noise that is not positive.
        """
        if x.dim() != 4 or x.shape[1] != 1:
            raise ValueError(f"x has the shape {tuple(x.shape)}; expected (images, 1, height, width)")
        level = torch.as_tensor(sigma, dtype=torch.float32, device=x.device).flatten()
        if len(level) not in (1, len(x)):
            raise ValueError(f"sigma has {len(level)} values for {len(x)} images; expected one, or one for each image")
        weights = next(self.denoiser.parameters())
        image = x[:, 0].detach().to(weights)
        return self.denoiser.denoise(image, level.to(weights).expand(len(x)))[:, None].to(x)
