"""The one interface of all models, and its adapters: fields train on pixels, convolutional networks on images.

A reconstructor is a `torch.nn.Module` with

* `calibrate(training, validation)`: what is fitted in closed form, from two samples (observed, truth);
* `reconstruct(observed, shape=None)`: (N, C, H, W) → (N, T, H', W'), T = 1 unless it was built for more `outputs`;
* and, if it learns by gradient descent (`trainable`), `places(count, shape, generator)`, what a step draws at
  random for `count` images of `shape`, a tensor with a row per image, `training_step(observed, truth, places)`, the
  loss of a batch, `seen(shape)`, how many pixels of an image that is, and `error(estimate, observed, truth)`, what
  validation reports.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from lofi.device import rough
from lofi.field.coordinates import pixel_centres
from lofi.field.local_field import LocalField
from lofi.field.patch import sample
from lofi.field.precisions import Precision
from lofi.models.crops import cut, random_corners
from lofi.models.inputs import Inputs
from lofi.options import call

LOSSES = {"l1": functional.l1_loss, "l2": functional.mse_loss}
Loss = Literal["l1", "l2"]
Padding = Literal["zeros", "reflect", "replicate", "circular"]  # of convolutions, beyond the border of an image


def resize(image: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Bicubic values of (B, C, H, W) images at the pixel centres of `shape` over the same area."""
    if shape is None or tuple(shape) == tuple(image.shape[-2:]):
        return image
    return image_at(image, pixel_centres(shape, image.shape[-2:], image.device).to(image.dtype), shape)


