"""A user's visibilities on the grid of an image, checked before anything is reconstructed from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lofi.memory import release_freed_memory
from lofi.radio.beam_correction import Correction, correction
from lofi.radio.gridding import Parts, default_cell, grid, unmeasured_scales
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.mask import read_mask
from lofi.radio.measurement import Measurement, measure
from lofi.radio.products import Imaging, imaging
from lofi.radio.short_spacings import ShortSpacings, TotalFlux, short_spacings
from lofi.radio.spectral_index import is_sought
from lofi.radio.visibilities.data_set import DataSet
from lofi.radio.visibilities.ms_tables import EVERYTHING
from lofi.radio.visibilities.noise_check import compare_noise
from lofi.radio.visibilities.read import LIMIT, named, read_together

JANSKY = (1e-15, 1e15)  # least noise and largest visibility; squares beyond leave the range of single precision


@dataclass(frozen=True, eq=False)
class RadioField:
    """What is imaged.

    Attributes
    ----------
    data : the visibilities of the files, their noise scaled. measurement : of them, in natural weights.
    imaged : by the imaging weights. cell_arcsec, side_radians : side of a pixel and the longer one of the image.
    centre : right ascension and declination of the phase centre in degrees.
    measured_arcsec : the shortest baseline measures structure up to this size; None where the image is not larger.
    spacings : what is known of the total flux; None: the coverage tells it.
    correction : for the primary beam, or None. allowed : (H, W) bool, where there may be emission; None: everywhere.
    notes : sentences on the data. warnings : sentences on what may spoil the image.
    """

    data: DataSet
    measurement: Measurement
    imaged: Imaging
    cell_arcsec: float
    side_radians: float
    centre: tuple[float, float]
    measured_arcsec: float | None
    spacings: ShortSpacings | None
    correction: Correction | None
    allowed: np.ndarray | None
    notes: list[str]
    warnings: list[str]


def read_field(
    paths: Sequence[Path],
    options: ImagingOptions,
    threads: int = 1,
    band: tuple[float, float] = EVERYTHING,
) -> RadioField:
    """The `RadioField` of files of visibilities; ValueError, which names them, where they cannot be imaged.

    band : lowest and highest frequency of the visibilities, Hz. threads : of the transforms.
    """
    shape = options.shape
    # The grid of the transforms is larger than a piece of so many visibilities.
    data = read_together(paths, options, max(LIMIT, shape[0] * shape[1]), options.sigma_scale, band)
    release_freed_memory()
    path = named(paths)
    _check_fluxes(path, data)
    centre = _centre(path, data, options)
    notes = list(data.notes)
    cell_arcsec = options.cell_arcsec
    if cell_arcsec is None:
        cell_arcsec = default_cell(data.longest)
        notes.append(f"cell {cell_arcsec:g} arcsec, a third of the resolution of the longest baseline")
    image_grid = grid(path, data, shape, cell_arcsec, threads)
    side_radians = max(shape) * image_grid.cell_radians
    beam_correction, beam_notes = correction(
        options.primary_beam,
        data,
        shape,
        image_grid.cell_radians,
        is_sought(options.spectrum, data),
        options.simulated,
    )
    if beam_correction:
        beam_notes = [beam_correction.note]
    noise_note, noise_warnings = compare_noise(data.sample, side_radians, options.sigma_scale)
    mask = None if options.mask is None else read_mask(options.mask, shape, cell_arcsec, centre)
    measurement = measure(Parts(data, image_grid), shape)
    release_freed_memory()
    given = None if options.total_flux is None else TotalFlux(*options.total_flux)
    spacings = short_spacings(path, data, measurement, image_grid.cell_radians, given)
    measured_arcsec, scale_warnings = unmeasured_scales(data, shape, cell_arcsec, spacings)
    try:  # before anything is reconstructed
        imaged = imaging(measurement, **options.imaging_weighting)
    except ValueError as error:
        size = " × ".join(map(str, dict.fromkeys(shape)))
        raise ValueError(f"{path}, {size} pixels of {cell_arcsec:g} arcsec: {error}") from error
    return RadioField(
        data=data,
        measurement=measurement,
        imaged=imaged,
        cell_arcsec=cell_arcsec,
        side_radians=side_radians,
        centre=centre,
        measured_arcsec=measured_arcsec,
        spacings=spacings,
        correction=beam_correction,
        allowed=None if mask is None else mask.allowed,
        notes=[*notes, *beam_notes, noise_note, *(spacings.notes if spacings else []), *([mask.note] if mask else [])],
        warnings=[*data.warnings, *noise_warnings, *scale_warnings, *(mask.warnings if mask else [])],
    )


def _check_fluxes(path: str, data: DataSet) -> None:
    if not data.largest > 0:
        raise ValueError(f"{path}: all visibilities are 0")
    if data.largest > JANSKY[1] or data.least_noise < JANSKY[0]:
        raise ValueError(
            f"{path}: the largest visibility is {data.largest:.3g} Jy and the least noise {data.least_noise:.3g} Jy; "
            f"expected at most {JANSKY[1]:g} and at least {JANSKY[0]:g}; flag what is wrong or repair the file"
        )
    if not data.longest > 0:
        raise ValueError(f"{path}: u and v are 0 in all visibilities; an image needs baselines")


def _centre(path: str, data: DataSet, options: ImagingOptions) -> tuple[float, float]:
    centre = data.centre if options.centre is None else options.centre
    if centre is None:
        raise ValueError(f"{path} does not say where on the sky it points; give the centre, RA,DEC in degrees")
    right_ascension, declination = centre
    if not (-180 <= right_ascension <= 360 and abs(declination) <= 90):
        raise ValueError(f"the centre is {tuple(centre)}; expected right ascension and declination in degrees")
    return right_ascension % 360, declination
