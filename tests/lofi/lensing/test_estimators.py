"""Estimators: injected responses and biases are recovered, from every layout that publishes them; bad ones are refused.

Ellipticities come in pairs that cancel, as do the scatters of responses: what is left of an injected bias is then
far below the standard error of the catalogue, which is that of its shape noise.
"""

import h5py
import numpy as np
import pytest
from astropy.table import Table

from lofi.cli import main
from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.estimators import KEYS
from lofi.lensing.shear_file import open_shear
from lofi.lensing.surveys import SURVEYS, with_survey

HALF = 2000
COUNT = 4 * HALF
RESPONSE, M, C = 0.7, 0.02, 5e-4
STANDARD_ERROR = 0.25 / np.sqrt(COUNT)
COLUMNS = {key: key for key in ("ra", "dec", "e1", "e2", "weight")}
SUFFIXES = ("1p", "1m", "2p", "2m")
STEPS = {"1p": 0.01, "1m": -0.01, "2p": 0.01j, "2m": -0.01j}


class Sky:
    """Galaxies with a true shear, whose intrinsic ellipticities cancel in groups of four."""

    def __init__(self, seed=3):
        rng = np.random.default_rng(seed)
        self.ra, self.dec = 40 + rng.random(COUNT), rng.random(COUNT)
        quarter = 0.25 * (rng.standard_normal(HALF) + 1j * rng.standard_normal(HALF))
        self.intrinsic = np.concatenate([quarter, -quarter, 1j * quarter, -1j * quarter])
        self.shear = np.tile(0.02 * (rng.standard_normal(HALF) + 1j * rng.standard_normal(HALF)), 4)
        self.weight = np.tile(0.5 + rng.random(HALF), 4)
        scatter = 0.3 * rng.standard_normal(HALF)
        self.response = RESPONSE + np.concatenate([scatter, -scatter, -scatter, scatter])
        self.bin = np.tile(rng.integers(1, 4, HALF), 4)
        self.snr = np.tile(rng.uniform(5, 30, HALF), 4)

    def table(self, ellipticity, **more):
        return {
            **{"ra": self.ra, "dec": self.dec, "e1": ellipticity.real, "e2": ellipticity.imag, "weight": self.weight},
            **more,
        }

    def sheared(self, step=0.0):
        """As metacalibration measures them: the response multiplies the shear, and one step of an artificial one."""
        return self.intrinsic + RESPONSE * self.shear + self.response * step


@pytest.fixture(scope="module")
def sky():
    return Sky()


def read(path, columns=COLUMNS, **options):
    return read_catalogue(open_shear(path), CatalogueOptions(columns, max_ellipticity=2.0, **options))


def write(path, table):
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for group, columns in table.items():
                for name, values in columns.items():
                    file[f"{group}/{name}"] = values
    else:
        Table(table).write(path)
    return path


def biases(catalogue, sky, where=slice(None)):
    """Slope − 1 and offset of the shear of a catalogue against the truth: m and c of what is left."""
    shear, truth = (catalogue.e1 + 1j * catalogue.e2)[where], sky.shear[where]
    design = np.stack([truth, np.ones_like(truth)], axis=-1)
    slope, offset = np.linalg.lstsq(design, shear, rcond=None)[0]
    return slope - 1, offset


def assert_recovered(catalogue, sky, where=slice(None)):
    slope, offset = biases(catalogue, sky, where)
    assert abs(slope) < STANDARD_ERROR / 0.02  # of a slope: over the dispersion of the shear
    assert abs(slope) < M / 4
    assert abs(offset) < STANDARD_ERROR
    assert abs(offset) < C / 4


# Injected biases


