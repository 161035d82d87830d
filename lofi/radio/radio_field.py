"""A user's visibilities on the grid of an image, checked before anything is reconstructed from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lofi.radio.beam import Beam, fit_beam
from lofi.radio.coverage import ARCSEC
from lofi.radio.gridding import default_cell, grid, unmeasured_scales
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.measurement import Measurement, measure
from lofi.radio.visibilities.noise_check import compare_noise
from lofi.radio.visibilities.read import named, read_together
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.radio.weighting import imaging_weights

JANSKY = (1e-15, 1e15)  # least noise and largest visibility; squares beyond leave the range of single precision


@dataclass(frozen=True, eq=False)
class RadioField:
    """What is imaged.

    Attributes
    ----------
    visibilities : of the file, their noise scaled. measurement : of them, in natural weights.
    cell_arcsec, side_radians : side of a pixel and of the image.
    centre : right ascension and declination of the phase centre in degrees.
    weights : (M,) imaging weights, sum 1. beam : of them, in pixels.
    measured_arcsec : the shortest baseline measures structure up to this size; None where the image is not larger.
    notes : sentences on the data. warnings : sentences on what may spoil the image.
    """

    visibilities: Visibilities
    measurement: Measurement
    cell_arcsec: float
    side_radians: float
    centre: tuple[float, float]
    weights: np.ndarray
    beam: Beam
    measured_arcsec: float | None
    notes: list[str]
    warnings: list[str]


def read_field(paths: Sequence[Path], options: ImagingOptions) -> RadioField:
    """The `RadioField` of files of visibilities; ValueError, which names them, where they cannot be imaged."""
    visibilities = read_together(paths, options)
    path = named(paths)
    _check_fluxes(path, visibilities)
    visibilities = replace(visibilities, sigma=options.sigma_scale * visibilities.sigma)
    centre = _centre(path, visibilities, options)
    notes = list(visibilities.notes)
    cell_arcsec = options.cell_arcsec
    if cell_arcsec is None:
        cell_arcsec = default_cell(visibilities)
        notes.append(f"cell {cell_arcsec:g} arcsec, a third of the resolution of the longest baseline")
    x, y, grid_warnings = grid(path, visibilities, options.pixels, cell_arcsec)
    side_radians = options.pixels * cell_arcsec * ARCSEC
    noise_note, noise_warnings = compare_noise(visibilities, side_radians, options.sigma_scale)
    measured_arcsec, scale_warnings = unmeasured_scales(visibilities, options.pixels, cell_arcsec)
    shape = (options.pixels, options.pixels)
    measurement = measure(x, y, visibilities.values, visibilities.sigma, shape)
    weights = imaging_weights(x, y, shape, visibilities.sigma, **options.imaging_weighting)
    try:  # before anything is reconstructed
        beam = fit_beam(measurement.operator.psf(weights))
    except ValueError as error:
        raise ValueError(f"{path}, {options.pixels} pixels of {cell_arcsec:g} arcsec: {error}") from error
    return RadioField(
        visibilities=visibilities,
        measurement=measurement,
        cell_arcsec=cell_arcsec,
        side_radians=side_radians,
        centre=centre,
        weights=weights,
        beam=beam,
        measured_arcsec=measured_arcsec,
        notes=[*notes, noise_note],
        warnings=[*visibilities.warnings, *grid_warnings, *noise_warnings, *scale_warnings],
    )


def _check_fluxes(path: str, visibilities: Visibilities) -> None:
    largest, least_noise = np.abs(visibilities.values).max(), visibilities.sigma.min()
    if not largest > 0:
        raise ValueError(f"{path}: all visibilities are 0")
    if largest > JANSKY[1] or least_noise < JANSKY[0]:
        raise ValueError(
            f"{path}: the largest visibility is {largest:.3g} Jy and the least noise {least_noise:.3g} Jy; expected at "
            f"most {JANSKY[1]:g} and at least {JANSKY[0]:g}; flag what is wrong or repair the file"
        )
    if not np.hypot(visibilities.u, visibilities.v).max() > 0:
        raise ValueError(f"{path}: u and v are 0 in all visibilities; an image needs baselines")


def _centre(path: str, visibilities: Visibilities, options: ImagingOptions) -> tuple[float, float]:
    centre = visibilities.centre if options.centre is None else options.centre
    if centre is None:
        raise ValueError(f"{path} does not say where on the sky it points; give the centre, RA,DEC in degrees")
    right_ascension, declination = centre
    if not (-180 <= right_ascension <= 360 and abs(declination) <= 90):
        raise ValueError(f"the centre is {tuple(centre)}; expected right ascension and declination in degrees")
    return right_ascension % 360, declination