def image_at(image: torch.Tensor, coordinates: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Bicubic values of (B, C, H, W) images at coordinates (H'·W', 2) of all of them: images of `shape` (H', W')."""
    values = sample(image, coordinates[None, None].expand(len(image), -1, -1, -1))
    return values.reshape(*image.shape[:2], *shape)


def random_pixels(
    count: int, pixels: int, shape: tuple[int, int], generator: torch.Generator, margin: int = 0
) -> torch.Tensor:
    """(count, pixels) places in flattened images of `shape`, with repetition, at least `margin` from the border."""
    height, width = (length - 2 * margin for length in shape)
    inside = torch.randint(height * width, (count, pixels), generator=generator)
    return (inside // width + margin) * shape[1] + inside % width + margin


def scaling(factor: torch.Tensor) -> torch.Tensor:
    """Matrices (B, 2, 2) that stretch by `factor` (B,)."""
    return factor[:, None, None] * torch.eye(2, dtype=factor.dtype, device=factor.device)


def at_places(images: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Values (B, P, C) of images (B, C, H, W) at pixels (B, P), places in the flattened images."""
    return images.flatten(2).gather(2, places[:, None].expand(-1, images.shape[1], -1)).transpose(1, 2)


@torch.no_grad()
def reconstruct_in_batches(
    model: nn.Module, observed: torch.Tensor, device: torch.device, batch: int = 16
) -> torch.Tensor:
    """Reconstructions, on the CPU, of observed images (N, C, H, W), `batch` at a time on `device`."""
    return torch.cat([model.reconstruct(part.to(device)).cpu() for part in observed.split(batch)])


class Network(nn.Module):
    """Inputs, a network and the image it adds to; subclasses say how the network is trained and evaluated."""

    trainable = True

    def __init__(self, inputs: Inputs, network: nn.Module, loss: Loss) -> None:
        super().__init__()
        if loss not in LOSSES:
            raise ValueError(f"loss is {loss!r}; expected one of {', '.join(LOSSES)}")
        self.inputs, self.network, self.loss = inputs, network, LOSSES[loss]
        last = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)][-1]
        if inputs.residual != "none":  # start at the base image
            nn.init.zeros_(last.weight)
            if last.bias is not None:
                nn.init.zeros_(last.bias)

    @property
    def wiener(self) -> nn.Module:
        """The Wiener filter of the prior (`lofi.models.priors`), whether or not the network reads it."""
        return self.inputs.wiener

    def calibrate(
        self, training: tuple[torch.Tensor, torch.Tensor], validation: tuple[torch.Tensor, torch.Tensor]
    ) -> None:
        self.inputs.fit(*training)

    def error(self, estimate: torch.Tensor, observed: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        """What validation reports: the RMSE of an image, averaged over images."""
        return (estimate - truth).square().mean((1, 2, 3)).sqrt().mean()


class FieldReconstructor(Network):
    """A local field, trained on random pixels of random objects (paper eq. 16).

    Parameters
    ----------
    channels, size : names of the observed channels and (H, W) of the training images.
    inputs : keywords of `lofi.models.inputs.Inputs`.
    geometry, network, filter : descriptions for `lofi.field.local_field.LocalField`.
    loss : l1 | l2.
    pixels : pixels per object and step.
    margin : pixels along the border of the training images that are not trained on, where a patch would leave what is
        known.
    outputs : channels of the truth.
    precision : exact | fast; fast: wide layers in bfloat16, in training and evaluation, on a processor that multiplies
        it (`lofi.field.local_field.LocalField`).
    """

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        inputs: Mapping,
        geometry: Mapping,
        network: Mapping,
        filter: Mapping | None = None,
        loss: Loss = "l1",
        pixels: int = 512,
        margin: int = 0,
        outputs: int = 1,
        precision: Precision = "exact",
    ) -> None:
        prepared = call(Inputs, inputs, "inputs", channels, outputs)
        options = {"outputs": outputs, "conditions": prepared.wiener.conditions, "precision": precision}
        super().__init__(prepared, LocalField(prepared.outputs, size, geometry, network, filter, **options), loss)
        if not isinstance(margin, int) or not 0 <= 2 * margin < min(size):
            raise ValueError(f"margin is {margin!r}; expected a whole number from 0 to below {min(size) / 2:g}")
        if pixels < 1:
            raise ValueError(f"pixels is {pixels}; expected at least 1")
        self.pixels, self.margin = pixels, margin

    def places(self, count: int, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
        return random_pixels(count, self.pixels, shape, generator, self.margin)

    def seen(self, shape: tuple[int, int]) -> int:
        return self.pixels

    def training_step(self, observed: torch.Tensor, truth: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        stack, base = self.inputs(observed)
        residual, start = self._at(stack, base, places, truth.shape[-2:], self.inputs.wiener.sampling(observed))
        goal = (at_places(truth, places) - start) / self.inputs.unit(observed).reshape(-1, 1, 1)
        return self.loss(residual.to(truth.dtype), goal)

    def _at(self, stack, base, places, shape, sampling):
        """What the network says, and the base image, at pixels (B, P) of images of `shape`: (B, P, outputs) both."""
        with rough(stack.device, self.network.fast_on(stack.device)):
            prepared, (spacing, conditions) = self.network.prepare(stack), sampling
            if spacing is None:
                residual = self.network.at_pixels(prepared, places, shape, conditions=conditions)
            else:
                centres = pixel_centres(shape, stack.shape[-2:], stack.device, places).to(stack.dtype)
                frames = scaling(spacing)[:, None]
                residual = self.network.at(prepared, centres, frames=frames, conditions=conditions)
        return residual, at_places(resize(base, shape), places)

    @torch.no_grad()
    def reconstruct(
        self,
        observed: torch.Tensor,
        shape: tuple[int, int] | None = None,
        tile: int | None = None,
        margin: int = 0,
        filtered: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The protocol's. margin : pixels along each border, around a survey, where the base image is left as it is.
        filtered : the Wiener map (B, H, W), where it is known already.
        """
        stack, base = self.inputs(observed, filtered)
        spacing, conditions = self.inputs.wiener.sampling(observed)
        if margin == 0 and (spacing is None or (spacing == 1).all()):
            residual = self.network.evaluate(stack, shape, tile, conditions=conditions)
        else:
            spacing = torch.ones(len(stack)).to(stack) if spacing is None else spacing
            residual = self.network.evaluate_spaced(stack, spacing, shape, tile, conditions, margin)
        return resize(base, shape) + self.inputs.unit(observed) * functional.pad(residual, [margin] * 4)

    @torch.no_grad()
    def correction_at(
        self, observed: torch.Tensor, coordinates: torch.Tensor, frames: torch.Tensor | None = None
    ) -> torch.Tensor:
        """What the network adds to the base image, (B, T, P), at coordinates (P, 2) in pixels of observed images
        (B, C, H, W); patches are laid by `frames` (P, 2, 2) as in `lofi.field.local_field.LocalField.evaluate`."""
        stack, _ = self.inputs(observed)
        shape = (1, len(coordinates))
        added = self.network.evaluate(stack, shape, coordinates=coordinates, frames=frames)
        return (self.inputs.unit(observed) * added)[:, :, 0]


class ImageReconstructor(Network):
    """A convolutional network on images; at another size its output is interpolated.

    crop : side in pixels of the random square of each object that a step trains on; 0: whole images.
    """

    def __init__(self, inputs: Inputs, network: nn.Module, loss: Loss, crop: int = 0) -> None:
        if not isinstance(crop, int) or crop < 0:
            raise ValueError(f"crop is {crop!r}; expected a number of pixels, or 0 for whole images")
        super().__init__(inputs, network, loss)
        self.crop = crop

    def places(self, count: int, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
        return random_corners(count, self.crop, shape, generator) if self.crop else torch.empty(count, 0)

    def seen(self, shape: tuple[int, int]) -> int:
        return math.prod(min(self.crop or length, length) for length in shape)

    def training_step(self, observed: torch.Tensor, truth: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        stack, base = self.inputs(observed)  # of whole images: a Wiener filter sees all of them
        if self.crop:
            stack, base, truth = (cut(images, places, self.crop) for images in (stack, base, truth))
        with rough(truth.device):
            residual = self.network(stack)
        return self.loss(residual.to(truth.dtype), (truth - base) / self.inputs.unit(observed))

    @torch.no_grad()
    def reconstruct(self, observed: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        stack, base = self.inputs(observed)
        step = 1 if observed.device.type == "cpu" else len(observed)  # one image's activations stay in a CPU's cache
        residual = torch.cat([self.network(part) for part in stack.split(step)])
        return resize(base + self.inputs.unit(observed) * residual, shape)