@pytest.mark.parametrize("how", ["numbers", "columns", "bins", "edges"])
def test_multiplicative_and_additive_biases_are_taken_off(how, sky, tmp_path):
    m = {"bins": np.array([0, M, -M, 2 * M])[sky.bin], "edges": np.where(sky.bin < 2, M, -M)}.get(how, M)
    m = np.broadcast_to(m, COUNT)
    measured = sky.intrinsic + (1 + m) * sky.shear + C - 2j * C
    path = write(
        tmp_path / "cat.fits", sky.table(measured, m=m, c1=np.full(COUNT, C), c2=np.full(COUNT, -2 * C), z=sky.bin)
    )
    given, columns = {"m": M, "c1": C, "c2": -2 * C}, COLUMNS
    if how == "columns":
        given, columns = {}, COLUMNS | {"m": "m", "c1": "c1", "c2": "c2"}
    elif how == "bins":
        given = {"bins": "z", "m": [M, -M, 2 * M], "c1": [C] * 3, "c2": -2 * C}
    elif how == "edges":
        given = {"bins": "z=0.5,1.5,3.5", "m": [M, -M], "c1": C, "c2": -2 * C}
    catalogue = read(path, columns, estimator="lensfit", **given)
    for number in (1, 2, 3):
        assert_recovered(catalogue, sky, sky.bin == number)
    assert abs(biases(read(path), sky)[1]) > C  # not without them


def test_a_bias_changes_nothing_where_it_is_zero(sky, tmp_path):
    path = write(tmp_path / "cat.fits", sky.table(sky.sheared()))
    plain, zero = read(path), read(path, m=0.0, c1=0.0, c2=0.0)
    np.testing.assert_array_equal(plain.e1, zero.e1)
    np.testing.assert_array_equal(plain.e2, zero.e2)


def test_signs_come_after_the_calibration(sky, tmp_path):
    path = write(tmp_path / "cat.fits", sky.table(sky.intrinsic.conj() + sky.shear.conj() + C + 1j * C))
    assert_recovered(read(path, c1=C, c2=C, e2_sign=-1), sky)


def test_hsc_divides_by_twice_the_response_of_each_bin(sky, tmp_path):
    dispersion = np.array([0, 0.36, 0.4, 0.44])[sky.bin]
    response = 1 - dispersion**2
    measured = 2 * response * (sky.intrinsic / 2 + (1 + M) * sky.shear + C)
    more = {"rms": dispersion, "m": np.full(COUNT, M), "c1": np.full(COUNT, C), "bin": sky.bin}
    path = write(tmp_path / "cat.fits", sky.table(measured, **more))
    columns = COLUMNS | {"rms_e": "rms", "m": "m", "c1": "c1"}
    assert_recovered(read(path, columns, estimator="hsc-regauss", bins="bin"), sky)


# Responses


def test_the_response_is_the_mean_of_its_columns(sky, tmp_path):
    one = np.full(COUNT, 0.02)
    path = write(tmp_path / "cat.fits", sky.table(sky.sheared(), R11=sky.response, R22=sky.response, R12=0 * one))
    columns = COLUMNS | {"r11": "R11", "r22": "R22", "r12": "R12"}
    catalogue = read(path, columns, estimator="metacal")
    assert_recovered(catalogue, sky)
    assert any("metacal divided by 0.7" in note for note in catalogue.notes)


def test_the_whole_matrix_of_the_response_is_inverted(sky, tmp_path):
    matrix = np.array([[0.8, 0.05], [-0.1, 0.6]])
    vector = matrix @ np.stack([sky.shear.real, sky.shear.imag])
    entries = {f"R{i + 1}{j + 1}": np.full(COUNT, matrix[i, j]) for i in (0, 1) for j in (0, 1)}
    path = write(tmp_path / "cat.fits", sky.table(sky.intrinsic + vector[0] + 1j * vector[1], **entries))
    columns = COLUMNS | {name.lower(): name for name in entries}
    assert_recovered(read(path, columns, estimator="metacal"), sky)


