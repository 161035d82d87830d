"""Dirty image and PSF of WSClean from the same Measurement Set: all pixels, WCS, units, beam."""

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from scipy.optimize import least_squares

from lofi.radio.coverage import ARCSEC, synthesis
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.products import products, write_products
from lofi.radio.radio_field import read_field
from lofi.radio.telescopes.telescope import telescope
from lofi.seeds import stream
from simulations.measurement_set import write_measurement_set

tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
pytestmark = pytest.mark.skipif(shutil.which("wsclean") is None, reason="wsclean is not installed: tests/install.sh")

AS_DEFINED = (  # without what changes weights and images a little for speed or looks (docs/conventions.md)
    "-use-wgridder -wgridder-accuracy 1e-6 -no-small-inversion -weighting-rank-filter 0 -no-reorder"
)
CASES = [
    ("natural", (181, 240)),
    *((name, size) for name in ("uniform", "briggs -0.5") for size in ((192, 192), (181, 240))),
]


@dataclass(frozen=True)
class Field:
    """A Measurement Set of point sources in cells of `cell` arcsec."""

    path: Path
    cell: float


def direct_sum(coverage, cell):
    """Visibilities of sources at these East and North, cells, of these Jy."""
    east, north, flux = np.array([[30, -50, 1.0], [-80, 62.6, 0.7], [0, 0, 0.2], [86, 78, 0.3]]).T
    east, north = east * cell * ARCSEC, north * cell * ARCSEC
    path = np.stack([coverage.u, coverage.v, coverage.w], -1) @ [east, north, np.sqrt(1 - east**2 - north**2) - 1]
    return np.exp(-2j * np.pi * path) @ flux


