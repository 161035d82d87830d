"""`lofi peaks`: peaks where they are, aperture mass as its definition says, false peaks as many as noise makes."""

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from scipy.ndimage import grey_dilation, label
from scipy.signal import fftconvolve

from lofi.cli import main
from lofi.io.fits import write_maps
from lofi.lensing.aperture_mass import FILTERS, aperture_mass, kernel, starlet_u
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.peaks import false_rate, find_peaks, turned
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header

CENTRE, PIXEL, SIDE = (40.0, -60.0), 1.0, 64


def blobs(places, heights, width=2.5, side=SIDE):
    y, x = np.mgrid[:side, :side]
    return sum(
        h * np.exp(-0.5 * ((y - a) ** 2 + (x - b) ** 2) / width**2) for (a, b), h in zip(places, heights, strict=True)
    )


def test_peaks_between_pixels_and_beside_masks():
    image = blobs([(20.3, 30.4), (45.0, 12.7)], [0.2, 0.1])
    image[45, 15:] = np.nan
    peaks = find_peaks(image, image / 0.02, 3.0)
    np.testing.assert_allclose(peaks.y, [20.3, 45.0], atol=0.05)
    np.testing.assert_allclose(peaks.x, [30.4, 12.7], atol=0.05)
    np.testing.assert_allclose(peaks.width, 2.5, rtol=0.1)
    assert peaks.snr[0] > peaks.snr[1] > 4.9
    assert len(find_peaks(image, image / 0.02, 6.0).snr) == 1
    assert len(find_peaks(-image, -image / 0.02, 0.0).snr) == 0


@pytest.mark.parametrize("beside", [(0, 1), (1, -1), (1, 0), (1, 1)])
def test_neighbours_of_one_height_are_one_peak(beside):
    image = blobs([(20.0, 30.0), (45.0, 12.0)], [0.2, 0.1])
    image[20 + beside[0], 30 + beside[1]] = image[20, 30]
    peaks = find_peaks(image, image / 0.02, 3.0)
    assert list(zip(peaks.row, peaks.column, strict=True)) == [(20, 30), (45, 12)]


PLATEAUS = {  # rows and columns from the first pixel
    "V": [(0, 0), (0, 2), (1, 1)],
    "upside down": [(0, 1), (1, 0), (1, 2)],
    "S": [(0, 1), (0, 2), (1, 0), (2, 1), (2, 2), (3, 0)],
    "ring": [(i, j) for i in range(4) for j in range(4) if {i, j} & {0, 3}],
}


@pytest.mark.parametrize("shape", PLATEAUS)
def test_a_plateau_is_one_peak_and_none_below_a_higher_pixel(shape):
    image = blobs([(20.0, 30.0), (45.0, 12.0)], [0.2, 0.1])
    rows, columns = np.array(PLATEAUS[shape]).T
    image[19 + rows, 29 + columns] = 0.25
    peaks = find_peaks(image, image / 0.02, 3.0)
    found = list(zip(peaks.row.tolist(), peaks.column.tolist(), strict=True))
    assert (19 + rows[0], 29 + columns[0]) in found
    assert sum(image[place] == 0.25 for place in found) == 1
    image[19 + rows.max() + 1, 29 + columns[-1]] = 0.3
    peaks = find_peaks(image, image / 0.02, 3.0)
    assert not (image[peaks.row, peaks.column] == 0.25).any()


def test_plateaus_of_maps_of_few_values_are_counted_one_by_one():
    """Against the labels of all pixels of each value."""
    image = np.random.default_rng(4).integers(-2, 6, (60, 50)).astype(float)
    expected = 0
    for value in range(1, 6):
        parts, count = label(image == value, np.ones((3, 3)))
        around = (grey_dilation(image, (3, 3), mode="constant", cval=-9) > value) * parts
        expected += count - len(np.unique(around[around > 0]))
    assert len(find_peaks(image, image, 1.0).snr) == expected > 50


def test_a_peak_is_not_lost_to_a_neighbour_that_does_not_pass():
    image, snr = blobs([(20.0, 30.0)], [0.2]), np.full((64, 64), 5.0)
    image[20, 29] = image[20, 30]
    snr[20, 29] = 3.0
    peaks = find_peaks(image, snr, 4.0)
    assert (20, 30) in zip(peaks.row.tolist(), peaks.column.tolist(), strict=True)


def schneider_u(x):
    return np.where(x < 1, 9 / np.pi * (1 - x**2) * (1 / 3 - x**2), 0.0)  # Schneider et al. (1998)


@pytest.mark.parametrize(("name", "u"), [("schneider", schneider_u), ("starlet", starlet_u)])
def test_aperture_mass_is_the_convergence_under_u(name, u):
    """What the shear says through Q is what the convergence says through U, which is independent code."""
    scale, reach = 6.0, 12
    kappa = blobs([(20.3, 30.4), (45.0, 12.7), (33, 50)], [0.2, 0.1, -0.1])
    mass, _, _ = aperture_mass(shear_from_convergence(kappa), np.full(kappa.shape, 0.1), name, scale)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    expected = fftconvolve(kappa, u(np.hypot(x, y) / scale) / scale**2, mode="same")
    inside = (slice(16, -16),) * 2
    assert np.abs(mass - expected)[inside].max() < 0.03 * np.abs(expected).max()


