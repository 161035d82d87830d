"""The one interface of all models, and its adapters: fields train on pixels, convolutional networks on images.

A reconstructor is a `torch.nn.Module` with

* `calibrate(training, validation)`: what is fitted in closed form, from two samples (observed, truth);
* `reconstruct(observed, shape=None)`: (N, C, H, W) → (N, 1, H', W');
* and, if it learns by gradient descent (`trainable`), `training_step(observed, truth, generator)`, the loss of a
  batch, and `error(estimate, observed, truth)`, what validation reports.
"""

from typing import Protocol

import torch
from torch import nn
from torch.nn import functional

from lofi.coordinates import pixel_centres
from lofi.field import LocalField
from lofi.inputs import Inputs
from lofi.options import call
from lofi.patch import sample

LOSSES = {"l1": functional.l1_loss, "l2": functional.mse_loss}


class Reconstructor(Protocol):
    trainable: bool

    def calibrate(self, training, validation): ...

    def training_step(self, observed, truth, generator): ...

    def reconstruct(self, observed, shape=None): ...


def resize(image, shape):
    """Bicubic values of (B, C, H, W) images at the pixel centres of `shape` over the same area."""
    if shape is None or tuple(shape) == tuple(image.shape[-2:]):
        return image
    centres = pixel_centres(shape, image.shape[-2:], image.device).to(image.dtype)
    values = sample(image, centres[None, None].expand(len(image), -1, -1, -1))
    return values.reshape(*image.shape[:2], *shape)


@torch.no_grad()
def reconstruct_in_batches(model, observed, device, batch=16):
    """Reconstructions, on the CPU, of observed images (N, C, H, W), `batch` at a time on `device`."""
    return torch.cat([model.reconstruct(part.to(device)).cpu() for part in observed.split(batch)])


class Network(nn.Module):
    """Inputs, a network and the image it adds to; subclasses say how the network is trained and evaluated."""

    trainable = True

    def __init__(self, inputs, network, loss):
        super().__init__()
        if loss not in LOSSES:
            raise ValueError(f"loss is {loss!r}; expected one of {', '.join(LOSSES)}")
        self.inputs, self.network, self.loss = inputs, network, LOSSES[loss]
        last = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)][-1]
        if inputs.residual != "none":  # start at the base image
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    @property
    def wiener(self):
        """The Wiener filter of the training spectrum, whether or not the network reads it."""
        return self.inputs.wiener

    def calibrate(self, training, validation):
        self.inputs.fit(*training)

    def error(self, estimate, observed, truth):
        """What validation reports: the RMSE of an image, averaged over images."""
        return (estimate - truth).square().mean((1, 2, 3)).sqrt().mean()


class FieldReconstructor(Network):
    """A local field, trained on random pixels of random objects (paper eq. 16).

    Parameters
    ----------
    channels, size : names of the observed channels and (H, W) of the training images.
    inputs : keywords of `lofi.inputs.Inputs`.
    geometry, network, filter : descriptions for `lofi.field.LocalField`.
    loss : l1 | l2.
    pixels : pixels per object and step.
    """

    def __init__(self, channels, size, inputs, geometry, network, filter=None, loss="l1", pixels=512):
        prepared = call(Inputs, inputs, "inputs", channels)
        super().__init__(prepared, LocalField(prepared.outputs, size, geometry, network, filter), loss)
        self.pixels = pixels

    def training_step(self, observed, truth, generator):
        stack, base = self.inputs(observed)
        height, width = truth.shape[-2:]
        chosen = torch.randint(height * width, (len(truth), self.pixels), generator=generator).to(truth.device)
        residual = self.network.at_pixels(self.network.prepare(stack), chosen, (height, width))[..., 0]
        start = resize(base, (height, width)).flatten(1).gather(1, chosen)
        goal = (truth.flatten(1).gather(1, chosen) - start) / self.inputs.truth_scale
        return self.loss(residual, goal)

    @torch.no_grad()
    def reconstruct(self, observed, shape=None, tile=None):
        stack, base = self.inputs(observed)
        residual = self.network.evaluate(stack, shape, tile)
        return resize(base, shape) + self.inputs.truth_scale * residual


class ImageReconstructor(Network):
    """A convolutional network on whole images; at another size its output is interpolated."""

    def training_step(self, observed, truth, generator):
        stack, base = self.inputs(observed)
        return self.loss(self.network(stack), (truth - base) / self.inputs.truth_scale)

    @torch.no_grad()
    def reconstruct(self, observed, shape=None):
        stack, base = self.inputs(observed)
        return resize(base + self.inputs.truth_scale * self.network(stack), shape)
