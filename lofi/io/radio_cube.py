"""Cubes of radio images in FITS, with a beam for each plane (docs/conventions.md)."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io.atomic import replacing
from lofi.io.fits import stamp
from lofi.io.radio_fits import set_axes, set_observation, sky_axes

SAME = 1e-6  # of the spacing: what frequencies of a linear axis may be off
STORED = np.dtype(">f4")  # that of FITS: what is stored in it is written without a copy


class PlaneStore:
    """Cubes (N, H, W) in a folder, filled plane by plane, so that memory holds one plane whatever N.

    Parameters
    ----------
    folder : of the files. shape : (N, H, W).
    """

    def __init__(self, folder: Path, shape: tuple[int, int, int]) -> None:
        self.folder, self.shape = folder, shape
        self._filled: dict[str, set[int]] = {}

    @property
    def names(self) -> list[str]:
        """Of cubes with a plane."""
        return list(self._filled)

    def put(self, name: str, number: int, plane: np.ndarray) -> None:
        """Store a plane (H, W), NaN where it is masked."""
        planes, height, width = self.shape
        size = STORED.itemsize * height * width
        if name not in self._filled:
            with (self.folder / name).open("wb") as file:
                file.truncate(planes * size)
        with (self.folder / name).open("r+b") as file:
            file.seek(number * size)
            file.write(np.ma.filled(np.ma.asarray(plane, STORED), np.nan).tobytes())
        self._filled.setdefault(name, set()).add(number)

    def cube(self, name: str) -> np.ndarray:
        """A cube (N, H, W), mapped from its file; NaN in planes that were not stored."""
        for number in set(range(self.shape[0])) - self._filled[name]:
            self.put(name, number, np.full(self.shape[1:], np.nan, STORED))
        return np.memmap(self.folder / name, STORED, "r", shape=self.shape)


def write_radio_cube(
    path: str | Path,
    cube: np.ndarray,
    unit: str,
    *,
    cell_arcsec: float,
    centre: tuple[float, float],
    frequencies_hz: Sequence[float],
    bandwidths_hz: Sequence[float],
    beams: np.ndarray | None = None,
    object: str = "",
    telescope: str = "",
    date: str = "",
    simulated: bool,
    history: Iterable[str] = (),
) -> None:
    """Write a cube as the primary HDU, float32 with the axes (STOKES, FREQ, DEC, RA), and tables on its planes.

    The table BEAMS, with the card CASAMBM, is that of CASA (which spectral-cube reads, too); FREQUENCIES has the centre
    and the width of each plane. Where planes are not equally spaced there is no linear axis: the third one is CHANNEL,
    the number of the plane from 0, and the frequencies are in the table.

    Parameters
    ----------
    cube : (N, H, W); planes without an image are NaN. frequencies_hz, bandwidths_hz : (N,), of the planes.
    beams : (N, 3), as the `beam` of `lofi.io.radio_fits.write_radio_image`, NaN of planes without one, or None.
    Others as of `write_radio_image`.
    """
    frequencies, planes = np.asarray(frequencies_hz, float), len(cube)
    hdu = fits.PrimaryHDU(np.asarray(cube, STORED)[None])
    header = hdu.header
    spectral = spectral_axis(frequencies, float(bandwidths_hz[0]))
    set_axes(header, (*sky_axes(cube.shape[1:], cell_arcsec, centre), spectral, ("STOKES", 1.0, 1.0, 1, "")))
    header["SPECSYS"] = "TOPOCENT"
    if unit:
        header["BTYPE"], header["BUNIT"] = "Intensity", unit
    set_observation(header, object, telescope, date)
    hdus = [hdu]
    if beams is not None and unit == "Jy/beam":
        header["CASAMBM"] = (True, "a beam for each plane, in the table BEAMS")
        axes = {name: ("arcsec", 3600 * beams[:, column]) for column, name in enumerate(("BMAJ", "BMIN"))}
        numbers = {"CHAN": ("", np.arange(planes)), "POL": ("", np.zeros(planes, int))}
        hdus.append(_table("BEAMS", axes | {"BPA": ("deg", beams[:, 2])} | numbers))
        hdus[-1].header["NCHAN"], hdus[-1].header["NPOL"] = planes, 1
    hdus.append(
        _table("FREQUENCIES", {"FREQ": ("Hz", frequencies), "BANDWIDTH": ("Hz", np.array(bandwidths_hz, float))})
    )
    stamp(header, simulated=simulated, history=history)
    with replacing(path) as temporary:
        fits.HDUList(hdus).writeto(temporary, output_verify="exception", checksum=True)


def spectral_axis(frequencies: np.ndarray, bandwidth_hz: float) -> tuple:
    """Cards of the third axis for `lofi.io.radio_fits.set_axes`: FREQ where planes are equally spaced, else CHANNEL."""
    if len(frequencies) == 1:
        return "FREQ", float(frequencies[0]), bandwidth_hz or 1.0, 1, "Hz"
    step = float(frequencies[-1] - frequencies[0]) / (len(frequencies) - 1)
    linear = frequencies[0] + step * np.arange(len(frequencies))
    if np.abs(frequencies - linear).max() > SAME * step:
        return "CHANNEL", 0.0, 1.0, 1, ""
    return "FREQ", float(frequencies[0]), step, 1, "Hz"


def _table(name, columns):
    formats = {"f": "1D" if name == "FREQUENCIES" else "1E", "i": "1J"}
    return fits.BinTableHDU.from_columns(
        [
            fits.Column(column, formats[values.dtype.kind], unit or None, array=values)
            for column, (unit, values) in columns.items()
        ],
        name=name,
    )