@pytest.mark.parametrize("name", FILTERS)
def test_filters_see_no_constant_shear_and_noise_has_the_signal_to_noise_one(name):
    rng = np.random.default_rng(1)
    assert abs(kernel(name, 5.0).sum()) < 1e-6 * np.abs(kernel(name, 5.0)).sum()
    noise_std = rng.uniform(0.1, 0.4, (128, 128))
    noise_std[50:70, 40:80] = np.inf
    scatter = rng.standard_normal((2, 128, 128))
    gamma = np.where(np.isfinite(noise_std), np.nan_to_num(noise_std, posinf=0) * (scatter[0] + 1j * scatter[1]), 0)
    _, snr, cross = aperture_mass(gamma, noise_std, name, 3.0)
    assert snr.std() == pytest.approx(1, abs=0.05)
    assert cross.std() == pytest.approx(1, abs=0.05)


def test_mass_has_no_cross_component():
    gamma = shear_from_convergence(blobs([(32, 32)], [0.3]))
    _, snr, cross = aperture_mass(gamma, np.full(gamma.shape, 0.05), "schirmer", 8.0)
    assert np.unravel_index(snr.argmax(), snr.shape) == (32, 32)
    assert np.abs(cross[16:48, 16:48]).max() < 0.02 * snr.max()


def test_false_peaks_of_turned_shear_are_those_of_noise():
    rng = np.random.default_rng(2)
    noise_std = np.full((96, 96), 0.2)

    def peaks(gamma):
        _, snr, _ = aperture_mass(gamma, noise_std, "schirmer", 4.0)
        return find_peaks(snr, snr, 2.0).snr

    def noise():
        return 0.2 * (rng.standard_normal((96, 96)) + 1j * rng.standard_normal((96, 96)))

    one = noise()
    false = [peaks(turned(one, rng)) for _ in range(12)]
    independent = [len(peaks(noise())) for _ in range(12)]
    rate = false_rate(np.array([2.0, 9.0]), false)
    assert rate[0] == pytest.approx(np.mean(independent), abs=4 * np.sqrt(np.mean(independent) / 6))
    assert rate[1] == 0


@pytest.fixture
def map_file(tmp_path):
    """A file as of `lofi map`, of two clusters behind a mask; without noise in KAPPA."""

    def write(name="kappa.fits", without=()):
        kappa = blobs([(20.3, 30.4), (45.0, 12.7)], [0.2, 0.1])
        scatter = 0.05 * np.random.default_rng(3).standard_normal((2, SIDE, SIDE))
        gamma = shear_from_convergence(kappa) + scatter[0] + 1j * scatter[1]
        mask = np.ones(kappa.shape, bool)
        mask[5:9, 50:60] = False
        images = {"KAPPA": kappa, "KAPPA_STD": 0.02 + 0 * kappa, "GAMMA1": gamma.real, "GAMMA2": gamma.imag}
        images |= {"NOISE_STD": 0.05 + 0 * kappa}
        maps = {key: (np.where(mask, image, np.nan), "") for key, image in images.items() if key not in without}
        wcs = wcs_header(tangent_wcs(CENTRE, PIXEL, kappa.shape))
        write_maps(tmp_path / name, maps | {"MASK": (mask, "")}, wcs, simulated=True, history=["made by a test"])
        return tmp_path / name

    return write


def refused(arguments, capsys, *words):
    with pytest.raises(SystemExit):
        main(["peaks", *map(str, arguments)])
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1
    assert error[0].startswith("error: ")
    for word in words:
        assert word in error[0]


