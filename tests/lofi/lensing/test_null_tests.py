"""Null tests: uniform p-values on clean catalogues, small ones where a systematic is injected."""

import csv
import json
from dataclasses import replace

import mock_surveys
import numpy as np
import pytest
from astropy.table import Table
from mock_surveys import clean_p_values, gaussian_shear, mock_survey
from scipy import stats

from lofi.cli import main
from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.null_tests.b_mode import ApertureMass, b_mode_tests
from lofi.lensing.null_tests.blocks import Slope, sky_blocks
from lofi.lensing.null_tests.cosmic_shear import aperture_mass, simulated_shear
from lofi.lensing.null_tests.overview import overview
from lofi.lensing.null_tests.suite import null_tests
from lofi.lensing.tangent_plane import unit_vectors

PIXEL = 4.0  # arcmin
LEAST = 0.005  # of the probability that uniform numbers differ so much from uniform ones


def of_blocks(catalogue):
    """All but the B mode: no aperture of such pixels fits into the field."""
    tests, notes, _ = null_tests(catalogue, 20.0, np.random.default_rng(0))
    assert any("the B mode is not tested" in note for note in notes)
    return {test.name: test for test in tests}


def test_p_values_of_clean_catalogues_are_uniform():
    """With cosmic shear, behind holes; `benchmarks/null_tests.py` has more of them."""
    p_values = clean_p_values(60, rotations=39)
    assert len(p_values) == 7
    for name, values in p_values.items():
        assert stats.kstest(values, "uniform").pvalue > LEAST, name


def test_an_e_mode_has_no_cross_component_and_a_b_mode_has_nothing_else():
    """Noise-free, behind holes: what is left is a hundredth of what the same field has turned by 45°."""
    rng = np.random.default_rng(4)
    weight = np.ones((60, 60))
    y, x = np.mgrid[:60, :60]
    for a, b, radius in ((10, 20, 4), (40, 45, 6), (50, 5, 3)):
        weight[np.hypot(x - a, y - b) < radius] = 0.0
    mass = ApertureMass(weight, (2.0,))
    shears = [gaussian_shear(rng, 60) for _ in range(20)]
    cross = np.mean([mass.modes(weight * shear)[0] for shear in shears])
    turned = np.mean([mass.modes(1j * weight * shear)[0] for shear in shears])
    assert turned > 0
    assert abs(cross) < 0.01 * turned


def test_injected_systematics_fail_and_their_values_are_found():
    """A leakage of 2 %, a slope against the size and an additive bias, in a million galaxies."""
    clean = mock_survey(np.random.default_rng(11), side=180, density=8.0, psf=0.08)
    assert not any(test.fails for test in of_blocks(clean).values())
    extra = 0.02 * clean.psf + 0.02 * (clean.psf_size - 1) + 0.01 - 0.015j
    tests = of_blocks(replace(clean, e1=clean.e1 + extra.real, e2=clean.e2 + extra.imag))
    injected = {"PSF ellipticity, leakage alpha": 0.02, "PSF size, slope of shear": 0.02}
    for name, value in {**injected, "additive bias c1": 0.01, "additive bias c2": -0.015}.items():
        assert tests[name].fails, tests[name]
        assert tests[name].value == pytest.approx(value, abs=3 * tests[name].error)
    assert not tests["depth, slope of the scatter"].fails


def test_an_injected_b_mode_fails():
    rng = np.random.default_rng(12)
    catalogue = mock_survey(rng, side=60, density=6.0, b_mode=2.0)
    assert all(test.fails for test in b_mode_tests(catalogue, overview(catalogue, PIXEL), PIXEL, rng, rotations=199)[0])


def test_the_scatter_of_a_clear_e_mode_is_no_b_mode(monkeypatch):
    """Cosmic shear far above the noise, as of very many galaxies."""
    monkeypatch.setattr(mock_surveys, "SIGMA_E", 0.05)
    p_values, skies = [], []
    for seed in range(24):
        rng = np.random.default_rng([15, seed])
        catalogue = mock_survey(rng, side=30, density=4.0)
        tests, amplitude = b_mode_tests(catalogue, overview(catalogue, 2.0), 2.0, rng, rotations=39)
        p_values.append(tests[0].p_value)
        skies.append(amplitude)
    assert np.median(skies) == pytest.approx(1, abs=0.2)
    assert stats.kstest(p_values, "uniform").pvalue > LEAST


