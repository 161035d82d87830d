"""DnCNN (Zhang et al. 2017, arXiv:1608.03981), and a variant told the noise level as LoFi's denoiser is."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.nn import functional

from lofi.models.inputs import Inputs
from lofi.models.reconstructor import ImageReconstructor, Loss, Padding
from lofi.options import call

WINDOW = 13  # pixels of the neighbourhood that normalises a pixel, as wide as the field's patch


def convolutions(
    inputs: int,
    outputs: int,
    features: int,
    dilations: Sequence[int],
    normalised: bool = True,
    padding: Padding = "zeros",
) -> nn.Sequential:
    """3 × 3 convolutions, one per dilation, `features` wide, with ReLU between them; sizes stay.

    normalised : batch normalisation before every ReLU but the first; those convolutions have no bias of their own.
    """
    if len(dilations) < 2 or not all(isinstance(d, int) and d > 0 for d in dilations):
        raise ValueError(f"dilations are {dilations}; expected at least two, each at least 1")

    def convolution(incoming, outgoing, dilation, bias=True):
        spread = {"padding": dilation, "dilation": dilation, "padding_mode": padding}
        return nn.Conv2d(incoming, outgoing, 3, bias=bias, **spread)

    first, *middle, last = dilations
    stages = [convolution(inputs, features, first), nn.ReLU(inplace=True)]
    for dilation in middle:
        stages.append(convolution(features, features, dilation, bias=not normalised))
        stages += [nn.BatchNorm2d(features)] * normalised + [nn.ReLU(inplace=True)]
    return nn.Sequential(*stages, convolution(features, outputs, last))


class DnCNN(ImageReconstructor):
    """DnCNN on images; with `residual: observed` it learns, as published, what to subtract from the observed image.

    `layers` convolutions of `features` channels, batch normalisation in all but the first and the last. Other keywords
    as `ImageReconstructor` and `Inputs` (`lofi.models`). Paper: 17 × 64; compared with LoFi: 15 × 160.
    """

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        inputs: Mapping,
        features: int = 64,
        layers: int = 17,
        padding: Padding = "zeros",
        loss: Loss = "l1",
        crop: int = 0,
        outputs: int = 1,
    ) -> None:
        prepared = call(Inputs, inputs, "inputs", channels, outputs)
        network = convolutions(prepared.outputs, outputs, features, [1] * layers, padding=padding)
        super().__init__(prepared, network, loss, crop)


class ConditionedDnCNN(nn.Module):
    """Noise of an image in units of its standard deviation: (B, 1, H, W) image and level → (B, 1, H, W).

    It reads what a patch of the field is given (`lofi.field.conditioning`), with mean and spread of a square window
    around each pixel.
    # ASSUME: no batch normalisation, which mixes noise levels within a batch.
    """

    def __init__(self, features: int = 64, layers: int = 17) -> None:
        super().__init__()
        self.layers = convolutions(3, 1, features, [1] * layers, normalised=False)
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, image: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        mean = _window_mean(image)
        spread = _window_mean((image - mean).square()).sqrt() + level
        inputs = [(image - mean) / spread, torch.asinh(mean / level) / 2, torch.log(spread / level)]
        return self.layers(torch.cat(inputs, dim=1))


def _window_mean(image):
    padded = functional.pad(image, [WINDOW // 2] * 4, mode="reflect")
    return functional.avg_pool2d(functional.avg_pool2d(padded, (WINDOW, 1), 1), (1, WINDOW), 1)