def test_bins_have_responses_of_their_own(sky, tmp_path):
    response = np.array([0, 0.5, 0.7, 0.9])[sky.bin]
    path = write(tmp_path / "cat.fits", sky.table(sky.intrinsic + response * sky.shear, R=response, cell=sky.bin))
    catalogue = read(path, COLUMNS | {"r11": "R", "r22": "R"}, estimator="metacal", bins="cell")
    for number in (1, 2, 3):
        assert_recovered(catalogue, sky, sky.bin == number)


def test_metacal_takes_its_variants_from_columns(sky, tmp_path):
    table = sky.table(sky.sheared())
    for suffix, step in STEPS.items():
        table |= {f"e1_{suffix}": sky.sheared(step).real, f"e2_{suffix}": sky.sheared(step).imag}
    catalogue = read(write(tmp_path / "cat.fits", table), estimator="metacal")
    assert_recovered(catalogue, sky)


def variant_tables(sky, names, rows=lambda suffix: slice(None)):
    """The tables of a file whose variants are tables of their own."""
    tables = {names[""]: sky.table(sky.sheared(), snr=sky.snr)}
    for suffix, step in STEPS.items():
        table = sky.table(sky.sheared(step), snr=sky.snr)
        tables[names[suffix]] = {name: values[rows(suffix)] for name, values in table.items()}
    return tables


@pytest.mark.parametrize(
    "names",
    [
        {"": "mdet/noshear", **{suffix: f"mdet/{suffix}" for suffix in SUFFIXES}},
        {"": "shear/00", **{suffix: f"shear/{suffix}" for suffix in SUFFIXES}},
        {"": "catalog/unsheared", **{suffix: f"catalog/sheared_{suffix}" for suffix in SUFFIXES}},
    ],
)
def test_metadetect_takes_its_variants_from_tables(names, sky, tmp_path):
    """Each with galaxies of its own: whole groups of four are missing."""

    def rows(suffix):
        missing = np.zeros(HALF, bool)
        missing[SUFFIXES.index(suffix) * 20 :][:20] = True
        return ~np.tile(missing, 4)

    path = write(tmp_path / "cat.h5", variant_tables(sky, names, rows))
    assert_recovered(read(path, estimator="metadetect"), sky)  # the unsheared table is known by its name
    assert_recovered(read(path, estimator="metadetect", hdu=names[""]), sky)


@pytest.mark.parametrize("columns_of_response", [False, True])
def test_the_selection_has_a_response(columns_of_response, sky, tmp_path):
    """A cut on what shear changes prefers galaxies along the shear; its response is compared with a direct sum."""
    tables = variant_tables(sky, {"": "unsheared", **{suffix: f"sheared_{suffix}" for suffix in SUFFIXES}})
    selection = 0.004
    for suffix, step in STEPS.items():
        chance = np.random.default_rng(5).random(COUNT)
        along = np.where(np.real(sky.intrinsic * np.conj(step)) > 0, 1.0, -1.0)
        tables[f"sheared_{suffix}"]["snr"] = np.where(chance < 0.5 + selection * along, 20.0, 5.0)
    tables["unsheared"]["snr"] = np.full(COUNT, 20.0)
    columns = COLUMNS
    if columns_of_response:
        tables["unsheared"]["R"] = sky.response
        columns = COLUMNS | {"r11": "R", "r22": "R"}
    path = write(tmp_path / "cat.h5", tables)
    catalogue = read(path, columns, estimator="metacal", hdu="unsheared", select="snr > 10")
    total = RESPONSE + direct_selection(sky, tables)
    assert total > 1.1 * RESPONSE
    assert np.polyfit(sky.sheared().real / total, catalogue.e1, 1)[0] == pytest.approx(1, abs=0.02)
    assert any("selection" in note for note in catalogue.notes)