def test_simulated_shear_has_the_spectrum():
    """Of which the aperture mass is an integral, and which has no B mode."""
    rng, mass = np.random.default_rng(16), ApertureMass(np.ones((64, 64)), (3.0,))
    cross, aperture = np.mean([mass.modes(simulated_shear((64, 64), PIXEL, rng)) for _ in range(30)], axis=0)[:, 0]
    assert aperture == pytest.approx(aperture_mass(np.radians(3.0 * PIXEL / 60)), rel=0.2)
    assert abs(cross) < 0.03 * aperture


def test_depth_that_changes_the_scatter_fails():
    catalogue = mock_survey(np.random.default_rng(13), side=60, density=6.0)
    dense = catalogue.ra > np.median(catalogue.ra)  # half of the galaxies of the other side are taken away
    keep = dense | (np.arange(len(catalogue)) % 2 == 0)
    noisy = np.where(dense, 1.1, 1.0)
    rows = {key: getattr(catalogue, key)[keep] for key in ("ra", "dec", "weight", "psf", "psf_size")}
    thinned = replace(catalogue, e1=(catalogue.e1 * noisy)[keep], e2=(catalogue.e2 * noisy)[keep], **rows)
    tests = {test.name: test for test in null_tests(thinned, 4.0, np.random.default_rng(0), rotations=100)[0]}
    assert tests["depth, slope of the scatter"].fails
    assert not tests["depth, slope of shear"].fails


def test_a_wide_survey_is_tested_in_patches():
    rng = np.random.default_rng(14)
    count = 20_000
    ra, dec = rng.uniform(0, 90, count), np.degrees(np.arcsin(rng.uniform(-0.5, 0.5, count)))
    e1, e2 = 0.3 * rng.standard_normal((2, count))
    catalogue = ShearCatalogue(ra, dec, e1, e2, np.ones(count))
    tests, notes, _ = null_tests(catalogue, 15.0, rng, rotations=100)
    assert len([test for test in tests if test.name.startswith("B mode")]) == 1
    assert any("PSF leakage is not tested" in note for note in notes)
    assert not any(test.fails for test in tests)


def test_fields_of_a_wide_survey_hold_galaxies_far_from_most():
    """Of two parts of 10°, most of whose galaxies are in a corner."""
    rng = np.random.default_rng(15)
    sides = np.repeat([1.0, 10.0], [4000, 400])
    ra, dec = (np.concatenate([start + sides * rng.random(4400) for start in starts]) for starts in ((0, 30.2), (0, 0)))
    e1, e2 = 0.3 * rng.standard_normal((2, len(ra)))
    catalogue = ShearCatalogue(ra, dec, e1, e2, np.ones(len(ra)))
    assert b_mode_tests(catalogue, overview(catalogue, 15.0), 15.0, rng, rotations=20)[0]


def test_blocks_are_compact_and_equal():
    catalogue = mock_survey(np.random.default_rng(2), side=40, density=3.0)
    directions = unit_vectors(catalogue.ra, catalogue.dec)
    blocks = sky_blocks(directions).number(directions)
    counts = np.bincount(blocks)
    assert len(counts) == 16
    assert np.ptp(counts) <= 6
    for block in range(16):
        assert np.ptp(directions[blocks == block], axis=0).max() < 0.5 * np.ptp(directions, axis=0).max()
    with pytest.raises(ValueError, match="are too few for null tests; expected at least 800"):
        sky_blocks(directions[:500])


