"""`lofi peaks` and `lofi stack` of HEALPix maps: as on the plane, at the poles and beside masks, too."""

import json
import shutil
from pathlib import Path

import healpy as hp
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from sky_model import NOISE, NOMINAL

from lofi.cli import main
from lofi.data.noise import complex_noise
from lofi.io import healpix, healsparse_map
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import save_errors
from lofi.lensing.stacking import profile, stack
from lofi.lensing.tangent_plane import unit_vectors
from lofi.priors.record import read_record
from lofi.sphere.peaks import find_peaks
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.shear_map import SphereShear, shear_columns
from lofi.sphere.stacking import SphereImage

NSIDE = 128
PIXELS, PIXEL = 12 * NSIDE**2, pixel_arcmin(NSIDE)
# Near the equator, where the faces of HEALPix meet, near both poles, and across RA 0.
PLACES = np.array(
    [[10.3, 0.2], [44.8, 41.8], [89.6, 40.7], [200, 89.7], [121, -88.9], [359.9, 20], [270.3, -41.5], [33, 66]]
)


def blobs(places, height=0.2, width=2.5, nside=NSIDE):
    """Gaussians of a width in pixels at positions (n, 2) in degrees."""
    vectors = np.stack(hp.pix2vec(nside, np.arange(12 * nside**2)))
    away = (np.arccos(np.clip(unit_vectors(*place) @ vectors, -1, 1)) for place in np.asarray(places))
    sigma = np.radians(width * pixel_arcmin(nside) / 60)
    return sum(height * np.exp(-0.5 * (r / sigma) ** 2) for r in away)


def test_peaks_lie_between_pixels_wherever_they_are():
    kappa = blobs(PLACES)
    peaks = find_peaks(kappa, kappa / 0.02, 3.0)
    assert len(peaks) == len(PLACES)
    here, there = SkyCoord(peaks.ra, peaks.dec, unit="deg"), SkyCoord(*PLACES.T, unit="deg")
    _, separation, _ = there.match_to_catalog_sky(here)
    centres = SkyCoord(*hp.pix2ang(NSIDE, hp.ang2pix(NSIDE, *PLACES.T, lonlat=True), lonlat=True), unit="deg")
    assert separation.arcmin.max() < 0.15 * PIXEL
    assert there.separation(centres).arcmin.max() > 0.4 * PIXEL
    np.testing.assert_allclose(peaks.scale, 2.5 * PIXEL, rtol=0.1)
    assert np.all(np.diff(peaks.snr) <= 0)
    assert len(find_peaks(-kappa, -kappa / 0.02, 0.0)) == 0


def test_neighbours_of_one_height_are_one_peak():
    kappa = blobs(PLACES[:1])
    top = np.argmax(kappa)
    beside = hp.get_all_neighbours(NSIDE, top)[0]
    kappa[beside] = kappa[top]
    assert find_peaks(kappa, kappa / 0.02, 3.0).pixel.tolist() == [min(top, beside)]


@pytest.mark.parametrize("direction", [0, 2, 4, 6])
def test_a_v_of_one_height_is_one_peak_and_none_below_a_higher_pixel(direction):
    kappa = blobs(PLACES)
    tops = hp.ang2pix(NSIDE, *PLACES.T, lonlat=True)
    beside = [[top, *hp.get_all_neighbours(NSIDE, top)[[direction, (direction + 2) % 8]]] for top in tops]
    kappa[beside] = 0.25
    found = find_peaks(kappa, kappa / 0.02, 3.0).pixel.tolist()
    assert all(sum(pixel in found for pixel in plateau) == 1 for plateau in beside)
    assert all(min(plateau) in found for plateau in beside)
    for plateau in beside:
        kappa[np.setdiff1d(hp.get_all_neighbours(NSIDE, plateau[1]), plateau)[-1]] = 0.3
    assert not set(np.ravel(beside)) & set(find_peaks(kappa, kappa / 0.02, 3.0).pixel)


def test_masked_pixels_are_no_peaks_and_hide_none():
    kappa = blobs(PLACES[:2])
    top = np.argmax(kappa)
    masked = hp.get_all_neighbours(NSIDE, top)
    kappa[masked[:3]] = np.nan
    found = find_peaks(kappa, kappa / 0.02, 3.0)
    assert top in found.pixel
    assert np.isfinite([found.ra, found.dec, found.scale]).all()
    kappa[top] = np.nan
    assert top not in find_peaks(kappa, kappa / 0.02, 3.0).pixel


