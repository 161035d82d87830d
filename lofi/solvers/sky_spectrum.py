"""The power spectrum of a sky of any source redshift, in pixels of any size."""

import math
from collections.abc import Mapping

import torch
from torch import nn

from lofi.solvers.wiener import radial_frequency

REDSHIFTS, MULTIPOLES = 12, 64  # nodes of the table
NODES = 128  # of a radial spectrum, from LOWEST [cycles per pixel] to the corner of the plane
LOWEST, ANGLES, ALIASES = 2e-5, 8, 1
WIDEST = 50.0  # lowest multipole that counts in a standard deviation: fields are a few degrees wide


class SkySpectrum(nn.Module):
    """A table of C_ℓ(z) [sr], and what becomes of it in area-averaged square pixels.

    The table says the spectrum at `REDSHIFTS` source redshifts and `MULTIPOLES` multipoles. Between them it is linear
    in ln C_ℓ, ln ℓ and ln z, outside it is as at its border.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("multipoles", torch.ones(MULTIPOLES))
        self.register_buffer("redshifts", torch.ones(REDSHIFTS))
        self.register_buffer("power", torch.ones(REDSHIFTS, MULTIPOLES))
        frequency = torch.logspace(math.log10(LOWEST), -math.log10(math.sqrt(2.0)), NODES, dtype=torch.float64)
        planar = frequency[:, None, None] * _directions()
        inside = (planar[..., 0] <= 0.5).double()
        inside[:, -1] = inside[:, -1].clamp(min=1e-6)  # towards the corner one is left
        shift = torch.arange(-ALIASES, ALIASES + 1, dtype=torch.float64)
        shifts = torch.cartesian_prod(shift, shift)
        aliased = planar[:, :, None] + shifts  # (NODES, ANGLES, aliases, 2) [cycles per pixel]
        window = torch.sinc(aliased).prod(-1).square() * (inside / inside.sum(1, keepdim=True))[..., None]
        self.register_buffer("frequency", frequency.float(), persistent=False)
        self.register_buffer("aliased", aliased.norm(dim=-1).flatten().float(), persistent=False)
        self.register_buffer("window", window.flatten(1).float(), persistent=False)

    def set(self, table: Mapping) -> None:
        """Take the table {multipoles: [...], redshifts: [...], power: [[...], ...]} over."""
        for name in ("multipoles", "redshifts", "power"):
            values = torch.tensor(table[name], dtype=torch.float64)
            if values.shape != getattr(self, name).shape:
                expected = tuple(getattr(self, name).shape)
                raise ValueError(f"spectrum: {name} has the shape {tuple(values.shape)}; expected {expected}")
            getattr(self, name).copy_(values)

    def at(self, ell: torch.Tensor, redshift: torch.Tensor) -> torch.Tensor:
        """C_ℓ [sr] at multipoles (B, n) of sources at redshifts (B,): (B, n)."""
        row, across = _between(self.redshifts.log(), redshift.log())
        column, along = _between(self.multipoles.log(), ell.log())
        log_power = self.power.log()
        rows = torch.lerp(log_power[row], log_power[row + 1], across[:, None])  # (B, MULTIPOLES)
        low, high = rows.gather(1, column), rows.gather(1, column + 1)
        return torch.lerp(low, high, along).exp()

    def radial(self, pixel_arcmin: torch.Tensor, redshift: torch.Tensor) -> torch.Tensor:
        """Power per pixel (B, NODES) at `frequency`, averaged over angles: pixel window and aliases."""
        size = torch.deg2rad(pixel_arcmin / 60)
        ell = 2 * math.pi * self.aliased / size[:, None]
        power = self.at(ell, redshift).unflatten(1, (NODES, -1))
        return (power * self.window).sum(-1) / size[:, None] ** 2

    def pixelised(self, shape: tuple[int, int], pixel_arcmin: torch.Tensor, redshift: torch.Tensor) -> torch.Tensor:
        """Power per pixel (B, H, W//2 + 1) of the `rfft2` modes of images of `shape`; 0 at k = 0."""
        wanted = radial_frequency(shape, self.power.device).to(self.power)
        column, along = _between(self.frequency.log(), wanted.clamp(min=LOWEST).log())
        log_power = self.radial(pixel_arcmin, redshift).log()
        power = torch.lerp(log_power[:, column], log_power[:, column + 1], along).exp()
        power[:, 0, 0] = 0.0
        return power

    def rms(self, pixel_arcmin: torch.Tensor, redshift: torch.Tensor) -> torch.Tensor:
        """Standard deviation (B,) of averages over pixels: `σ² = ∫ dlnℓ ℓ² C_ℓ W² / 2π`, W the pixel's window."""
        ell = torch.logspace(math.log10(WIDEST), 5.5, 96, device=pixel_arcmin.device)
        size = torch.deg2rad(pixel_arcmin / 60)
        across = (size[:, None] * ell / (2 * math.pi))[..., None, None] * _directions().to(ell)
        window = torch.sinc(across).prod(-1).square().mean(-1)  # (B, 96)
        density = ell**2 / (2 * math.pi) * window * self.at(ell.expand(len(size), -1), redshift)
        return torch.trapezoid(density, ell.log()).sqrt()


def _directions():
    """Unit vectors (ANGLES, 2) of an eighth of the plane; those of the others are their mirrors."""
    angle = (torch.arange(ANGLES, dtype=torch.float64) + 0.5) * (math.pi / 4 / ANGLES)
    return torch.stack([angle.cos(), angle.sin()], dim=-1)


def _between(nodes, values):
    """Index of the node below each value, and how far the value lies towards the next, 0 to 1."""
    values = values.clamp(nodes[0], nodes[-1])
    index = torch.searchsorted(nodes, values.contiguous()).clamp(1, len(nodes) - 1) - 1
    return index, (values - nodes[index]) / (nodes[index + 1] - nodes[index])
