"""Dirty image and PSF of WSClean from the same Measurement Set: all pixels, WCS, units, beam."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from lofi.radio.coverage import ARCSEC, synthesis
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.products import products, write_products
from lofi.radio.radio_field import read_field
from lofi.radio.telescopes.telescope import telescope
from lofi.seeds import stream
from simulations.measurement_set import write_measurement_set

pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
pytestmark = pytest.mark.skipif(shutil.which("wsclean") is None, reason="wsclean is not installed: tests/install.sh")

CELL = 2.0  # arcsec
SOURCES = np.array([[30, -50, 1.0], [-81, 62.5, 0.7], [0, 0, 0.2], [93, 40, 0.3]])  # East, North, arcsec; Jy
AS_DEFINED = (  # without what changes weights and images a little for speed or looks (docs/conventions.md)
    "-use-wgridder -wgridder-accuracy 1e-6 -no-small-inversion -weighting-rank-filter 0 -no-reorder"
)


def direct_sum(coverage):
    """Visibilities of `SOURCES`."""
    east, north = SOURCES[:, :2].T * ARCSEC
    path = np.stack([coverage.u, coverage.v, coverage.w], -1) @ [east, north, np.sqrt(1 - east**2 - north**2) - 1]
    return np.exp(-2j * np.pi * path) @ SOURCES[:, 2]


def write(path, coverage):
    noise = stream("wsclean geometry", "noise").normal(0, 0.05, (2, len(coverage.u)))
    write_measurement_set(
        path,
        coverage,
        direct_sum(coverage) + noise[0] + 1j * noise[1],
        0.05,
        right_ascension_deg=311.0,
        channel_hz=1e7,
        name="points",
    )
    return path


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """A Measurement Set with w = 0."""
    coverage = synthesis(telescope("meerkat"), -41.3, (-1.5, 1.5), 3600, [1.30e9, 1.34e9])
    return write(tmp_path_factory.mktemp("flat") / "points.ms", replace(coverage, w=0 * coverage.w))


def wsclean(path, prefix, shape, weighting):
    """Pixels and headers of the dirty image and the PSF; odd sides do not exist, they become the next even one."""
    height, width = shape
    arguments = f"{AS_DEFINED} -j 1 -make-psf -niter 0 -scale {CELL}asec -name {prefix} -weight {weighting}"
    subprocess.run(
        ["wsclean", *arguments.split(), "-size", str(width), str(height), path],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return [fits.getdata(f"{prefix}-{name}.fits", header=True) for name in ("dirty", "psf")]


def ours(path, prefix, shape, weighting):
    """The same two of this package."""
    name, *robust = weighting.split()
    options = ImagingOptions(
        pixels=shape[0], cell_arcsec=CELL, weighting=name, robust=float(*robust) if robust else None
    )
    field = read_field([path], options)
    (published,) = products(field.measurement, field.imaged, np.zeros((1, *shape)))
    write_products(
        prefix,
        published,
        cell_arcsec=CELL,
        centre=field.centre,
        frequency_hz=field.data.frequency,
        bandwidth_hz=field.data.bandwidth,
        object=field.data.object,
        telescope=field.data.telescope,
        simulated=True,
        data=(),
        model="none",
        weighting=options.imaging_weighting,
        results=(),
    )
    return [fits.getdata(f"{prefix}-{name}.fits", header=True) for name in ("dirty", "psf")]


@pytest.mark.filterwarnings("ignore:'datfix' made the change")  # of the date in WSClean's headers
@pytest.mark.parametrize("shape", [(96, 96), (97, 97), (130, 130)])
@pytest.mark.parametrize("weighting", ["natural"])
def test_all_pixels_and_headers(flat, tmp_path, shape, weighting):
    images = (image(flat, tmp_path / name, shape, weighting) for name, image in (("theirs", wsclean), ("mine", ours)))
    odd = [size % 2 for size in shape]
    for (theirs, header), (mine, own_header) in zip(*images, strict=True):
        assert mine.shape == (1, 1, *shape)
        expected = theirs[..., odd[0] :, odd[1] :]
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
        assert own_header["BUNIT"].upper() == header["BUNIT"].upper() == "JY/BEAM"
        for key in ("CTYPE3", "CRVAL3", "CDELT3", "CTYPE4", "CRVAL4"):
            assert own_header[key] == header[key]
        column, row = np.array([0.0, 7.0, shape[1] - 1]), np.array([0.0, 60.0, shape[0] - 1])
        place = WCS(own_header).celestial.pixel_to_world(column, row)
        expected = WCS(header).celestial.pixel_to_world(column + odd[1], row + odd[0])
        assert (place.separation(expected).arcsec < 1e-6).all()
