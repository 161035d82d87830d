"""DRU-Net (Zhang et al. 2021, arXiv:2008.13751): a U-Net of residual blocks without a single bias, any image size."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from lofi.models.baselines.any_size import to_multiple
from lofi.models.inputs import Inputs
from lofi.models.reconstructor import ImageReconstructor, Loss, Padding
from lofi.options import call


class Residual(nn.Module):
    """x + conv(relu(conv(x))): no bias, no normalisation, no activation after the sum."""

    def __init__(self, features: int, padding: Padding) -> None:
        super().__init__()
        convolution = {"kernel_size": 3, "padding": 1, "bias": False, "padding_mode": padding}
        self.branch = nn.Sequential(
            nn.Conv2d(features, features, **convolution),
            nn.ReLU(inplace=True),
            nn.Conv2d(features, features, **convolution),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x)


class ResidualUNet(nn.Module):
    """(B, inputs, H, W) → (B, outputs, H, W), homogeneous: the output scales as the input does.

    `features` at full resolution, doubled at each of `levels` halvings by strided convolutions; `blocks` residual
    blocks at each scale on the way down and on the way up; what comes up is added to what went down.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int = 1,
        features: int = 64,
        levels: int = 3,
        blocks: int = 4,
        padding: Padding = "zeros",
    ) -> None:
        super().__init__()
        widths = [features * 2**level for level in range(levels + 1)]
        ends = {"kernel_size": 3, "padding": 1, "bias": False, "padding_mode": padding}

        def residuals(width):
            return [Residual(width, padding) for _ in range(blocks)]

        self.head = nn.Conv2d(inputs, features, **ends)
        self.down = nn.ModuleList(
            nn.Sequential(*residuals(w), nn.Conv2d(w, 2 * w, 2, stride=2, bias=False)) for w in widths[:-1]
        )
        self.body = nn.Sequential(*residuals(widths[-1]))
        self.up = nn.ModuleList(
            nn.Sequential(nn.ConvTranspose2d(2 * w, w, 2, stride=2, bias=False), *residuals(w)) for w in widths[-2::-1]
        )
        self.last = nn.Conv2d(features, outputs, **ends)
        self.stride = 2**levels

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        height, width = image.shape[-2:]
        skips = [self.head(to_multiple(image, self.stride))]
        for stage in self.down:
            skips.append(stage(skips[-1]))
        x = self.body(skips[-1])
        for stage in self.up:
            x = stage(x + skips.pop())
        return self.last(x + skips.pop())[..., :height, :width]


class DRUNet(ImageReconstructor):
    """DRU-Net on images; keywords as `ResidualUNet`, `ImageReconstructor` and `Inputs` (`lofi.models`).

    Its noise map is the input channel `noise_std`, where there is one. Paper: 64 features; compared with LoFi: 32,
    and 19 for 3 million parameters.
    """

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        inputs: Mapping,
        features: int = 64,
        levels: int = 3,
        blocks: int = 4,
        padding: Padding = "zeros",
        loss: Loss = "l1",
        crop: int = 0,
        outputs: int = 1,
    ) -> None:
        prepared = call(Inputs, inputs, "inputs", channels, outputs)
        super().__init__(
            prepared, ResidualUNet(prepared.outputs, outputs, features, levels, blocks, padding), loss, crop
        )
