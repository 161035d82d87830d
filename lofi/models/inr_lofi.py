"""INR-LoFi: a local field read where a learned change of coordinates leads (paper eqs 17, 18)."""

from collections.abc import Mapping, Sequence

import torch

from lofi.device import rough
from lofi.field.coordinate_network import CoordinateNetwork
from lofi.field.coordinates import pixel_centres
from lofi.field.patch import sample
from lofi.field.precisions import Precision
from lofi.models.reconstructor import FieldReconstructor, Loss, image_at
from lofi.options import call


class InrFieldReconstructor(FieldReconstructor):
    """`f(x) = LoFi(x̃, q)` with `x̃ = INR(x)`, both trained at once on random pixels of random objects.

    The base image that the field adds to is read at x̃ too.

    Parameters
    ----------
    coordinates : keywords of `lofi.field.coordinate_network.CoordinateNetwork`. The others are those of
        `FieldReconstructor` but `margin`.
    """

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        inputs: Mapping,
        geometry: Mapping,
        network: Mapping,
        coordinates: Mapping,
        filter: Mapping | None = None,
        loss: Loss = "l1",
        pixels: int = 512,
        outputs: int = 1,
        precision: Precision = "exact",
    ) -> None:
        super().__init__(
            channels, size, inputs, geometry, network, filter, loss, pixels, outputs=outputs, precision=precision
        )
        self.coordinates = call(CoordinateNetwork, coordinates, "coordinates")

    def _at(self, stack, base, places, shape, sampling=(None, None)):
        observed_shape = stack.shape[-2:]
        moved = self.coordinates(
            pixel_centres(shape, observed_shape, stack.device, places).to(stack.dtype), observed_shape
        )
        with rough(stack.device, self.network.fast_on(stack.device)):
            residual = self.network.at(self.network.prepare(stack), moved)
        return residual, sample(base, moved[:, None])[:, :, 0].transpose(1, 2)

    @torch.no_grad()
    def moved(self, source_shape: tuple[int, int], shape: tuple[int, int] | None = None) -> torch.Tensor:
        """INR(x) at the pixel centres of `shape` (default: `source_shape`), in pixels of an image of `source_shape`
        (H, W) over the same area: tensor (H'·W', 2) of (x, y)."""
        weight = next(self.coordinates.parameters())
        centres = pixel_centres(source_shape if shape is None else shape, source_shape, weight.device).to(weight.dtype)
        return torch.cat([self.coordinates(part, source_shape) for part in centres.split(2**16)])

    @torch.no_grad()
    def reconstruct(
        self, observed: torch.Tensor, shape: tuple[int, int] | None = None, tile: int | None = None
    ) -> torch.Tensor:
        stack, base = self.inputs(observed)
        shape = tuple(observed.shape[-2:] if shape is None else shape)
        moved = self.moved(observed.shape[-2:], shape)
        residual = self.network.evaluate(stack, shape, tile, coordinates=moved)
        return image_at(base, moved, shape) + self.inputs.unit(observed) * residual
