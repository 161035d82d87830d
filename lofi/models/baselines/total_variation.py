"""Total variation as a denoiser told the noise level, with the interface of a model (`lofi.models.reconstructor`)."""

from collections.abc import Sequence

import torch
from torch import nn

from lofi.models.denoiser import CHANNELS
from lofi.models.reconstructor import resize
from lofi.solvers.data_terms import Inpainting
from lofi.solvers.total_variation import total_variation


class TotalVariationDenoiser(nn.Module):
    """`argmin ‖x − z‖²/2 + c(σ) σ TV(x)` over x ≥ 0; c is best on the validation images, level by level.

    strengths : the values of c that are tried. Between the levels of the validation images c is that of the nearest.
    """

    trainable = False
    capacity = 32  # noise levels

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        strengths: Sequence[float] = (0.1, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.5),
    ) -> None:
        super().__init__()
        if tuple(channels) != CHANNELS:
            raise ValueError(f"a denoiser reads the channels {', '.join(CHANNELS)}; observed are {', '.join(channels)}")
        self.strengths = torch.tensor(strengths)
        self.register_buffer("levels", torch.ones(self.capacity))
        self.register_buffer("chosen", torch.full((self.capacity,), 0.5))

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        observed, truth = validation
        levels = observed[:, 1, 0, 0].unique()[: self.capacity]
        for place, level in enumerate(levels):
            at_level = observed[:, 1, 0, 0] == level
            denoised = [
                self._denoise(observed[at_level], strength.expand(int(at_level.sum()))) for strength in self.strengths
            ]
            errors = torch.stack([(image - truth[at_level, 0]).square().mean() for image in denoised])
            self.levels[place:], self.chosen[place:] = level, self.strengths[int(errors.argmin())]

    def _denoise(self, observed, strength):
        image, level = observed[:, 0], observed[:, 1, 0, 0]
        term = Inpainting(image, torch.ones_like(image, dtype=torch.bool), level)
        return total_variation(term, strength * level, iterations=100, start=image.clamp(min=0.0))

    @torch.no_grad()
    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        distance = (observed[:, 1, 0, 0, None].log() - self.levels.log()).abs()
        return resize(self._denoise(observed, self.chosen[distance.argmin(1)])[:, None], shape)
