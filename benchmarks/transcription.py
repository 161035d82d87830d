"""The field as a direct transcription of the paper's equations, to measure against: the same weights, nothing arranged.

Every sample of every patch is a bicubic `grid_sample` (eqs 9, 10), every chunk has an MLP of its own, `nn.Linear` on
(pixels, features), and another one mixes them (Fig. 2). Evaluation takes 2¹⁴ pixels at a time, as the released
implementation does, and applies the filter (eqs 14, 15) anew for each of these tiles, as it does too. A training step
passes all objects at once.
"""

import torch
from torch import nn
from torch.nn import functional

TILE = 2**14


class Transcription(nn.Module):
    """Of a `lofi.field.local_field.LocalField` with a MultiMLP; it starts with copies of the field's parameters."""

    def __init__(self, field):
        super().__init__()
        chunks, mixer = field.network.sequences()
        self.offsets = nn.Parameter(field.geometry.offsets.detach().clone())  # (A, R, 2)
        self.chunks = nn.ModuleList(_mlp(layers) for layers in chunks)
        self.mixer = _mlp(mixer)
        self.filter = field.filter

    def forward(self, image, coordinates):
        """Images (B, C, H, W) at coordinates (B, P, 2) of (x, y) in pixels: (B, P, outputs)."""
        if self.filter is not None:
            image = torch.cat([self.filter(image), image], dim=1)
        height, width = image.shape[-2:]
        positions = coordinates[:, :, None] + self.offsets.flatten(0, 1)
        grid = 2 * positions / positions.new_tensor([width - 1, height - 1]) - 1
        patch = functional.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=True)
        patch = patch.permute(0, 2, 3, 1).flatten(0, 1)  # (B·P, A·R, C)
        patch = patch.unflatten(1, self.offsets.shape[:2]).flatten(2)  # (B·P, A, R·C)
        features = [torch.relu(chunk(patch[:, angle])) for angle, chunk in enumerate(self.chunks)]
        return self.mixer(torch.cat(features, dim=1)).unflatten(0, coordinates.shape[:2])

    @torch.no_grad()
    def evaluate(self, image, tile=TILE):
        """The field at all pixel centres of one image (1, C, H, W): (1, outputs, H, W)."""
        height, width = image.shape[-2:]
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        centres = torch.stack([x, y], dim=-1).flatten(0, 1).to(image.dtype)
        values = [self(image, part[None])[0] for part in centres.split(tile)]
        return torch.cat(values).T.unflatten(1, (height, width))[None]

    def gradients(self):
        """Gradients of the parameters in the field's own layout, by the field's names, without the filter's."""
        named = {"geometry.offsets": self.offsets.grad}
        for number in range(0, len(self.chunks[0]), 2):
            layers = [chunk[number] for chunk in self.chunks]
            named[f"network.chunks.{number}.weight"] = torch.stack([layer.weight.grad.T for layer in layers])
            named[f"network.chunks.{number}.bias"] = torch.stack([layer.bias.grad[None] for layer in layers])
        return named | {f"network.mixer.{name}": value.grad for name, value in self.mixer.named_parameters()}


def _mlp(layers):
    """`nn.Linear` layers with ReLU between them, of (weight (out, in), bias (out, 1))."""
    made = []
    for weight, bias in layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0]).to(weight.dtype)
        linear.load_state_dict({"weight": weight, "bias": bias.flatten()})
        made += [linear, nn.ReLU()]
    return nn.Sequential(*made[:-1])