def test_the_command_writes_positions_on_the_sky(map_file, tmp_path, capsys):
    output = tmp_path / "peaks.fits"
    main(["peaks", str(map_file()), "-o", str(output), "--rotations", "0"])
    assert "note: KAPPA: 2 peaks with a signal to noise of 3 or more" in capsys.readouterr().err
    with fits.open(output, checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[0].header["SIMULATD"] is True
        table = hdus["PEAKS"].data
        assert list(hdus["PEAKS"].columns.units) == ["deg", "deg", "", "", "arcmin"]
    here = SkyCoord(table["ra"], table["dec"], unit="deg")
    middle = SkyCoord(*CENTRE, unit="deg")
    for place, found in zip([(20.3, 30.4), (45.0, 12.7)], here, strict=True):
        west, north = place[1] - (SIDE - 1) / 2, place[0] - (SIDE - 1) / 2
        angle, away = (
            np.arctan2(-west, north) * units.rad,
            np.arctan(np.radians(np.hypot(west, north) / 60)) * units.rad,
        )
        expected = middle.directional_offset_by(angle, away)
        assert found.separation(expected).arcmin < 0.1
    np.testing.assert_allclose(table["snr"], table["kappa"] / 0.02, rtol=1e-6)
    main(["peaks", str(map_file()), "-o", str(tmp_path / "peaks.csv"), "--rotations", "0", "--min-snr", "6"])
    text = Table.read(tmp_path / "peaks.csv")
    assert len(text) == 1
    assert text["ra"][0] == pytest.approx(table["ra"][0])


def test_the_highest_convergence_is_first_whatever_its_signal_to_noise(map_file, tmp_path):
    path, output = map_file(), tmp_path / "peaks.csv"
    with fits.open(path, mode="update") as hdus:
        hdus["KAPPA_STD"].data[40:50, 8:18] = 0.001  # at the lower of the two peaks
    main(["peaks", str(path), "-o", str(output), "--rotations", "0"])
    table = Table.read(output)
    assert table["kappa"][0] > table["kappa"][1]
    assert table["snr"][0] < table["snr"][1]


def test_the_command_measures_aperture_mass(map_file, tmp_path, capsys):
    output = tmp_path / "peaks.fits"
    apertures = ["--aperture-mass", "4,8", "--filter", "starlet", "--rotations", "5"]
    main(["peaks", str(map_file()), "-o", str(output), *apertures])
    assert "aperture mass, 8': " in capsys.readouterr().err
    with fits.open(output) as hdus:
        table = hdus["PEAKS"].data
        assert set(table["scale"]) <= {4.0, 8.0}
        assert np.all(np.diff(table["snr"]) <= 0)
        assert np.all(np.diff(table["false"][table["scale"] == 4]) >= 0)
        assert table["false"][0] == 0
        assert np.isnan(hdus["MAP_SNR_1"].data[6, 55])
        assert np.nanmax(hdus["MAP_SNR_2"].data) == pytest.approx(table["snr"][table["scale"] == 8].max(), rel=1e-5)


def test_a_map_is_opened_once(map_file, tmp_path, monkeypatch):
    path, opened, open_fits = map_file(), [], fits.open
    monkeypatch.setattr(fits, "open", lambda *given, **options: opened.append(given) or open_fits(*given, **options))
    main(["peaks", str(path), "-o", str(tmp_path / "peaks.csv"), "--aperture-mass", "4", "--rotations", "1"])
    assert len(opened) == 1


def test_bad_input_is_one_sentence(map_file, tmp_path, capsys):
    output = tmp_path / "peaks.csv"
    without = map_file("a.fits", without=["KAPPA_STD"])
    refused([without, "-o", output, "--rotations", 0], capsys, "KAPPA_STD", "--errors")
    refused([map_file("b.fits", without=["GAMMA1"]), "-o", output], capsys, "GAMMA1", "--rotations 0")
    refused([map_file(), "-o", output, "--aperture-mass", "100"], capsys, "--aperture-mass is 100", "2 to 32 arcmin")
    refused([map_file(), "-o", output, "--aperture-mass", "4,4"], capsys, "twice")
    refused([map_file(), "-o", tmp_path / "peaks.txt"], capsys, ".fits or .csv")
    refused([map_file(), "-o", output, "--rotations", -1], capsys, "--rotations is -1")
    refused([map_file(), "-o", map_file()], capsys, "is the input itself")
    refused([tmp_path / "none.fits", "-o", output], capsys, "there is no map")
    table = tmp_path / "positions.csv"
    table.write_text("ra,dec\n40,-60\n")
    refused([table, "-o", output], capsys, "positions.csv' is no FITS file; expected a file of `lofi map`")
    refused([map_file(), "-o", output], capsys, "another prior than convergence", "--prior")
    assert not output.exists()


def test_turned_shear_through_the_prior(tmp_path, capsys, map_file):
    """KAPPA of `lofi map`, its peaks, and those of two maps of turned shear through the same prior."""
    shear, kappa, output = map_file("shear.fits"), tmp_path / "mapped.fits", tmp_path / "peaks.csv"
    main(["map", str(shear), "-o", str(kappa), "--redshift", "0.9"])
    main(["peaks", str(kappa), "-o", str(output), "--rotations", "1", "--min-snr", "1"])
    assert "note: 1 map of turned shear: about " in capsys.readouterr().err
    main(["peaks", str(kappa), "-o", str(output), "--rotations", "2", "--min-snr", "1"])
    said = capsys.readouterr().err
    assert "note: 2 maps of turned shear: about " in said
    assert "randomly turned shear has " in said
    table = Table.read(output)
    x, y = tangent_wcs(CENTRE, PIXEL, (SIDE, SIDE)).world_to_pixel(SkyCoord(table["ra"], table["dec"], unit="deg"))
    first = np.hypot(y - 20.3, x - 30.4).argmin()
    assert np.hypot(y[first] - 20.3, x[first] - 30.4) < 2
    assert table["false"][first] == 0
    with fits.open(kappa) as hdus:
        found = hdus["KAPPA"].data[round(y[first]), round(x[first])]
    assert found == pytest.approx(table["kappa"][first], rel=1e-5)