def test_every_local_maximum_is_a_peak_and_nothing_else():
    """Against the neighbours of each pixel, one after another."""
    nside = 16
    kappa = np.random.default_rng(1).standard_normal(12 * nside**2)
    kappa[hp.query_disc(nside, [0, 0, 1], 0.3)] = np.nan
    expected = []
    for pixel in np.flatnonzero(kappa > 0.5):
        around = hp.get_all_neighbours(nside, pixel)
        if kappa[pixel] > np.nanmax(kappa[around[around >= 0]], initial=-np.inf):
            expected.append(pixel)
    assert sorted(find_peaks(kappa, kappa, 0.5).pixel) == expected


@pytest.fixture(scope="module")
def clusters():
    rng = np.random.default_rng(2)
    return np.stack([rng.uniform(60, 100, 60) % 360, rng.uniform(-30, 10, 60)], axis=1)


@pytest.fixture(params=["kappa.fits", "kappa.hsp"])
def kappa_file(request, clusters, tmp_path):
    """A file as of `lofi map` of a part of the sky, without shear."""
    lon, lat = hp.pix2ang(NSIDE, np.arange(PIXELS), lonlat=True)
    seen = (lon > 50) & (lon < 110) & (lat > -40) & (lat < 20)
    kappa = blobs(clusters, 0.05, 2.0) + 0.002 * np.random.default_rng(3).standard_normal(PIXELS)
    columns = {"KAPPA": (kappa, ""), "KAPPA_STD": (np.full(PIXELS, 0.01), "")}
    options = {"simulated": True, "history": ["test"], "cards": {"ZSOURCE": (0.9, "")}}
    if request.param.endswith("hsp"):
        pytest.importorskip("healsparse")
    write = healsparse_map.write if request.param.endswith("hsp") else healpix.write
    write(tmp_path / request.param, columns, seen, **options)
    return tmp_path / request.param


