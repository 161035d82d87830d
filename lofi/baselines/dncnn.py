"""DnCNN (Zhang et al. 2017), told the noise level as LoFi's denoiser is: the convolutional control."""

import itertools

import torch
from torch import nn
from torch.nn import functional

WINDOW = 13  # pixels of the neighbourhood that normalises a pixel, as wide as the field's patch


class DnCNN(nn.Module):
    """Noise of an image in units of its standard deviation: (B, 1, H, W) image and level → (B, 1, H, W).

    `layers` 3 × 3 convolutions of `features` channels with ReLU. It reads what a patch of the field is given
    (`lofi.conditioning`), with the mean and the spread of a square window around each pixel.
    # ASSUME: no batch normalisation, which mixes noise levels within a batch.
    """

    def __init__(self, features=64, layers=17):
        super().__init__()
        widths = [3, *[features] * (layers - 1)]
        stages = []
        for inputs, outputs in itertools.pairwise(widths):
            stages += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*stages, nn.Conv2d(features, 1, 3, padding=1))
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, image, level):
        mean = _window_mean(image)
        spread = _window_mean((image - mean).square()).sqrt() + level
        inputs = [(image - mean) / spread, torch.asinh(mean / level) / 2, torch.log(spread / level)]
        return self.layers(torch.cat(inputs, dim=1))


def _window_mean(image):
    padded = functional.pad(image, [WINDOW // 2] * 4, mode="reflect")
    return functional.avg_pool2d(functional.avg_pool2d(padded, (WINDOW, 1), 1), (1, WINDOW), 1)
