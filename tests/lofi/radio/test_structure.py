"""Is a structure real? The law of p on Gaussian noise, structures that are there, and files that cannot be used."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from scipy.stats import binomtest

from lofi.cli import main
from lofi.io.radio_fits import write_radio_set
from lofi.radio.beam import Beam
from lofi.radio.structure import noise_of, region_structure, structure
from lofi.seeds import stream

SHAPE, CELL, CENTRE, NOISE = (40, 48), 2.0, (40.0, -30.0), 1e-3
BEAM = Beam(4.0, 4.0, 0.0)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]
INSIDE = np.hypot(Y - 20, X - 24) < 4
SURFACE = 0.5 + 0.01 * (X - 20) - 0.02 * Y
CIRCLE = f'fk5\ncircle({CENTRE[0]},{CENTRE[1]},8")\n'
HEADER = {"cell_arcsec": CELL, "centre": CENTRE, "frequency_hz": 1e9, "bandwidth_hz": 1e6, "simulated": True}


def psf(width=BEAM):
    return width.at(X - SHAPE[1] // 2, Y - SHAPE[0] // 2)


def correlated(rng):
    """Noise of standard deviation NOISE whose correlation is that of `psf`: white noise through its square root."""
    root = Beam(BEAM.bmaj / 2**0.5, BEAM.bmin / 2**0.5, 0.0).at(X - SHAPE[1] // 2, Y - SHAPE[0] // 2)
    kernel = np.fft.rfft2(np.fft.ifftshift(root)) / np.linalg.norm(root)
    return NOISE * np.fft.irfft2(np.fft.rfft2(rng.normal(size=SHAPE)) * kernel, SHAPE)


def test_p_has_the_law_of_gauss_where_the_surroundings_are_smooth():
    """Of two standard normal numbers the one nearer to 0 counts; p is never too small."""
    found = [structure(SURFACE + correlated(stream("law", i)), psf(), NOISE, INSIDE, BEAM) for i in range(400)]
    ratio = np.array([each.height / each.noise for each in found])
    assert 0.6 < ratio.std() < 1.05
    assert abs(ratio.mean()) < 0.15
    for level in (0.01, 0.1, 0.5):
        below = sum(each.p < level for each in found)
        assert binomtest(below, len(found), level, "greater").pvalue > 1e-3
    assert sum(each.p < 0.1 for each in found) > 0.03 * len(found)  # nor far too large


@pytest.mark.parametrize("sign", [1, -1])
def test_a_structure_of_the_region_is_real_and_has_its_height(sign):
    gaussian = Beam(4.5, 4.5, 0.0).at(X - 24, Y - 20)
    found = [
        structure(SURFACE + sign * 8 * NOISE * gaussian + correlated(stream("seen", i)), psf(), NOISE, INSIDE, BEAM)
        for i in range(50)
    ]
    assert sum(each.real for each in found) >= 45
    assert np.mean([each.height for each in found]) == pytest.approx(sign * 8 * NOISE, rel=0.15)


def test_the_unit_and_a_plane_change_nothing():
    image = 5 * NOISE * Beam(4.5, 4.5, 0.0).at(X - 24, Y - 20) + correlated(stream("unit"))
    found = structure(image, psf(), NOISE, INSIDE, BEAM)
    other = structure(1e6 * (image + 0.5 + 0.01 * X - 0.02 * Y), psf(), 1e6 * NOISE, INSIDE, BEAM)
    assert other.p == pytest.approx(found.p, rel=1e-3)
    assert other.height == pytest.approx(1e6 * found.height, rel=1e-3)


def emission(rng, amount):
    """Diffuse emission, its power falling as k^-3, of `amount` times the noise over a beam; and noise."""
    y, x = (np.fft.fftfreq(size) for size in SHAPE)
    wavenumbers = np.hypot(y[:, None], x[: SHAPE[1] // 2 + 1])
    wavenumbers[0, 0] = np.inf
    seen = np.abs(np.fft.rfft2(np.fft.ifftshift(psf()))) * wavenumbers**-1.5
    field = np.fft.irfft2(np.fft.rfft2(rng.normal(size=SHAPE)) * seen, SHAPE)
    return amount * NOISE * field / (field - np.roll(field, 4, 0)).std() + correlated(rng)


def test_diffuse_emission_is_not_real_and_a_structure_in_it_is():
    """At five times the error stated for it; that is smaller than the emission's own scatter within the region."""
    bump, alarms, seen = Beam(4.5, 4.5, 0.0).at(X - 24, Y - 20), 0, 0
    for i in range(100):
        image = emission(stream("emission", i), 30)
        without = structure(image, psf(), NOISE, INSIDE, BEAM)
        alarms += without.real
        seen += structure(image + 5 * without.error * bump, psf(), NOISE, INSIDE, BEAM).real
        assert 3 * without.noise < without.error < 60 * NOISE
    assert alarms <= 4  # at 1 %; 5 or more have a probability of 0.003
    assert seen >= 90


def test_a_large_region_takes_a_coarser_grid_of_pixels():
    y, x = np.mgrid[:120, :140]
    inside = np.hypot(y - 60, x - 70) < 30
    image = 0.1 * NOISE * stream("large").normal(size=y.shape)
    large = Beam(30.0, 30.0, 0.0).at(x - 70, y - 60)
    wide = BEAM.at(x - 70, y - 60)
    assert not structure(image, wide, NOISE, inside, BEAM).real
    found = structure(image + 20 * NOISE * large, wide, NOISE, inside, BEAM)
    assert found.real
    assert found.pixels == inside.sum()