def test_the_command_writes_the_table_of_the_plane(kappa_file, clusters, tmp_path, capsys):
    for name in ("peaks.fits", "peaks.csv"):
        main(["peaks", str(kappa_file), "-o", str(tmp_path / name), "--rotations", "0"])
    assert "note: KAPPA: " in capsys.readouterr().err
    with fits.open(tmp_path / "peaks.fits", checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[0].header["SIMULATD"] is True
        table = Table(hdus["PEAKS"].data)
        assert list(hdus["PEAKS"].columns.units) == ["deg", "deg", "", "", "arcmin"]
    assert table.colnames == Table.read(tmp_path / "peaks.csv").colnames == ["ra", "dec", "kappa", "snr", "scale"]
    assert np.all(np.diff(table["kappa"]) <= 0)
    np.testing.assert_allclose(table["snr"], table["kappa"] / 0.01, rtol=1e-5)
    truth, found = (SkyCoord(*each, unit="deg") for each in (clusters.T, (table["ra"], table["dec"])))
    separation = truth.match_to_catalog_sky(found)[1].arcmin
    assert np.median(separation) < 0.5 * PIXEL
    assert np.mean(separation < 2 * PIXEL) > 0.9  # clusters that overlap share a peak


def test_the_command_stacks_as_on_the_plane(kappa_file, clusters, tmp_path, capsys):
    table, output = tmp_path / "clusters.csv", tmp_path / "stack.json"
    Table({"ra": [*clusters[:, 0], 200.0], "dec": [*clusters[:, 1], 0.0]}).write(table)
    options = ["--radius", "120", "--rings", "4", "--draws", "60"]
    main(["stack", str(kappa_file), str(table), "-o", str(output), *options])
    assert "note: 60 of 61 positions lie in the map" in capsys.readouterr().err
    found = json.loads(output.read_text())["profile"]
    there = blobs(clusters, 0.05, 2.0)[hp.ang2pix(NSIDE, *clusters.T, lonlat=True)]
    assert found["mean"][0] == pytest.approx(there.mean(), rel=0.05)
    assert found["mean"][0] > 2 * found["mean"][-1]
    assert min(found["random_snr"][0], found["turned_snr"][0]) > 4


@pytest.mark.parametrize("place", [(40.0, 3.0), (12.0, 89.9), (0.1, -60.0)])
def test_a_profile_is_that_of_what_is_there(place):
    image = SphereImage(blobs([place], 1.0, 6.0))
    radius = np.array([0.0, 3.0, 6.0])
    found = profile(image, unit_vectors(*place)[None], radius * PIXEL)
    np.testing.assert_allclose(found, np.exp(-(radius**2) / 72), rtol=0.03)


def test_errors_of_a_stack_are_those_of_noise():
    """Of white noise at places, whose scatter a draw of independent ones shows."""
    rng = np.random.default_rng(5)
    values = rng.standard_normal(PIXELS)
    values[np.abs(hp.pix2ang(NSIDE, np.arange(PIXELS), lonlat=True)[1]) > 30] = np.nan
    image = SphereImage(values)
    places = image.random(50, rng)
    assert image.inside(places).all()
    found = stack(image, places, np.zeros(1), 300, rng)
    each = np.nanstd(image.around(image.random(20_000, rng), 0.0)) / np.sqrt(50)
    assert found.random.std() == pytest.approx(each, rel=0.15)
    assert found.rotated.std() == pytest.approx(each, rel=0.2)
    turned = image.turned(places, rng)
    np.testing.assert_allclose(turned @ turned.T, places @ places.T, atol=1e-12)


@pytest.mark.parametrize("name", ["kappa.fits", "kappa.hsp"])
def test_turned_shear_through_the_prior(name, sky_prior, tmp_path, capsys):
    """KAPPA of `lofi map`, its peaks, and those of turned shear through the same prior."""
    if name.endswith("hsp"):
        pytest.importorskip("healsparse")
    nside = 32
    folder = Path(shutil.copytree(sky_prior, tmp_path / "mine"))
    save_errors(folder, ErrorBars(8), 8, read_record(folder), description="quantiles of nothing")
    noise = np.full(12 * nside**2, 30 * NOISE * NOMINAL / pixel_arcmin(nside))
    noise[hp.query_disc(nside, [1, 0, 0], 0.4)] = np.inf
    gamma = np.where(np.isfinite(noise), complex_noise(noise, np.random.default_rng(3)), 0.0)
    columns, cards = shear_columns(SphereShear(gamma, noise, nside))
    shear, kappa, output = (tmp_path / name for name in ("shear.fits", name, "peaks.csv"))
    healpix.write(shear, columns, np.isfinite(noise), simulated=True, history=[], cards=cards)
    main(["map", str(shear), "--prior", str(folder), "-o", str(kappa), "--redshift", "0.9"])
    main(["peaks", str(kappa), "-o", str(output), "--prior", str(folder), "--rotations", "2", "--min-snr", "1"])
    said = capsys.readouterr().err
    assert "note: 2 maps of turned shear: about " in said
    words = said.split("KAPPA: ")[-1]
    peaks, false = int(words.split()[0]), float(words.split("turned shear has ")[1].split()[0])
    assert peaks == pytest.approx(false, abs=5 * np.sqrt(false))  # there was noise alone
    table = Table.read(output)
    assert len(table) == peaks
    assert np.all(np.diff(table["false"][np.argsort(-table["snr"])]) >= 0)
    with pytest.raises(SystemExit):
        main(["peaks", str(kappa), "-o", str(output)])
    assert "another prior than convergence; name it with --prior" in capsys.readouterr().err


def test_what_cannot_be_used_is_one_sentence(kappa_file, tmp_path, capsys):
    output = tmp_path / "peaks.csv"

    def refused(words, *arguments):
        with pytest.raises(SystemExit):
            main(["peaks", str(kappa_file), "-o", str(output), *arguments])
        error = capsys.readouterr().err.strip().splitlines()
        assert len(error) == 1
        assert words in error[0]

    refused("has no map GAMMA1; map the shear again")
    if kappa_file.suffix == ".fits":
        fits.setval(kappa_file, "ORDERING", value="OTHER", ext=1)
        refused("has ORDERING OTHER; expected RING or NESTED", "--rotations", "0")
        fits.setval(kappa_file, "ORDERING", value="RING", ext=1)
        fits.setval(kappa_file, "COORDSYS", value="G", ext=1)
        refused("has COORDSYS G; expected C", "--rotations", "0")
    assert not output.exists()


def test_aperture_mass_is_of_the_plane(tmp_path, capsys):
    shear = SphereShear(np.full(PIXELS, 0.01 + 0j), np.full(PIXELS, 0.1), NSIDE)
    columns, cards = shear_columns(shear)
    columns |= {"KAPPA": (np.ones(PIXELS), ""), "KAPPA_STD": (np.ones(PIXELS), "")}
    healpix.write(tmp_path / "kappa.fits", columns, shear.seen, simulated=True, history=[], cards=cards)
    with pytest.raises(SystemExit):
        main(["peaks", str(tmp_path / "kappa.fits"), "-o", str(tmp_path / "p.csv"), "--aperture-mass", "60"])
    assert "is a HEALPix map; --aperture-mass is of a field on a plane" in capsys.readouterr().err
