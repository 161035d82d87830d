"""Where visibilities lie on the grid of an image, and what such an image cannot show."""

import warnings
from pathlib import Path

import numpy as np

from lofi.radio.coverage import ARCSEC, Coverage, check_field, floored, radians_per_pixel, w_phase
from lofi.radio.telescopes.telescope import Telescope, telescope
from lofi.radio.visibilities.visibilities import Visibilities


def default_cell(visibilities: Visibilities) -> float:
    """A third of the resolution `1 / max √(u² + v²)`, in arcsec, rounded down to three digits."""
    return floored(1 / (3 * np.hypot(visibilities.u, visibilities.v).max() * ARCSEC))


def grid(
    path: Path, visibilities: Visibilities, pixels: int, cell_arcsec: float
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """x, y (M,) in radians per pixel, and warnings about the w-term and the primary beam.

    Raises ValueError, which names `path`, where the cell is too large for the longest baseline, or not positive.
    """
    coverage = Coverage(
        visibilities.u,
        visibilities.v,
        visibilities.w,
        telescope=_telescope(visibilities.telescope),
        frequencies_hz=(visibilities.frequency.max(),),
    )
    shape = (pixels, pixels)
    try:
        x, y = radians_per_pixel(coverage, cell_arcsec)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            w_phase(coverage, shape, cell_arcsec)
            if coverage.telescope is not None:
                check_field(coverage, shape, cell_arcsec)
    except ValueError as error:
        default = default_cell(visibilities)
        hint = "; are the frequencies in Hz?" if default * ARCSEC * pixels > 1 else ""
        raise ValueError(f"{path}: {error}; by default the cell is {default:g} arcsec{hint}") from error
    return x, y, [str(warning.message) for warning in caught]


def unmeasured_scales(visibilities: Visibilities, pixels: int, cell_arcsec: float) -> tuple[float | None, list[str]]:
    """Arcsec up to which the shortest baseline measures structure, and a warning; None, [] for a smaller field."""
    shortest = float(np.hypot(visibilities.u, visibilities.v).min())
    field = pixels * cell_arcsec
    if field * ARCSEC * shortest <= 1:
        return None, []
    largest = 1 / (shortest * ARCSEC)
    return largest, [
        f"the shortest baseline, {shortest:.4g} wavelengths, measures structure up to {largest:.3g} arcsec; the field "
        f"is {field:.3g} arcsec: flux on larger scales is not measured and may be invented; use a smaller size"
    ]


def _telescope(name: str) -> Telescope | None:
    """The telescope of that name where its dishes are known, else None."""
    try:
        return telescope(name.lower())
    except ValueError:
        return None
