"""Denoisers that are told the noise level: the priors of LoFi-ADMM.

Observed channels are the noisy image and `noise_std`, a map of its noise standard deviation. With `z` the noisy image
and `σ` the map, a denoiser returns `z − σ·NN`, where the network reads the image relative to the noise
(`lofi.field.conditioning`); it is homogeneous, `D(c·z, c·σ) = c·D(z, σ)`, so that it serves images in any unit.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import nn

from lofi.field.local_field import LocalField
from lofi.models.baselines.dncnn import ConditionedDnCNN
from lofi.models.channels import DENOISED as CHANNELS
from lofi.models.crops import cut, random_corners
from lofi.models.reconstructor import random_pixels, resize


class Denoiser(nn.Module):
    """What the denoisers share; the loss is the mean absolute error in units of the noise."""

    trainable = True

    def __init__(self, channels: Sequence[str], network: nn.Module) -> None:
        super().__init__()
        if tuple(channels) != CHANNELS:
            raise ValueError(f"a denoiser reads the channels {', '.join(CHANNELS)}; observed are {', '.join(channels)}")
        self.network = network

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        pass

    def error(self, estimate: torch.Tensor, observed: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        """What validation reports: the RMSE of an image in units of its noise, averaged over images."""
        return ((estimate - truth) / observed[:, 1:]).square().mean((1, 2, 3)).sqrt().mean()

    @torch.no_grad()
    def denoise(self, image: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        """Images (B, H, W) with noise of standard deviation `sigma` (B,), positive → (B, H, W)."""
        if not (sigma > 0).all():
            raise ValueError("a denoiser needs a positive noise level")
        level = sigma[:, None, None].expand_as(image)
        return self.reconstruct(torch.stack([image, level], dim=1))[:, 0]


class FieldDenoiser(Denoiser):
    """A local field, trained on random pixels of random objects.

    Parameters
    ----------
    channels, size : names of the observed channels and (H, W) of the training images.
    geometry, network : descriptions for `lofi.field.local_field.LocalField`.
    pixels : pixels per object and step.
    """

    def __init__(
        self, channels: Sequence[str], size: tuple[int, int], geometry: Mapping, network: Mapping, pixels: int = 256
    ) -> None:
        super().__init__(channels, LocalField(1, size, geometry, network, conditioned=True))
        if pixels < 1:
            raise ValueError(f"pixels is {pixels}; expected at least 1")
        self.pixels = pixels

    def places(self, count: int, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
        return random_pixels(count, self.pixels, shape, generator)

    def seen(self, shape: tuple[int, int]) -> int:
        return self.pixels

    def training_step(self, observed: torch.Tensor, truth: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        image, level, goal = (part.flatten(1).gather(1, places) for part in (observed[:, 0], observed[:, 1], truth))
        predicted = self.network.at_pixels(observed[:, :1], places, observed.shape[-2:], level)[..., 0]
        return (predicted - (image - goal) / level).abs().mean()

    @torch.no_grad()
    def reconstruct(
        self, observed: torch.Tensor, shape: tuple[int, int] | None = None, tile: int | None = None
    ) -> torch.Tensor:
        resized = resize(observed, shape)
        noise = self.network.evaluate(observed[:, :1], resized.shape[-2:], tile, resized[:, 1])
        return resized[:, :1] - resized[:, 1:] * noise


class ImageDenoiser(Denoiser):
    """`ConditionedDnCNN` (`lofi.models.baselines.dncnn`), its keywords, trained on a random square of `crop` pixels."""

    def __init__(
        self, channels: Sequence[str], size: tuple[int, int], features: int = 64, layers: int = 17, crop: int = 40
    ) -> None:
        super().__init__(channels, ConditionedDnCNN(features, layers))
        if crop < 1:
            raise ValueError(f"crop is {crop}; expected at least 1 pixel")
        self.crop = crop

    def places(self, count: int, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
        return random_corners(count, self.crop, shape, generator)

    def seen(self, shape: tuple[int, int]) -> int:
        return math.prod(min(self.crop, length) for length in shape)

    def training_step(self, observed: torch.Tensor, truth: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        observed, truth = (cut(images, places, self.crop) for images in (observed, truth))
        image, level = observed[:, :1], observed[:, 1:]
        return (self.network(image, level) - (image - truth) / level).abs().mean()

    @torch.no_grad()
    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        step = 1 if observed.device.type == "cpu" else len(observed)  # one image's activations stay in a CPU's cache
        noise = [self.network(part[:, :1], part[:, 1:]) for part in observed.split(step)]
        return resize(observed[:, :1] - observed[:, 1:] * torch.cat(noise), shape)
