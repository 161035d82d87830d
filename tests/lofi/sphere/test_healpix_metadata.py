"""What a HEALPix shear map says about its frame, pixels, noise and missing values."""

import warnings

import healpy as hp
import numpy as np
import pytest
from astropy.io import fits

from lofi.lensing.shear_file import open_shear
from lofi.sphere.shear_map import read_shear

NSIDE, PIXELS = 8, 768
RNG = np.random.default_rng(2)
GAMMA = 0.1 * (RNG.standard_normal(PIXELS) + 1j * RNG.standard_normal(PIXELS))  # against (West, North)
NOISE = 0.05 + 0.01 * RNG.random(PIXELS)
HEADER = {"PIXTYPE": "HEALPIX", "NSIDE": NSIDE, "ORDERING": "RING", "COORDSYS": "C", "POLCCONV": "COSMO"}


def table(columns=None, name="MAPS", units=None, nulls=None, **cards):
    """A HEALPix table; `cards` change the header, None removes one."""
    columns = {"GAMMA1": -GAMMA.real, "GAMMA2": GAMMA.imag, "NOISE_STD": NOISE} if columns is None else columns
    forms = {"i": "J", "f": "D"}
    stored = [
        fits.Column(
            key, forms[values.dtype.kind], array=values, unit=(units or {}).get(key), null=(nulls or {}).get(key)
        )
        for key, values in columns.items()
    ]
    hdu = fits.BinTableHDU.from_columns(stored, name=name)
    hdu.header.update({key: value for key, value in (HEADER | cards).items() if value is not None})
    return hdu


def write(path, *tables):
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)
    return open_shear(path)


def read(path, *tables, **options):
    return read_shear(write(path, *(tables or [table()])), **options)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sky.fits"


# Frames: what a line along East–West and one along North–South look like in each. COSMO: (South, East); IAU: (North,
# East); TREECORR: (West, North).
COMPONENTS = {"COSMO": (-1, 1), "IAU": (-1, -1), "TREECORR": (1, 1)}


@pytest.mark.parametrize("frame", COMPONENTS)
@pytest.mark.parametrize("stated", [True, False])
def test_every_frame_has_a_name(frame, stated, path):
    signs = COMPONENTS[frame]
    columns = {"E1": signs[0] * GAMMA.real, "E2": signs[1] * GAMMA.imag, "NOISE_STD": NOISE}
    map_ = table(columns, POLCCONV=frame if stated else None)
    shear = read(path, map_, **({} if stated else {"convention": frame}))
    np.testing.assert_allclose(shear.gamma, GAMMA)


def test_signs_come_on_top_of_the_convention(path):
    columns = {"E1": -GAMMA.real, "E2": -GAMMA.imag, "NOISE_STD": NOISE}
    shear = read(path, table(columns, POLCCONV=None), convention="TREECORR", e1_sign=-1, e2_sign=-1)
    np.testing.assert_allclose(shear.gamma, GAMMA)


def test_without_a_frame_all_names_are_offered(path):
    with pytest.raises(ValueError, match=r"lacks POLCCONV.*--convention COSMO or IAU or TREECORR"):
        read(path, table(POLCCONV=None))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"COUNT": np.full(PIXELS, 25.0)}, 0.3 / 5),
        ({"WEIGHT": np.full(PIXELS, 70.0), "W2SUM": np.full(PIXELS, 650.0)}, 0.3 * np.sqrt(650) / 70),
        ({"WEIGHT": np.full(PIXELS, 70.0), "WEIGHT_SQ": np.full(PIXELS, 650.0)}, 0.3 * np.sqrt(650) / 70),
        ({"WSUM": np.full(PIXELS, 70.0), "W2SUM": np.full(PIXELS, 650.0)}, 0.3 * np.sqrt(650) / 70),
        ({"WEIGHT": np.full(PIXELS, 70.0), "NOISE_STD": np.full(PIXELS, 0.1)}, 0.1),
    ],
)
def test_the_noise_of_counts_and_weights(columns, expected, path):
    shear = read(path, table({"GAMMA1": -GAMMA.real, "GAMMA2": GAMMA.imag} | columns), sigma_e=0.3)
    np.testing.assert_allclose(shear.noise_std, expected)


def test_a_sum_of_weights_alone_does_not_tell_the_noise(path):
    columns = {"GAMMA1": -GAMMA.real, "GAMMA2": GAMMA.imag, "WEIGHT": np.full(PIXELS, 70.0)}
    with pytest.raises(
        ValueError, match=r"WEIGHT, the sum of weights, but not .* W2SUM; expected it, or NOISE_STD, or COUNT"
    ):
        read(path, table(columns), sigma_e=0.3)