@pytest.mark.parametrize(("fwhm", "peak"), [(12.0, 20), (16.0, 50), (24.0, 10)])  # pixels; of the noise
def test_the_smooth_peak_of_a_larger_source_is_not_real(fwhm, peak):
    image = peak * NOISE * Beam(fwhm, fwhm, 0.0).at(X - 24, Y - 20)
    found = [structure(image + correlated(stream("peak", i)), psf(), NOISE, INSIDE, BEAM).real for i in range(60)]
    assert sum(found) <= 3


def test_a_bump_among_bumps_is_not_shown_to_be_real():
    waves = 0.02 * np.sin(X * 0.9) * np.sin(Y * 0.9)  # 20 times the noise, as wide as the region
    alone = -0.02 * Beam(4.0, 4.0, 0.0).at(X - 22.7, Y - 19.2)
    inside = np.hypot(Y - 19.2, X - 22.7) < 4
    assert structure(alone, psf(), NOISE, inside, BEAM).p < 1e-6
    assert not structure(waves, psf(), NOISE, inside, BEAM).real


@pytest.fixture
def files(tmp_path):
    """Files of an image of a smooth sky with one structure."""
    image = SURFACE + 20 * NOISE * Beam(4.5, 4.5, 0.0).at(X - 24, Y - 20)
    residual = correlated(stream("files"))
    images = {"image": (image + residual, "Jy/beam"), "residual": (residual, "Jy/beam"), "psf": (psf(), "Jy/beam")}
    size = BEAM.bmaj * CELL / 3600
    history = [f"noise {NOISE:.3g} Jy/beam, rms of the residual {residual.std():.3g} Jy/beam"]
    write_radio_set(tmp_path / "sky", images, beam=(size, size, 0.0), history=history, **HEADER)
    (tmp_path / "circle.reg").write_text(CIRCLE)
    return tmp_path


def told(capsys, *arguments):
    try:
        main(["structure", *map(str, arguments)])
    except SystemExit:
        return capsys.readouterr().err
    return capsys.readouterr().out


def test_the_command_decides(files, capsys):
    words = told(capsys, files / "sky", files / "circle.reg")
    assert "real at 1 %" in words
    assert "not shown" not in words
    found = region_structure(files / "sky", files / "circle.reg")
    direct = structure(SURFACE * 0, psf(), NOISE, INSIDE, BEAM)
    assert found.noise == pytest.approx(direct.noise, rel=0.25)
    (files / "empty.reg").write_text(f'fk5\ncircle({CENTRE[0]},{CENTRE[1] - 20 / 3600},6")\n')
    assert "not shown to be real at 1 %" in told(capsys, files / "sky", files / "empty.reg")


def test_a_residual_that_is_larger_than_the_noise_counts(files):
    before = region_structure(files / "sky", files / "circle.reg").noise
    size = BEAM.bmaj * CELL / 3600
    wrong = {"residual": (10 * correlated(stream("files")), "Jy/beam")}
    write_radio_set(files / "sky", wrong, beam=(size, size, 0.0), **HEADER)
    assert region_structure(files / "sky", files / "circle.reg").noise > 5 * before


def test_what_cannot_be_tested_ends_in_a_sentence(files, capsys):
    region = files / "circle.reg"
    for text, words in {
        "fk5\ncircle(50,-30,0.001)\n": "has no pixel of the image",
        "fk5\ncircle(40,-30,1)\n": "covers the whole image",
        'fk5\nbox(40,-30,200",78")\n': "too few pixels of the image surround the region",
        "": "holds no region",
    }.items():
        region.write_text(text)
        assert words in told(capsys, files / "sky", region)
    region.write_text(CIRCLE)
    place = {"ra_deg": [CENTRE[0], CENTRE[0]], "dec_deg": [CENTRE[1], CENTRE[1] + 1], "flux_error_jy": [1.0, 1.0]}
    pd.DataFrame(place).to_csv(files / "sky-components.csv", index=False)
    assert "holds 1 of the unresolved sources of" in told(capsys, files / "sky", region)
    place["dec_deg"][0] += 25 / 3600
    pd.DataFrame(place).to_csv(files / "sky-components.csv", index=False)
    assert "real at 1 %" in told(capsys, files / "sky", region)
    assert "sky2-image.fits does not exist" in told(capsys, files / "sky2", region)
    (files / "sky-psf.fits").unlink()
    assert "sky-psf.fits does not exist" in told(capsys, files / "sky", region)


@pytest.mark.parametrize(
    ("card", "value", "words"),
    [("BMAJ", "abc", "must be numbers of degrees"), ("BMAJ", 10.0, "does not fit into the image")],
)
def test_beams_that_cannot_be_are_refused(card, value, words, files, capsys):
    with fits.open(files / "sky-image.fits", mode="update") as hdus:
        hdus[0].header[card] = value
    assert words in told(capsys, files / "sky", files / "circle.reg")


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_psf_that_is_none_is_refused(value, files, capsys):
    with fits.open(files / "sky-psf.fits", mode="update") as hdus:
        hdus[0].data[:] = value
    said = told(capsys, files / "sky", files / "circle.reg")
    assert "sky-psf.fits is no point spread function; it must be finite, at least 4 pixels wide and 1 in its" in said


def test_blank_pixels_of_the_residual_do_not_count(files, capsys):
    header, residual = fits.Header(), np.append(np.random.default_rng(0).normal(0, 2.0, 1000), np.nan)
    assert noise_of(header, residual) == pytest.approx(2.0, rel=0.1)
    with pytest.raises(ValueError, match="the residual is blank everywhere"):
        noise_of(header, np.full(3, np.nan))


def test_cubes_are_refused(files, capsys):
    with fits.open(files / "sky-image.fits", mode="update") as hdus:
        hdus[0].data = np.repeat(hdus[0].data.reshape(1, 1, *SHAPE), 2, 1)
    assert "is a cube of 2 planes" in told(capsys, files / "sky", files / "circle.reg")
