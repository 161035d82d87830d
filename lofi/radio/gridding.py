"""Where visibilities lie on the grid of an image, and what such an image cannot show."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lofi.radio.coverage import ARCSEC, Coverage, floored, radians_per_pixel, w_phase
from lofi.radio.measurement import Part
from lofi.radio.operator import VisibilityOperator
from lofi.radio.short_spacings import GIVEN, ShortSpacings
from lofi.radio.visibilities.data_set import DataSet, in_sample
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.radio.wide_field import WideFieldOperator

W_NEGLIGIBLE = 1e-3  # rad; a smaller phase of the w-term anywhere in the image leaves it out


@dataclass(frozen=True)
class Grid:
    """Where visibilities lie on an image.

    Attributes
    ----------
    shape : (H, W). cell_arcsec : side of a pixel. wide : whether the w-term counts. threads : of the transforms.
    """

    shape: tuple[int, int]
    cell_arcsec: float
    wide: bool
    threads: int = 1

    @property
    def cell_radians(self) -> float:
        """Side of a pixel."""
        return self.cell_arcsec * ARCSEC

    def part(self, visibilities: Visibilities, sampled: np.ndarray) -> Part:
        """The visibilities with their operators; `sampled` as of `Part`."""
        x, y = radians_per_pixel(Coverage(visibilities.u, visibilities.v, visibilities.w), self.cell_arcsec)
        flat = VisibilityOperator(x, y, self.shape, threads=self.threads)
        exact = flat
        if self.wide:
            samples = visibilities.u, visibilities.v, visibilities.w, visibilities.frequency
            exact = WideFieldOperator(*samples, self.shape, self.cell_radians, self.threads)
        return Part(flat, exact, visibilities.values[None], visibilities.sigma, visibilities.frequency, sampled=sampled)


@dataclass(frozen=True, eq=False)
class Parts:
    """The pieces of a data set on a grid, one after the other; the parts stay in memory where the pieces do."""

    data: DataSet
    grid: Grid

    def __iter__(self) -> Iterator[Part]:
        return iter(self._kept) if isinstance(self.data.pieces, list) and self.grid.wide else self._read()

    @cached_property
    def _kept(self):
        return list(self._read())

    def _read(self):
        for piece in self.data.pieces:
            yield self.grid.part(piece, in_sample(piece, self.data.every))


def default_cell(longest: float) -> float:
    """A third of the resolution `1 / longest`, `max √(u² + v²)` in wavelengths, in arcsec, rounded down to 3 digits."""
    return floored(1 / (3 * longest * ARCSEC))


def grid(path: str, data: DataSet, shape: tuple[int, int], cell_arcsec: float, threads: int) -> Grid:
    """The `Grid` of an image.

    Raises ValueError, which names `path`, where the cell is too large for the longest baseline, or the image for the
    sky.
    """
    extremes = Coverage(
        *(np.array([value]) for value in (data.longest_u, data.longest_v, data.longest_w)),
    )
    try:
        radians_per_pixel(extremes, cell_arcsec)
        wide = w_phase(extremes, shape, cell_arcsec) > W_NEGLIGIBLE
    except ValueError as error:
        default = default_cell(data.longest)
        hint = "; are the frequencies in Hz?" if default * ARCSEC * max(shape) > 1 else ""
        raise ValueError(f"{path}: {error}; by default the cell is {default:g} arcsec{hint}") from error
    return Grid(shape, cell_arcsec, wide, threads)


def unmeasured_scales(
    data: DataSet, shape: tuple[int, int], cell_arcsec: float, spacings: ShortSpacings | None
) -> tuple[float | None, list[str]]:
    """Arcsec up to which structure is measured, and a warning; None, [] where that is all of the field."""
    field, shortest = max(shape) * cell_arcsec, data.shortest
    if spacings is not None and spacings.hole is not None:
        shortest = spacings.hole / (2 * np.pi * cell_arcsec * ARCSEC)
    largest = 1 / (shortest * ARCSEC)
    if field <= largest:
        return None, []
    warning = (
        f"baselines from {shortest:.4g} wavelengths measure structure up to {largest:.3g} arcsec; the field is "
        f"{field:.3g} arcsec: larger structure is not measured and may be invented; use a smaller size"
    )
    if spacings is None or spacings.source != GIVEN:
        warning += ", or give a flux that was measured (--total-flux)"
    return largest, [warning]