def direct_selection(sky, tables):
    """Response of the cut on the unsheared ellipticities, summed up by hand: mean of both components."""
    parts = []
    for axis, component in (("1", sky.sheared().real), ("2", sky.sheared().imag)):
        means = []
        for sign in "pm":
            kept = tables[f"sheared_{axis}{sign}"]["snr"] > 10
            means.append(np.average(component[kept], weights=sky.weight[kept]))
        parts.append((means[0] - means[1]) / 0.02)
    return np.mean(parts)


# Refusals


def refused(sentence, path, columns=COLUMNS, **options):
    with pytest.raises(ValueError, match=sentence) as caught:
        read(path, columns, **options)
    assert "\n" not in str(caught.value)


def test_responses_that_cannot_be_are_refused(sky, tmp_path):
    for name, response in {"near": 0.03, "negative": -0.4, "nan": np.nan}.items():
        table = sky.table(sky.sheared(), R=np.append(np.full(COUNT - 1, RESPONSE), RESPONSE))
        table["R"] = np.full(COUNT, response) if name != "nan" else np.append(table["R"][:-1], response)
        write(tmp_path / f"{name}.fits", table)
    columns = COLUMNS | {"r11": "R", "r22": "R"}
    for name in ("near", "negative"):
        refused("mean response of .* expected R of metacal", tmp_path / f"{name}.fits", columns, estimator="metacal")
    refused("1 of 8000 rows with NaN .*'R': 1", tmp_path / "nan.fits", columns, estimator="metacal")
    with pytest.warns(UserWarning, match="left out"):
        assert len(read(tmp_path / "nan.fits", columns, estimator="metacal", drop_invalid=True)) == COUNT - 1


def test_a_response_of_one_bin_that_cannot_be_names_the_bin(sky, tmp_path):
    response = np.array([0, 0.7, 0.7, -0.1])[sky.bin]
    path = write(tmp_path / "cat.fits", sky.table(sky.sheared(), R=response, z=sky.bin))
    refused("in the bin 3 is -0.1", path, COLUMNS | {"r11": "R", "r22": "R"}, estimator="metacal", bins="z")


def test_files_without_all_variants_are_refused(sky, tmp_path):
    plain = write(tmp_path / "plain.fits", sky.table(sky.sheared()))
    refused("has no sheared variants 1p, 1m, 2p, 2m of 'e1'", plain, estimator="metacal")
    refused("lacks the tables of metadetect's variants", plain, estimator="metadetect")
    names = {"": "noshear", **{suffix: suffix for suffix in SUFFIXES}}
    tables = variant_tables(sky, names)
    del tables["2m"]
    refused("lacks the tables", write(tmp_path / "three.h5", tables), estimator="metadetect")
    refused("r11 or r22 alone", plain, COLUMNS | {"r11": "e1"}, estimator="metacal")


def test_nan_in_a_variant_is_refused(sky, tmp_path):
    tables = variant_tables(sky, {"": "noshear", **{suffix: suffix for suffix in SUFFIXES}})
    tables["1m"]["e2"] = np.append(tables["1m"]["e2"][:-1], np.nan)
    path = write(tmp_path / "cat.h5", tables)
    refused("NaN or missing ellipticities in 1 rows of its variant 1m", path, estimator="metadetect")
    read(path, estimator="metadetect", drop_invalid=True)


def test_bins_that_cannot_be_are_refused(sky, tmp_path):
    weight = np.where(sky.bin == 2, 0.0, 1.0)
    path = write(tmp_path / "cat.fits", sky.table(sky.sheared()) | {"weight": weight, "z": sky.bin, "x": sky.snr})
    refused("no galaxy of positive weight in the bin 2 of 'z'", path, bins="z")
    refused("no galaxy of positive weight in the bin 1.5 to 2.5", path, bins="z=0.5,1.5,2.5,3.5")
    refused("does not number bins", path, bins="x")
    refused("rising edges", path, bins="z=1,3,2")
    refused("rising edges", path, bins="z=low,high")
    refused(
        "2 values of m for 3 bins",
        write(tmp_path / "b.fits", sky.table(sky.sheared(), z=sky.bin)),
        bins="z",
        m=[0, 0.1],
    )
    refused("but no bins", path, m=[0.0, 0.1])


