"""A user's visibilities on the grid of an image, checked before anything is reconstructed from them."""

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np

from lofi.radio.beam import Beam, fit_beam
from lofi.radio.coverage import ARCSEC, Coverage, check_field, floored, radians_per_pixel, w_phase
from lofi.radio.measurement import Measurement, imaging_weights, measure
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.visibilities.noise_check import check_noise
from lofi.radio.visibilities.read import read_visibilities
from lofi.radio.visibilities.visibilities import Visibilities

SMALLEST = 32  # pixels of a side; the denoisers read neighbourhoods of more than ten pixels
ROBUST = (-5.0, 5.0)  # beyond it lies nothing but uniform and natural weighting
JANSKY = (1e-15, 1e15)  # least noise and largest visibility; squares beyond leave the range of single precision


@dataclass(frozen=True)
class Field:
    """What is imaged: the `visibilities` (their noise scaled), their natural-weight `measurement` on pixels of
    `cell_arcsec` about `centre` (degrees), the imaging `weights` (M,) and the `beam` that they give, in pixels.
    Structure up to `largest_arcsec` is measured, by the shortest baseline; `beyond` tells whether the image is larger.

    remarks : sentences on the data. doubts : sentences on what may spoil the image.
    """

    visibilities: Visibilities
    measurement: Measurement
    cell_arcsec: float
    centre: tuple[float, float]
    weights: np.ndarray
    beam: Beam
    largest_arcsec: float
    remarks: list[str]
    doubts: list[str]

    @property
    def beyond(self):
        return max(self.measurement.operator.shape) * self.cell_arcsec > self.largest_arcsec


def measure_visibilities(path, options):
    """The `Field` of a file of visibilities.

    Parameters
    ----------
    options : `pixels`, and perhaps `cell_arcsec` (default: `default_cell`), `weighting` (briggs), `robust` (0),
        `sigma_scale` (1), `centre` (the file's own).

    Raises ValueError for options out of their range and for visibilities that cannot be imaged with them.
    """
    shape, scale = (options["pixels"],) * 2, options.get("sigma_scale", 1.0)
    if shape[0] < SMALLEST:
        raise ValueError(f"an image of {shape[0]} pixels is too small; expected at least {SMALLEST} on a side")
    if not 0 < scale < math.inf:
        raise ValueError(f"the factor of the noise, sigma_scale, is {scale}; expected a positive number")
    if "robust" in options and options.get("weighting", "briggs") != "briggs":
        raise ValueError(f"robust belongs to the weighting briggs; it cannot be used with {options['weighting']}")
    if not ROBUST[0] <= options.get("robust", 0.0) <= ROBUST[1]:
        raise ValueError(f"robust is {options['robust']}; expected a number from {ROBUST[0]:g} to {ROBUST[1]:g}")
    visibilities = read_visibilities(path)
    _check_values(path, visibilities)
    visibilities = replace(visibilities, sigma=scale * visibilities.sigma)
    centre = options.get("centre", visibilities.centre)
    if centre is None:
        raise ValueError(f"{path} does not say where on the sky it points; give the centre, RA,DEC in degrees")
    if not (-180 <= centre[0] <= 360 and abs(centre[1]) <= 90):
        raise ValueError(f"the centre is {tuple(centre)}; expected right ascension and declination in degrees")
    remarks = list(visibilities.notes)
    if "cell_arcsec" in options:
        cell = options["cell_arcsec"]
    else:
        cell = default_cell(visibilities)
        remarks.append(f"cell {cell:g} arcsec, a third of the resolution of the longest baseline")
    x, y, doubts = _grid(path, visibilities, shape, cell)
    shortest = float(np.hypot(visibilities.u, visibilities.v).min())
    largest = 1 / (shortest * ARCSEC) if shortest else math.inf
    remark, doubt = _noise(visibilities, scale)
    measurement = measure(x, y, visibilities.values, visibilities.sigma, shape)
    weighting = {key: options[key] for key in ("weighting", "robust") if key in options}
    weights = imaging_weights(measurement.operator, measurement.sigma, **weighting)
    try:
        beam = fit_beam(measurement.operator.psf(weights))
    except ValueError as error:
        raise ValueError(f"{path}, {shape[0]} pixels of {cell:g} arcsec: {error}") from error
    centre = (centre[0] % 360, centre[1])
    field = Field(visibilities, measurement, cell, centre, weights, beam, largest, remarks + remark, doubts + doubt)
    if field.beyond:
        field.doubts.append(
            f"the shortest baseline, {shortest:.4g} wavelengths, measures structure up to {largest:.3g} arcsec; the "
            f"field is {shape[0] * cell:.3g} arcsec: flux on larger scales is not measured and may be invented; use a "
            "smaller size"
        )
    return field


def default_cell(visibilities):
    """A third of the resolution `1 / max √(u² + v²)`, in arcsec, rounded down to three digits."""
    return floored(1 / (3 * np.hypot(visibilities.u, visibilities.v).max() * ARCSEC))


def _check_values(path, visibilities):
    largest, least = np.abs(visibilities.values).max(), visibilities.sigma.min()
    if not largest > 0:
        raise ValueError(f"{path}: all visibilities are 0")
    if largest > JANSKY[1] or least < JANSKY[0]:
        raise ValueError(
            f"{path}: the largest visibility is {largest:.3g} Jy and the least noise {least:.3g} Jy; expected at most "
            f"{JANSKY[1]:g} and at least {JANSKY[0]:g}; flag what is wrong or repair the file"
        )
    if not np.hypot(visibilities.u, visibilities.v).max() > 0:
        raise ValueError(f"{path}: u and v are 0 in all visibilities; an image needs baselines")


def _grid(path, visibilities, shape, cell):
    """Radians per pixel x, y (M,), and doubts about the field."""
    coverage = Coverage(
        visibilities.u,
        visibilities.v,
        visibilities.w,
        telescope=_telescope(visibilities.telescope),
        frequencies_hz=(visibilities.frequency.max(),),
    )
    try:
        x, y = radians_per_pixel(coverage, cell)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            w_phase(coverage, shape, cell)
            if coverage.telescope is not None:
                check_field(coverage, shape, cell)
    except ValueError as error:
        usual = default_cell(visibilities)
        hint = "; are the frequencies in Hz?" if usual * ARCSEC * max(shape) > 1 else ""
        raise ValueError(f"{path}: {error}; by default the cell is {usual:g} arcsec{hint}") from error
    return x, y, [str(warning.message) for warning in caught]


def _telescope(name):
    """The telescope of that name where its dishes are known, else None."""
    try:
        return telescope(name.lower())
    except ValueError:
        return None


def _noise(visibilities, scale):
    """Remarks and doubts from the scatter of the visibilities."""
    check = check_noise(visibilities)
    if check is None:
        return [
            "the weights' noise cannot be checked against the scatter: too few neighbours, or no antennas or times"
        ], []
    found = f"scatter of {check.pairs} neighbouring visibilities: {check.ratio:.3g} times the weights' noise"
    if check.warning is None:
        return [found], []
    return [found], [f"{check.warning} If the weights are wrong, use the sigma scale {check.ratio * scale:.3g}."]