def write(folder, coverage, cell):
    rng, count = stream("wsclean geometry", "noise"), len(coverage.u)
    sigma = rng.uniform(0.03, 0.09, count)
    noise = sigma * rng.standard_normal((2, count))
    values = direct_sum(coverage, cell) + noise[0] + 1j * noise[1]
    flagged = rng.random(count) < 0.1
    values[flagged] = 1e4
    path = folder / "points.ms"
    write_measurement_set(path, coverage, values, sigma, right_ascension_deg=311.0, channel_hz=1e7, name="points")
    with tables.table(str(path), readonly=False, ack=False) as main:
        flags = flagged.reshape(len(coverage.frequencies_hz), -1).T[..., None]
        main.putcol("FLAG", np.repeat(flags, 2, axis=2))
    return Field(path, cell)


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """w = 0, cells of 2 arcsec."""
    coverage = synthesis(telescope("meerkat"), -41.3, (-1.5, 1.5), 3600, [1.30e9, 1.34e9])
    return write(tmp_path_factory.mktemp("flat"), replace(coverage, w=0 * coverage.w), 2.0)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A degree wide, at 20 to 35 degrees of elevation: the w-term turns phases by up to 2 rad."""
    core = telescope("meerkat")
    core = replace(core, antennas=core.antennas[np.hypot(*core.antennas[:, :2].T) < 600])
    coverage = synthesis(core, -41.3, (3.6, 5.2), 1500, [1.30e9, 1.34e9])
    return write(tmp_path_factory.mktemp("wide"), coverage, 18.0)


def wsclean(field, prefix, shape, weighting):
    """Pixels and headers of the dirty image and the PSF; odd sides do not exist, they become the next even one."""
    height, width = shape
    arguments = f"{AS_DEFINED} -j 1 -make-psf -niter 0 -scale {field.cell}asec -name {prefix} -weight {weighting}"
    subprocess.run(
        ["wsclean", *arguments.split(), "-size", str(width), str(height), field.path],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return [fits.getdata(f"{prefix}-{name}.fits", header=True) for name in ("dirty", "psf")]


def ours(field, prefix, shape, weighting):
    """The same two of this package."""
    name, *robust = weighting.split()
    robust = float(*robust) if robust else None
    options = ImagingOptions(pixels=shape, cell_arcsec=field.cell, weighting=name, robust=robust)
    read = read_field([field.path], options)
    blank = np.zeros((1, *shape))
    (residuals,), chi2 = read.measurement.residual(blank, read.imaged.weighting)
    (published,) = products(read.measurement, read.imaged, blank, residuals, chi2)
    write_products(
        prefix,
        published,
        cell_arcsec=field.cell,
        centre=read.centre,
        frequency_hz=read.data.frequency,
        bandwidth_hz=read.data.bandwidth,
        object="",
        telescope="",
        simulated=True,
        data=(),
        model="none",
        weighting=options.imaging_weighting,
        results=(),
    )
    return [fits.getdata(f"{prefix}-{name}.fits", header=True) for name in ("dirty", "psf")]


@pytest.mark.filterwarnings("ignore:'datfix' made the change")  # of the date in WSClean's headers
@pytest.mark.parametrize(("weighting", "shape"), CASES)
@pytest.mark.parametrize("field", ["flat", "wide"])
def test_all_pixels_and_headers(field, tmp_path, shape, weighting, request):
    field = request.getfixturevalue(field)
    images = (image(field, tmp_path / name, shape, weighting) for name, image in (("theirs", wsclean), ("mine", ours)))
    odd = [size % 2 for size in shape]
    for (theirs, header), (mine, own_header) in zip(*images, strict=True):
        assert mine.shape == (1, 1, *shape)
        expected = theirs[..., odd[0] :, odd[1] :]
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
        assert own_header["BUNIT"].upper() == header["BUNIT"].upper() == "JY/BEAM"
        for key in ("CTYPE3", "CDELT3", "CTYPE4", "CRVAL4"):
            assert own_header[key] == header[key]
        assert own_header["CRVAL3"] == pytest.approx(header["CRVAL3"], rel=1e-3)  # mean by weight; centre of the band
        column, row = np.array([0.0, 7.0, shape[1] - 1]), np.array([0.0, 60.0, shape[0] - 1])
        place = WCS(own_header).celestial.pixel_to_world(column, row)
        expected = WCS(header).celestial.pixel_to_world(column + odd[1], row + odd[0])
        assert (place.separation(expected).arcsec < 1e-6).all()


def quarter_beam(psf, cell, box):
    """Major and minor axis (degrees) of the Gaussian nearest to the quarter x, y >= 0 of a box about the peak."""
    centre = len(psf) // 2
    y, x = np.mgrid[: box // 2, : box // 2]
    values = psf[centre : centre + box // 2, centre : centre + box // 2]

    def misfit(form):
        a, b, c = form
        return (np.exp(-a * x**2 - b * x * y - c * y**2) - values).ravel()

    a, b, c = least_squares(misfit, [0.1, 0.0, 0.1], xtol=1e-12, ftol=1e-12).x
    steepness = np.linalg.eigvalsh([[a, b / 2], [b / 2, c]])
    return 2 * np.sqrt(np.log(2) / steepness) * cell / 3600


def test_wsclean_fits_its_beam_to_a_quarter_of_the_psf(flat, tmp_path):
    """Why beams differ where images do not: pixels to the left of the peak and below it do not count (WSClean 3.1)."""
    (_, _), (psf, header) = wsclean(flat, tmp_path / "theirs", (192, 192), "uniform")
    (_, _), (_, own_header) = ours(flat, tmp_path / "mine", (192, 192), "uniform")
    theirs, mine = ([head["BMAJ"], head["BMIN"]] for head in (header, own_header))
    boxes = [quarter_beam(psf[0, 0], flat.cell, box) for box in range(26, 60, 2)]  # ten times a first guess of BMAJ
    assert min(np.abs(beam / theirs - 1).max() for beam in boxes) < 2e-4
    assert mine != pytest.approx(theirs, rel=0.01)
