"""U-Net (Ronneberger et al. 2015), two convolutions per level, any image size."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.nn import functional

from lofi.models.baselines.any_size import to_multiple
from lofi.models.inputs import Inputs
from lofi.models.reconstructor import ImageReconstructor, Loss, Padding
from lofi.options import call


class UNet(nn.Module):
    """(B, inputs, H, W) → (B, outputs, H, W). `features` at full resolution, doubled at each of `levels` poolings."""

    def __init__(
        self, inputs: int, outputs: int = 1, features: int = 16, levels: int = 2, padding: Padding = "circular"
    ) -> None:
        super().__init__()
        widths = [features * 2**level for level in range(levels + 1)]
        convolution = {"kernel_size": 3, "padding": 1, "padding_mode": padding}

        def block(incoming, outgoing):
            return nn.Sequential(
                nn.Conv2d(incoming, outgoing, **convolution),
                nn.ReLU(),
                nn.Conv2d(outgoing, outgoing, **convolution),
                nn.ReLU(),
            )

        self.down = nn.ModuleList(block(i, o) for i, o in zip([inputs, *widths[:-1]], widths, strict=True))
        self.raise_ = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in widths[-2::-1])
        self.up = nn.ModuleList(block(2 * w, w) for w in widths[-2::-1])
        self.last = nn.Conv2d(features, outputs, 1)
        self.stride = 2**levels

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        height, width = image.shape[-2:]
        x = to_multiple(image, self.stride)
        skips = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for up, block, skip in zip(self.raise_, self.up, skips[-2::-1], strict=True):
            x = block(torch.cat([up(x), skip], dim=1))
        return self.last(x)[..., :height, :width]


class UNetReconstructor(ImageReconstructor):
    """U-Net on images; keywords as `UNet`, `ImageReconstructor` and `Inputs` (`lofi.models`).

    Paper: 64 features, 4 levels; compared with LoFi: 32, and 19 for 3 million parameters.
    """

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        inputs: Mapping,
        features: int = 16,
        levels: int = 2,
        padding: Padding = "circular",
        loss: Loss = "l2",
        crop: int = 0,
        outputs: int = 1,
    ) -> None:
        prepared = call(Inputs, inputs, "inputs", channels, outputs)
        super().__init__(prepared, UNet(prepared.outputs, outputs, features, levels, padding), loss, crop)