@pytest.mark.parametrize(
    ("change", "cards"),
    [
        (hp.UNSEEN, {}),
        (np.nan, {}),
        (-1.0e6, {"BAD_DATA": -1.0e6}),
        (-99.0, {}),
        (1e20, {}),
    ],
)
def test_pixels_without_data_are_masked(change, cards, path):
    first = -GAMMA.real.copy()
    first[[3, 70]] = change
    shear = read(path, table({"GAMMA1": first, "GAMMA2": GAMMA.imag, "NOISE_STD": NOISE}, **cards))
    expected = np.ones(PIXELS, bool)
    expected[[3, 70]] = False
    np.testing.assert_array_equal(shear.seen, expected)
    np.testing.assert_allclose(shear.gamma[expected], GAMMA[expected])


def test_bad_data_says_nothing_of_pixels_and_counts(path):
    pixel, count = np.arange(100), np.full(100, 25, np.int32)
    columns = {"PIXEL": pixel, "GAMMA1": -GAMMA.real[pixel], "GAMMA2": GAMMA.imag[pixel], "COUNT": count}
    shear = read(path, table(columns, BAD_DATA=0.0), sigma_e=0.3)
    assert shear.seen[:100].all()


def test_null_integers_are_masked(path):
    count = np.full(PIXELS, 25, np.int32)
    count[5] = -1
    columns = {"GAMMA1": -GAMMA.real, "GAMMA2": GAMMA.imag, "COUNT": count}
    shear = read(path, table(columns, nulls={"COUNT": -1}), sigma_e=0.3)
    assert np.flatnonzero(~shear.seen).tolist() == [5]


def test_percent_is_converted_other_units_are_refused(path, tmp_path):
    columns = {"GAMMA1": -100 * GAMMA.real, "GAMMA2": 100 * GAMMA.imag, "NOISE_STD": 100 * NOISE}
    shear = read(path, table(columns, units=dict.fromkeys(columns, "percent")))
    np.testing.assert_allclose(shear.gamma, GAMMA)
    np.testing.assert_allclose(shear.noise_std, NOISE)
    with pytest.raises(ValueError, match=r"GAMMA1 .* has the unit 'K'"):
        read(tmp_path / "kelvin.fits", table(units={"GAMMA1": "K"}))


@pytest.mark.parametrize("ordering", ["RING", "NESTED", "NEST"])
@pytest.mark.parametrize("first", [0, 100])
@pytest.mark.parametrize("form", ["PIXEL", "FIRSTPIX"])
def test_partial_maps(ordering, form, first, path):
    pixel = np.arange(first, 300)
    ring = pixel if ordering == "RING" else hp.nest2ring(NSIDE, pixel)
    columns = {"GAMMA1": -GAMMA.real[ring], "GAMMA2": GAMMA.imag[ring], "NOISE_STD": NOISE[ring]}
    cards = {"ORDERING": ordering}
    if form == "PIXEL":
        columns, cards = {"PIXEL": pixel} | columns, cards | {"INDXSCHM": "EXPLICIT"}
    else:
        cards |= {"INDXSCHM": "IMPLICIT", "FIRSTPIX": first, "LASTPIX": 299}
    shear = read(path, table(columns, **cards))
    np.testing.assert_array_equal(np.flatnonzero(shear.seen), np.sort(ring))
    np.testing.assert_allclose(shear.gamma[ring], GAMMA[ring])


@pytest.mark.parametrize(
    ("cards", "sentence"),
    [
        ({"COORDSYS": "G"}, r"COORDSYS G; expected C.*healpy.Rotator"),
        ({"COORDSYS": "E"}, "COORDSYS E"),
        ({"RADESYS": "FK4", "EQUINOX": 1950.0}, "FK4 B1950; expected a HEALPix map in ICRS or J2000"),
        ({"INDXSCHM": "EXPLICIT"}, "INDXSCHM EXPLICIT but no column PIXEL"),
        ({"POLCCONV": "EAST"}, "POLCCONV is 'EAST'"),
        ({"NSIDE": 100}, "NSIDE"),
        ({"BAD_DATA": "UNSEEN"}, "BAD_DATA 'UNSEEN'; expected a number"),
    ],
)
def test_what_cannot_be_converted_is_refused(cards, sentence, path):
    with pytest.raises(ValueError, match=sentence):
        read(path, table(**cards))


@pytest.mark.parametrize(
    "cards", [{"COORDSYS": "EQUATORIAL"}, {"RADESYS": "ICRS"}, {"RADESYS": "FK5", "EQUINOX": 2000.0}]
)
def test_equatorial_maps_need_no_word(cards, path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(path, table(**cards)).notes == ()


def test_several_tables_are_asked_for(path):
    second = table({"GAMMA1": GAMMA.real, "GAMMA2": GAMMA.imag, "NOISE_STD": NOISE}, name="BIN2")
    file = write(path, table(name="BIN1"), second, table({"DEPTH": NOISE}, name="DEPTH"))
    with pytest.raises(ValueError, match=r"several HEALPix tables with shear: 1 BIN1, 2 BIN2; choose one with --hdu"):
        read_shear(file)
    shear = read_shear(file, hdu="BIN2")
    np.testing.assert_allclose(shear.gamma, -GAMMA.conj())
    assert "table 2 BIN2" in shear.notes