def test_biases_that_cannot_be_are_refused(sky, tmp_path):
    path = write(tmp_path / "cat.fits", sky.table(sky.sheared(), m=np.full(COUNT, 1.02)))
    refused("m is 1.02 .* expected numbers between", path, m=1.02)
    refused("c1 is nan", path, c1=np.nan)
    refused("as a number and as a column", path, COLUMNS | {"m": "m"}, m=0.1)
    refused("m of .* is 1.02 in the mean", path, COLUMNS | {"m": "m"})
    refused("--responsivity of lensfit is 1 \\+ m", path, estimator="lensfit", responsivity=0.98, m=0.02)


def test_galaxies_outside_the_bins_are_left_out(sky, tmp_path):
    path = write(tmp_path / "cat.fits", sky.table(sky.sheared(), z=np.where(sky.bin == 3, np.nan, sky.bin)))
    catalogue = read(path, bins="z=0.5,1.5")
    assert len(catalogue) == np.count_nonzero(sky.bin == 1)
    assert any("outside left out" in note for note in catalogue.notes)


# Presets


def test_presets_name_columns_and_conventions_alone(capsys):
    for survey in SURVEYS.values():
        assert set(survey.options) <= {"estimator", "hdu", "columns", "e1_sign", "e2_sign", "max_ellipticity"}
        assert set(survey.options["columns"]) <= set(KEYS)
    main(["surveys"])
    printed = capsys.readouterr().out
    assert all(f"\n{name}:" in f"\n{printed}" for name in SURVEYS)
    assert "--columns ra=ALPHA_J2000,dec=DELTA_J2000,e1=e1,e2=e2,weight=weight" in printed


def test_options_win_over_a_preset():
    options = with_survey({"survey": "des-y3", "hdu": "other", "columns": {"weight": "w"}, "m": -0.02})
    assert options["hdu"] == "other"
    assert options["m"] == -0.02
    assert options["estimator"] == "metacal"
    assert options["columns"]["weight"] == "w"
    assert options["columns"]["e1"] == "e_1"
    with pytest.raises(ValueError, match="expected one of des-y3"):
        with_survey({"survey": "des-y9"})


def test_a_file_laid_out_as_des_y3_is_read_by_its_preset(sky, tmp_path):
    measured = sky.sheared()
    unsheared = {"ra": sky.ra, "dec": sky.dec, "e_1": measured.real, "e_2": measured.imag, "weight": sky.weight}
    unsheared |= {f"R{i}{j}": sky.response if i == j else 0 * sky.ra for i in (1, 2) for j in (1, 2)}
    options = with_survey({"survey": "des-y3", "max_ellipticity": 2.0})
    assert_recovered(read_from(write(tmp_path / "cat.h5", {"catalog/unsheared": unsheared}), options), sky)


def test_a_file_laid_out_as_hsc_y3_is_read_by_its_preset(sky, tmp_path):
    response = 1 - 0.4**2
    measured = 2 * response * (sky.intrinsic / 2 + (1 + M) * sky.shear + C).conj()
    names = SURVEYS["hsc-y3"].options["columns"]
    table = {names["ra"]: sky.ra, names["dec"]: sky.dec, names["e1"]: measured.real, names["e2"]: measured.imag}
    table |= {names["weight"]: sky.weight, names["rms_e"]: np.full(COUNT, 0.4), names["m"]: np.full(COUNT, M)}
    table |= {names["c1"]: np.full(COUNT, C), names["c2"]: np.zeros(COUNT)}
    assert_recovered(read_from(write(tmp_path / "cat.fits", table), with_survey({"survey": "hsc-y3"})), sky)


def read_from(path, options):
    return read_catalogue(open_shear(path), CatalogueOptions(**options))
