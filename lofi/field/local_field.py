"""The local field: `f(x) = NN(patch of q around x)` at any continuous coordinate (paper eq. 8)."""

from collections.abc import Mapping
from functools import partial
from typing import get_args

import torch
from torch import nn

from lofi.device import exact, share, tile_of
from lofi.field.ccpg import ConditionedGeometry
from lofi.field.conditioning import EXTRA, relative_to_noise
from lofi.field.coordinates import pixel_centres
from lofi.field.filter import FILTERS
from lofi.field.inference import against_bfloat16, arranged
from lofi.field.mlp import NETWORKS
from lofi.field.patch import GEOMETRIES, Shifts, sample, taps, windows, windows_at
from lofi.field.precisions import Precision
from lofi.options import construct

SAMPLED = 8192  # pixels whose samples are taken at a time where they lie far apart: more than a network reads at once


class LocalField(nn.Module):
    """A coordinate-based network over a patch of its input image.

    Parameters
    ----------
    channels : channels of the input image.
    size : (H, W) of the training images (only a Fourier filter needs it).
    geometry : {kind: circular | square | conditioned, …keywords of the geometry}.
    network : {kind: multimlp | mlp, …keywords of the network}.
    filter : {kind: fourier | spatial, …keywords of the filter}, or None.
    outputs : channels of the field.
    conditioned : whether patches are read relative to a noise level (`lofi.field.conditioning`); the methods then need
        `level`, (B, P) at coordinates or pixels, (B, *shape) in `evaluate`.
    precision : exact: float32; fast: wide layers in bfloat16 on a processor that multiplies it, elsewhere exact.
    conditions : how many numbers about an image as a whole the network reads beside each patch; the methods then need
        `conditions` (B, this many).
    """

    def __init__(
        self,
        channels: int,
        size: tuple[int, int],
        geometry: Mapping,
        network: Mapping,
        filter: Mapping | None = None,
        outputs: int = 1,
        conditioned: bool = False,
        precision: Precision = "exact",
        conditions: int = 0,
    ) -> None:
        super().__init__()
        if precision not in get_args(Precision):
            raise ValueError(f"precision is {precision!r}; expected one of {', '.join(get_args(Precision))}")
        self.outputs, self.conditioned, self.precision = outputs, conditioned, precision
        noise_filter = None
        if filter is not None:
            noise_filter = construct(FILTERS, filter, "filter", channels, size)
            channels += noise_filter.outputs
        extra = (EXTRA if conditioned else 0) + conditions
        geometries = GEOMETRIES | {"conditioned": partial(ConditionedGeometry, channels, extra)}
        self.geometry = construct(geometries, geometry, "geometry")
        self.filter = noise_filter
        chunks, samples = self.geometry.offsets.shape[:2]
        inputs = samples * channels + extra
        self.network = construct(NETWORKS, network, "network", chunks, inputs, outputs)

    def fast_on(self, device: torch.device) -> bool:
        """Whether layers run in bfloat16 on a processor."""
        return self.precision == "fast" and against_bfloat16(self.network, device) is None

    def prepare(self, image: torch.Tensor) -> torch.Tensor:
        """What patches are cut from: the image and its filtered versions, computed once for all coordinates."""
        return image if self.filter is None else torch.cat([self.filter(image), image], dim=1)

    def at(
        self,
        prepared: torch.Tensor,
        coordinates: torch.Tensor,
        level: torch.Tensor | None = None,
        frames: torch.Tensor | None = None,
        conditions: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The field at coordinates (B, P, 2) in pixels of the prepared images (B, C, H, W): tensor (B, P, outputs).

        `frames`, broadcast to (B, P, 2, 2), as in `evaluate`.
        """
        return self._at(self.network, prepared, coordinates, level, frames, conditions)

    def offsets(
        self, prepared: torch.Tensor, coordinates: torch.Tensor, level: torch.Tensor | None = None
    ) -> list[torch.Tensor]:
        """Offsets of the samples around coordinates (B, P, 2), in pixels, for every step of the geometry from t = 0: a
        list of tensors that broadcast to (B, P, A·R, 2). The field reads the last.
        """
        return self.geometry(prepared, coordinates, partial(self._read, level=level))

    def _at(self, network, prepared, coordinates, level, frames=None, conditions=None):
        offsets = self.offsets(prepared, coordinates, level)[-1]
        if frames is not None:
            with exact(offsets.device):
                offsets = offsets @ frames.transpose(-1, -2)
        positions = coordinates[:, :, None] + offsets  # (B, P, A·R, 2), eq. 10
        patch = sample(prepared, positions).permute(1, 3, 0, 2)  # (C, A·R, B, P)
        values = self._read(network, patch.flatten(2), level, conditions)
        return values.unflatten(-1, coordinates.shape[:2]).permute(1, 2, 0)

    def at_pixels(
        self,
        prepared: torch.Tensor,
        pixels: torch.Tensor,
        shape: tuple[int, int],
        level: torch.Tensor | None = None,
        conditions: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The field at pixels (B, P), places in a flattened image of `shape` over the same area: (B, P, outputs)."""
        weights, reach = self._taps(prepared, shape)
        if weights is None:
            centres = pixel_centres(shape, prepared.shape[-2:], prepared.device, pixels)
            return self.at(prepared, centres, level, conditions=conditions)
        chosen = windows_at(prepared, reach, pixels)  # (C, S², B·P)
        with exact(chosen.device):
            patch = weights @ chosen  # (C, A·R, B·P)
        return self._read(self.network, patch, level, conditions).unflatten(-1, pixels.shape).permute(1, 2, 0)

    def _taps(self, image, shape):
        """`taps` where all pixels of `shape` share them: those of the image's own, farther apart than a window reaches
        and with the same offsets. (None, None) elsewhere.
        """
        if self.geometry.shared and tuple(shape) == tuple(image.shape[-2:]):
            weights, reach = taps(self.geometry.offsets.flatten(0, 1))
            if reach < min(shape):
                return weights, reach
        return None, None

    def values(self, patch: torch.Tensor, level: torch.Tensor | None = None) -> torch.Tensor:
        """The field where its samples are already taken: patches (C, A·R, n), levels (n,) → (outputs, n)."""
        return self._read(self.network, patch, level)

    def _read(self, network, patch, level, conditions=None):
        """Patches (C, A·R, n) of B images, one after the other, → (outputs, n), by the field's network, an arrangement
        of it, or a geometry's."""
        chunks = patch.unflatten(1, self.geometry.offsets.shape[:2]).permute(1, 2, 0, 3).flatten(1, 2)  # (A, R·C, n)
        if self.conditioned:
            chunks = relative_to_noise(chunks, level.flatten())
        if conditions is not None:
            rows = conditions.T.repeat_interleave(chunks.shape[-1] // len(conditions), dim=1)
            chunks = torch.cat([chunks, rows.expand(len(chunks), *rows.shape)], dim=1)
        return network(chunks)

    def forward(
        self, image: torch.Tensor, coordinates: torch.Tensor, level: torch.Tensor | None = None
    ) -> torch.Tensor:
        return self.at(self.prepare(image), coordinates, level)

    @torch.no_grad()
    def evaluate(
        self,
        image: torch.Tensor,
        shape: tuple[int, int] | None = None,
        tile: int | None = None,
        level: torch.Tensor | None = None,
        coordinates: torch.Tensor | None = None,
        frames: torch.Tensor | None = None,
        conditions: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The field at all pixel centres of an image of `shape` over the same area, about `tile` pixels at a time
        (default: what suits network and device); with `coordinates` (H'·W', 2), in pixels of `image`, there instead.

        `frames` (H'·W', 2, 2), given with coordinates, lay the patch around each as the image is not: an offset of the
        geometry, times the matrix, is one in pixels of `image`.

        Memory beyond the images themselves does not grow with `shape`. Returns (B, outputs, *shape).
        """
        shape = tuple(image.shape[-2:]) if shape is None else tuple(shape)
        prepared = self.prepare(image)
        weights, reach = self._taps(prepared, shape) if coordinates is None else (None, None)
        out = image.new_empty(len(image), self.outputs, *shape)
        network = arranged(self.network, image.device, self.fast_on(image.device))
        tile = getattr(network, "tile", tile_of(image.device)) if tile is None else tile
        for index, single in enumerate(prepared):
            sigma = None if level is None else level[index].flatten()
            known = None if conditions is None else conditions[index : index + 1]
            if weights is not None:
                self._evaluate_windows(network, single, weights, reach, sigma, tile, out[index], known)
            else:
                self._evaluate_anywhere(network, single, shape, sigma, tile, out[index], coordinates, frames, known)
        return out

    @torch.no_grad()
    def evaluate_spaced(
        self,
        image: torch.Tensor,
        spacing: torch.Tensor,
        shape: tuple[int, int] | None = None,
        tile: int | None = None,
        conditions: torch.Tensor | None = None,
        margin: int = 0,
    ) -> torch.Tensor:
        """As `evaluate`, samples `spacing` (B,) times as far apart as the geometry's; without the outer `margin` pixels
        of `shape` on each side: (B, outputs, H' − 2 margin, W' − 2 margin).
        """
        own = tuple(image.shape[-2:])
        shape = own if shape is None else tuple(shape)
        inner = [length - 2 * margin for length in shape]
        out = image.new_empty(len(image), self.outputs, *inner)
        network = arranged(self.network, image.device, self.fast_on(image.device))
        tile = getattr(network, "tile", tile_of(image.device)) if tile is None else tile
        for index, single in enumerate(self.prepare(image)):
            offsets = self.geometry.offsets.flatten(0, 1) * spacing[index]
            known = None if conditions is None else conditions[index : index + 1]
            if self.geometry.shared and shape == own and Shifts.reach(offsets) < min(own):
                self._evaluate_shifts(network, Shifts(single, offsets), margin, tile, out[index], known)
                continue
            centres = pixel_centres(shape, own, image.device).to(image.dtype).unflatten(0, shape)
            inside = centres[margin : margin + inner[0], margin : margin + inner[1]].flatten(0, 1)
            frames = (spacing[index] * torch.eye(2).to(image)).expand(len(inside), 2, 2)
            self._evaluate_anywhere(network, single, inner, None, tile, out[index], inside, frames, known)
        return out

    def _evaluate_shifts(self, network, patches, margin, tile, out, conditions):
        """On the image's own pixels, in whole rows."""
        height, width = out.shape[-2:]
        rows = max(1, max(tile, SAMPLED) // width)

        def evaluate(start):
            count = min(rows, height - start)
            parts = patches(margin + start, margin, count, width).split(tile, dim=-1)
            values = torch.cat([self._read(network, part, None, conditions) for part in parts], dim=-1)
            out[:, start : start + count] = values.unflatten(-1, (count, width))

        share(evaluate, range(0, height, rows), out.device)

    def _evaluate_windows(self, network, image, weights, reach, level, tile, out, conditions):
        """On the image's own pixels, in whole rows or pieces of rows."""
        view = windows(image[None], reach)[0]  # (C, H, W, S, S)
        level = None if level is None else level.unflatten(0, out.shape[-2:])

        def evaluate(part):
            cut = view[:, *part]
            with exact(cut.device):
                patch = weights @ cut.permute(0, 3, 4, 1, 2).flatten(3).flatten(1, 2)
            sigma = None if level is None else level[part].flatten()
            out[:, *part] = self._read(network, patch, sigma, conditions).unflatten(-1, cut.shape[1:3])

        share(evaluate, _pieces(*out.shape[-2:], tile), out.device)

    def _evaluate_anywhere(self, network, image, shape, level, tile, out, coordinates, frames, conditions):
        flat = out.flatten(1)

        def evaluate(start):
            part = slice(start, min(start + tile, flat.shape[1]))
            if coordinates is None:
                pixels = torch.arange(part.start, part.stop)
                points = pixel_centres(shape, image.shape[-2:], image.device, pixels)
            else:
                points = coordinates[part]
            sigma = None if level is None else level[part]
            turned = None if frames is None else frames[part]
            flat[:, part] = self._at(network, image[None], points[None], sigma, turned, conditions)[0].T

        share(evaluate, range(0, flat.shape[1], tile), out.device)


def _pieces(height, width, tile):
    """Slices of rows and columns of parts of an image, of about `tile` pixels."""
    rows, columns = max(1, tile // width), width if width < 2 * tile else tile
    for row in range(0, height, rows):
        for column in range(0, width, columns):
            yield slice(row, row + rows), slice(column, column + columns)
