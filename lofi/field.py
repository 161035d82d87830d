"""The local field: `f(x) = NN(patch of q around x)` at any continuous coordinate (paper eq. 8)."""

import torch
from torch import nn

from lofi.coordinates import pixel_centres
from lofi.device import tile_of
from lofi.filter import FILTERS
from lofi.mlp import NETWORKS
from lofi.options import construct
from lofi.patch import GEOMETRIES, sample


class LocalField(nn.Module):
    """A coordinate-based network over a patch of its input image.

    Parameters
    ----------
    channels : channels of the input image.
    size : (H, W) of the training images (only a Fourier filter needs it).
    geometry : {kind: circular | square, …keywords of the geometry}.
    network : {kind: multimlp | mlp, …keywords of the network}.
    filter : {kind: fourier | spatial, …keywords of the filter}, or None.
    outputs : channels of the field.
    """

    def __init__(self, channels, size, geometry, network, filter=None, outputs=1):
        super().__init__()
        self.outputs = outputs
        self.geometry = construct(GEOMETRIES, geometry, "geometry")
        self.filter = None
        if filter is not None:
            self.filter = construct(FILTERS, filter, "filter", channels, size)
            channels += self.filter.outputs
        chunks, samples = self.geometry.offsets.shape[:2]
        self.network = construct(NETWORKS, network, "network", chunks, samples * channels, outputs)

    def prepare(self, image):
        """What patches are cut from: the image and its filtered versions, computed once for all coordinates."""
        return image if self.filter is None else torch.cat([self.filter(image), image], dim=1)

    def at(self, prepared, coordinates):
        """The field at coordinates (B, P, 2) in pixels of the prepared images (B, C, H, W): tensor (B, P, outputs)."""
        offsets = self.geometry.offsets  # (A, R, 2)
        batch, points = coordinates.shape[:2]
        positions = coordinates[:, :, None] + offsets.flatten(0, 1)  # (B, P, A·R, 2), eq. 10
        patch = sample(prepared, positions)  # (B, C, P, A·R)
        patch = patch.permute(0, 2, 3, 1).reshape(batch * points, offsets.shape[0], -1)  # (B·P, A, R·C)
        return self.network(patch).reshape(batch, points, -1)

    def forward(self, image, coordinates):
        return self.at(self.prepare(image), coordinates)

    @torch.no_grad()
    def evaluate(self, image, shape=None, tile=None):
        """The field at all pixel centres of an image of `shape` over the same area, `tile` pixels at a time
        (default: what suits the device).

        Memory beyond the images themselves does not grow with `shape`. Returns (B, outputs, *shape).
        """
        shape = tuple(image.shape[-2:]) if shape is None else tuple(shape)
        tile = tile_of(image.device) if tile is None else tile
        prepared = self.prepare(image)
        total = shape[0] * shape[1]
        out = image.new_empty(len(image), self.outputs, total)
        for start in range(0, total, tile):
            pixels = torch.arange(start, min(start + tile, total))
            centres = pixel_centres(shape, image.shape[-2:], image.device, pixels)[None]
            for values, single in zip(out, prepared, strict=True):
                values[:, start : start + tile] = self.at(single[None], centres)[0].T
        return out.unflatten(-1, shape)