def test_the_error_of_a_slope_is_that_of_its_scatter():
    rng = np.random.default_rng(6)
    cause, blocks, weight = rng.standard_normal(20_000), np.arange(20_000) // 320, np.ones(20_000)

    def slope(response, cause, **options):
        found = Slope("PSF size", 63, **options)
        found.add(response, cause, weight, blocks)
        return found

    responses = [0.3 * rng.standard_normal(20_000) for _ in range(60)]
    tests = [slope(response, cause).test() for response in responses]
    assert np.std([test.value for test in tests]) == pytest.approx(0.3 / np.sqrt(20_000), rel=0.3)
    assert np.mean([test.error for test in tests]) == pytest.approx(0.3 / np.sqrt(20_000), rel=0.1)
    far = slope(responses[0], 1e6 + cause)
    assert not far.constant
    assert far.test().value == pytest.approx(tests[0].value, rel=1e-6)
    relative = slope(responses[0], 10 + cause, relative="cause").test()
    assert relative.value == pytest.approx(tests[0].value * (10 + cause.mean()), rel=1e-6)
    assert slope(cause, np.full(20_000, 0.3)).constant
    assert slope(cause, 0.3 * (1 + 1e-15 * cause)).constant
    assert slope(cause, np.zeros(20_000, complex)).constant


def test_a_constant_column_ends_its_own_test_alone():
    clean = mock_survey(np.random.default_rng(17), side=30, density=4.0)
    constant = replace(clean, psf_size=np.full(len(clean), 0.7))
    tests, notes, _ = null_tests(constant, 20.0, np.random.default_rng(0))
    assert "PSF size, slope of shear: not tested, its column is constant" in notes
    assert {test.name for test in tests} == set(of_blocks(clean)) - {"PSF size, slope of shear"}


def test_galaxies_without_ellipticities_are_refused():
    clean = mock_survey(np.random.default_rng(17), side=30, density=4.0)
    with pytest.raises(ValueError, match="all ellipticities of 'catalogue' are zero"):
        null_tests(replace(clean, e1=0 * clean.e1, e2=0 * clean.e2), PIXEL, np.random.default_rng(0))


# The command


@pytest.fixture(scope="module")
def catalogue_file(tmp_path_factory):
    survey = mock_survey(np.random.default_rng(21), side=50, density=2.0, offset=0.02)
    table = {"ra": survey.ra, "dec": survey.dec, "e1": survey.e1, "e2": -survey.e2, "w": survey.weight}
    table |= {"p1": survey.psf.real, "p2": -survey.psf.imag, "size": survey.psf_size}
    path = tmp_path_factory.mktemp("survey") / "cat.fits"
    Table(table).write(path)
    return path


COLUMNS = "ra=ra,dec=dec,e1=e1,e2=e2,weight=w"


def test_the_command_prints_and_writes_the_tests(catalogue_file, tmp_path, capsys):
    options = ["--e2-sign", "-1", "--max-ellipticity", "2", "--rotations", "100", "--pixel-arcmin", "4"]
    columns = ["--columns", f"{COLUMNS},psf_e1=p1,psf_e2=p2,psf_size=size"]
    for name in ("checks.json", "checks.csv"):
        main(["check", str(catalogue_file), *columns, *options, "-o", str(tmp_path / name)])
    printed = capsys.readouterr()
    assert "additive bias c1" in printed.out
    assert "warning: the catalogue fails the null test additive bias c1" in printed.err
    record = json.loads((tmp_path / "checks.json").read_text())
    rows = list(csv.DictReader((tmp_path / "checks.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == [test["name"] for test in record["tests"]]
    values = {test["name"]: test for test in record["tests"]}
    assert values["additive bias c1"]["value"] == pytest.approx(0.02, abs=3 * values["additive bias c1"]["error"])
    assert {"PSF ellipticity, leakage alpha", "PSF size, slope of shear", "B mode, aperture 8'"} <= set(values)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "checks.txt"], "must end in .json or .csv"),
        (["--rotations", "10"], "expected at least 100"),
        *((["--pixel-arcmin", value], f"--pixel-arcmin is {value}; expected a finite") for value in ("0", "-3", "nan")),
        (["--columns", f"{COLUMNS},psf_e1=p1"], "lack ['psf_e2']"),
        (["--columns", f"{COLUMNS},psf_e1=p1,psf_e2=q"], "has no column 'q'"),
        (["--survey", "kids-1000", "--hdu", "1"], "has no column"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(arguments, sentence, catalogue_file, capsys):
    default = [] if "--columns" in arguments or "--survey" in arguments else ["--columns", COLUMNS]
    with pytest.raises(SystemExit) as end:
        main(["check", str(catalogue_file), "--max-ellipticity", "2", *default, *arguments])
    error = capsys.readouterr().err
    assert end.value.code == 1
    assert sentence in error
    assert error.count("error:") == 1
