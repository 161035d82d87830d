"""What a UVFITS file says about its numbers is obeyed, converted, warned of or refused."""

import gzip

import astropy.units as units
import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, SkyCoord
from astropy.io import fits
from uvfits import EAST, FLUX, FREQUENCY, JULIAN, NORTH, groups, write

from lofi.radio.visibilities.flux_units import to_jansky
from lofi.radio.visibilities.read import read_visibilities

B1950 = FK4(equinox="B1950")
CENTRE = SkyCoord(202.5 * units.deg, -30.7 * units.deg, frame=B1950)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.uvfits"


def expected(visibilities, east=EAST, north=NORTH):
    return FLUX * np.exp(-2j * np.pi * (visibilities.u * east + visibilities.v * north))


# Units


@pytest.mark.parametrize(
    ("bunit", "factor"),
    [("JY", 1), ("Jy", 1), ("jy", 1), ("", 1), ("mJy", 1e-3), ("mjy", 1e-3), ("uJy", 1e-6), ("kJy", 1e3)],
)
def test_multiples_of_jansky_are_converted_with_their_noise(path, bunit, factor):
    rows, data = groups()
    plain = read_visibilities(write(path, rows, data))
    scaled = data / factor
    scaled[..., 2] = data[..., 2] * factor**2
    read = read_visibilities(write(path, rows, scaled, cards={"BUNIT": bunit}))
    np.testing.assert_allclose(read.values, plain.values, rtol=1e-6)
    np.testing.assert_allclose(read.sigma, plain.sigma, rtol=1e-6)
    assert any("BUNIT" in note for note in read.notes) == (factor != 1)
    assert read.warnings == ()


@pytest.mark.parametrize("bunit", ["K STR", "K*SR", "K sr"])
def test_kelvin_times_steradian_is_converted_at_the_frequency_of_each_sample(bunit):
    frequency = np.array([1e9, 1.4e9])
    factor, notes, _ = to_jansky("a", bunit, frequency)
    rayleigh_jeans = (1 * units.K).to(units.Jy / units.sr, units.brightness_temperature(frequency * units.Hz))
    np.testing.assert_allclose(factor, rayleigh_jeans.value, rtol=1e-9)
    assert "K" in notes[0]


@pytest.mark.parametrize("bunit", ["K", "JY/BEAM", "Jy/beam", "V", "MJY"])
def test_what_is_no_flux_density_is_refused(path, bunit):
    with pytest.raises(ValueError, match=rf"data.uvfits has BUNIT {bunit}"):
        read_visibilities(write(path, *groups(), cards={"BUNIT": bunit}))


@pytest.mark.parametrize("bunit", ["UNCALIB", "WHATEVER"])
def test_words_that_are_no_unit_are_warned_of(path, bunit):
    (warning,) = read_visibilities(write(path, *groups(), cards={"BUNIT": bunit})).warnings
    assert f"BUNIT {bunit} is no unit: the flux scale is unknown" in warning


# Frames


def su_table(epoch, ra=CENTRE.ra.deg, dec=CENTRE.dec.deg):
    columns = [
        fits.Column("ID. NO.", "J", array=[3]),
        fits.Column("SOURCE", "16A", array=["3C286"]),
        fits.Column("RAEPO", "D", array=[ra]),
        fits.Column("DECEPO", "D", array=[dec]),
        fits.Column("EPOCH", "D", array=[epoch]),
    ]
    return fits.BinTableHDU.from_columns(columns, name="AIPS SU")


FRAMES = {
    "EPOCH": {"cards": {"EPOCH": 1950.0}},
    "EQUINOX": {"cards": {"EQUINOX": 1950.0}},
    "RADESYS": {"cards": {"RADESYS": "FK4"}},
    "SU with numbers": {"tables": [su_table(1950.0)], "extra": {"SOURCE": 3.0}, "cards": {"EPOCH": 2000.0}},
    "SU without numbers": {"tables": [su_table(1950.0)]},
    "SU without epoch": {"tables": [su_table(0.0)], "cards": {"EPOCH": 1950.0}},
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_source_of_1950_lies_where_astropy_puts_it(path, frame):
    rows, data = groups()
    options = dict(FRAMES[frame])
    if "extra" in options:
        options["extra"] = {key: np.full(len(rows), value) for key, value in options["extra"].items()}
    read = read_visibilities(write(path, rows, data, **options))
    j2000 = FK5(equinox="J2000")
    source = CENTRE.spherical_offsets_by(EAST * units.rad, NORTH * units.rad).transform_to(j2000)
    centre = SkyCoord(*read.centre, unit="deg", frame=j2000)
    assert centre.separation(CENTRE.transform_to(j2000)).arcsec < 1e-3
    source = SkyCoord(source.ra, source.dec, frame=j2000)
    east, north = (offset.rad for offset in centre.spherical_offsets_to(source))
    assert np.hypot(east - EAST, north - NORTH) > 0.001 * np.hypot(EAST, NORTH)  # the field has turned
    np.testing.assert_allclose(read.values, expected(read, east, north), atol=1e-4 * FLUX)
    assert "FK4 B1950" in " ".join(read.notes)


@pytest.mark.parametrize(
    "cards", [{}, {"EPOCH": 2000.0}, {"EQUINOX": 2000.0}, {"RADESYS": "FK5", "EQUINOX": 2000.0}, {"EPOCH": 0.0}]
)
def test_positions_of_2000_stay(path, cards):
    read = read_visibilities(write(path, *groups(), cards=cards))
    assert read.centre == (202.5, -30.7)
    np.testing.assert_allclose(read.values, expected(read), atol=1e-5)
    assert not any("Phase centre" in note for note in read.notes)


@pytest.mark.parametrize(
    ("cards", "sentence"),
    [
        ({"CROTA7": 30.0}, r"the DEC axis is rotated"),
        ({"RADESYS": "GAPPT"}, "RADESYS GAPPT"),
        ({"EQUINOX": 50.0}, "EQUINOX 50"),
    ],
)
def test_frames_that_are_not_understood_are_refused(path, cards, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_visibilities(write(path, *groups(), cards=cards))


@pytest.mark.parametrize("place", ["header", "SU"])
@pytest.mark.parametrize(("year", "frame"), [(1979.9, FK4(equinox="B1979.9")), (2003.5, FK5(equinox="J2003.5"))])
def test_the_epoch_of_aips_is_an_equinox_of_any_year(path, year, frame, place):
    options = {"cards": {"EPOCH": year}} if place == "header" else {"tables": [su_table(year)]}
    read = read_visibilities(write(path, *groups(), **options))
    ra, dec = (202.5, -30.7) if place == "header" else (CENTRE.ra.deg, CENTRE.dec.deg)
    centre = SkyCoord(ra, dec, unit="deg", frame=frame).transform_to(FK5(equinox="J2000"))
    assert read.centre == pytest.approx((centre.ra.deg, centre.dec.deg), abs=1e-9)


@pytest.mark.parametrize("unit", ["RADIANS", "rad", "hourangle", "arcmin", "DEGREES", "degrees", ""])
def test_units_of_positions_are_converted_in_header_and_source_table(path, unit):
    scale = {"RADIANS": 180 / np.pi, "rad": 180 / np.pi, "hourangle": 15.0, "arcmin": 1 / 60}.get(unit, 1.0)
    cards = {"CRVAL6": 202.5 / scale, "CUNIT6": unit, "CRVAL7": -30.7 / scale, "CUNIT7": unit}
    read = read_visibilities(write(path, *groups(), cards=cards))
    assert read.centre == pytest.approx((202.5, -30.7))
    assert any("converted to degrees" in note for note in read.notes) == (scale != 1)
    table = su_table(2000.0, ra=202.5 / scale, dec=-30.7 / scale)
    table.columns["RAEPO"].unit = table.columns["DECEPO"].unit = unit
    assert read_visibilities(write(path, *groups(), tables=[table])).centre == pytest.approx((202.5, -30.7))


def test_frequencies_in_megahertz_and_axes_with_a_projection_are_understood(path):
    plain = read_visibilities(write(path, *groups()))
    cards = {"CRVAL4": FREQUENCY / 1e6, "CDELT4": 2.0, "CUNIT4": "MHz", "CTYPE6": "RA---SIN", "CTYPE7": "DEC--SIN"}
    read = read_visibilities(write(path, *groups(), cards=cards))
    np.testing.assert_allclose(read.frequency, plain.frequency)
    np.testing.assert_allclose(read.u, plain.u)
    assert read.centre == plain.centre


@pytest.mark.parametrize(
    ("cards", "sentence"),
    [
        ({"CTYPE6": "GLON", "CTYPE7": "GLAT"}, "axis GLON is galactic"),
        ({"CUNIT6": "m"}, "RA axis has CUNIT m; expected deg"),
        ({"CUNIT4": "km"}, "FREQ axis has CUNIT km; expected Hz"),
    ],
)
def test_axes_of_other_systems_and_units_are_refused(path, cards, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_visibilities(write(path, *groups(), cards=cards))


def test_a_source_that_its_table_lacks_is_refused(path):
    rows, data = groups()
    extra = {"SOURCE": np.full(len(rows), 7.0)}
    with pytest.raises(ValueError, match="SOURCE 7 is not in the table AIPS SU, which has 3"):
        read_visibilities(write(path, rows, data, extra=extra, tables=[su_table(2000.0)]))


def test_a_header_that_points_elsewhere_than_the_source_table_is_noted(path):
    rows, data = groups()
    extra = {"SOURCE": np.full(len(rows), 3.0)}
    read = read_visibilities(write(path, rows, data, extra=extra, tables=[su_table(2000.0, ra=203.0)]))
    assert read.centre == (203.0, -30.7)
    assert "The header points at 202.500000 -30.700000 deg; the table AIPS SU counts." in read.notes
    same = read_visibilities(write(path, rows, data, extra=extra, tables=[su_table(2000.0)]))
    assert not any("points at" in note for note in same.notes)


def test_several_sources_have_no_name_of_one(path):
    assert read_visibilities(write(path, *groups(), cards={"OBJECT": "MULTI"})).object == ""


# Flags and calibration


def flag_table(rows):
    """AIPS FG: rows of (SOURCE, SUBARRAY, FREQ ID, ANTS, TIME RANGE, IFS, CHANS, PFLAGS)."""
    names = ("SOURCE", "SUBARRAY", "FREQ ID", "ANTS", "TIME RANGE", "IFS", "CHANS", "PFLAGS")
    forms = ("J", "J", "J", "2J", "2E", "2J", "2J", "4X")
    arrays = [[row[k] for row in rows] for k in range(8)]
    arrays[-1] = np.array(arrays[-1], bool)
    columns = [fits.Column(name, form, array=array) for name, form, array in zip(names, forms, arrays, strict=True)]
    return fits.BinTableHDU.from_columns(columns, name="AIPS FG")


ALL, DAY = (1, 1, 1, 1), (-1.0, 9.0)
FLAGS = [
    (0, 0, 0, (1, 0), DAY, (0, 0), (0, 0), ALL),
    (0, 0, -1, (3, 2), DAY, (0, 0), (0, 0), ALL),
    (0, 1, 0, (0, 0), (0.25005, 9.0), (2, 2), (0, 0), ALL),
    (0, 0, 0, (4, 5), DAY, (1, 1), (2, 3), (1, 0, 0, 0)),
    (0, 0, 0, (2, 4), DAY, (0, 0), (3, 0), ALL),
    (9, 0, 0, (2, 5), DAY, (0, 0), (0, 0), ALL),  # of another source
    (0, 2, 0, (2, 5), DAY, (0, 0), (0, 0), ALL),  # of another subarray
    (0, 0, 0, (2, 5), (0.5, 0.5), (0, 0), (0, 0), ALL),  # of an instant without data
    (0, 0, 0, (3, 5), (0.0, 0.0), (2, 2), (1, 1), (0, 1, 0, 0)),  # of all times
]


def test_flags_are_those_of_a_loop_over_all_samples(path):
    rows, data = groups()
    extra = {"SOURCE": np.full(len(rows), 3.0)}
    cards = {"DATE-OBS": "2017-04-06"}
    assert (JULIAN, cards["DATE-OBS"]) == (2457849.5, "2017-04-06")
    weights = data[..., 2].copy()
    for source, subarray, _, ants, (start, end), ifs, chans, pflags in FLAGS:
        for group in range(len(rows)):
            pair = {int(rows[group, 3]), int(rows[group, 4])}
            wanted = set(ants) - {0}
            inside = start <= rows[group, 5] <= end or (start, end) == (0, 0)
            if source not in (0, 3) or subarray not in (0, 1) or not inside:
                continue
            if wanted and not (wanted == pair or (len(wanted) == 1 and wanted & pair)):
                continue
            for window in range(2):
                for channel in range(3):
                    inside = (ifs == (0, 0) or ifs[0] <= window + 1 <= ifs[1]) and (
                        chans == (0, 0) or chans[0] <= channel + 1 <= (chans[1] or 3)
                    )
                    for stokes in range(4):
                        if inside and pflags[stokes]:
                            weights[group, window, channel, stokes] = 0.0
    edited = data.copy()
    edited[..., 2] = weights
    by_hand = read_visibilities(write(path, rows, edited, extra=extra, cards=cards))
    read = read_visibilities(write(path, rows, data, extra=extra, cards=cards, tables=[flag_table(FLAGS)]))
    whole = read_visibilities(write(path, rows, data, extra=extra, cards=cards))
    assert len(by_hand) < len(whole)
    for name in ("u", "v", "values", "sigma", "frequency"):
        np.testing.assert_array_equal(getattr(read, name), getattr(by_hand, name))
    count = np.count_nonzero(weights == 0)
    assert f"AIPS FG: its 9 rows flag {count} of {weights.size} correlations." in read.notes


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_several_flag_tables_the_highest_version_counts_as_in_aips(path, order):
    rows, data = groups()
    first, second = flag_table(FLAGS[:1]), flag_table(FLAGS[1:2])
    first.ver, second.ver = 1, 2
    both = read_visibilities(write(path, rows, data, tables=[(first, second)[k] for k in order]))
    alone = read_visibilities(write(path, rows, data, tables=[flag_table(FLAGS[1:2])]))
    np.testing.assert_array_equal(both.u, alone.u)
    assert "AIPS FG: of 2 versions the highest, 2, is applied, as AIPS does." in both.notes
    assert not any("versions" in note for note in alone.notes)


@pytest.mark.parametrize("kind", ["CL", "SN", "BP", "BL"])
def test_calibration_that_is_not_applied_is_named(path, kind):
    table = fits.BinTableHDU.from_columns([fits.Column("TIME", "D", array=[0.0])], name=f"AIPS {kind}")
    read = read_visibilities(write(path, *groups(), tables=[table]))
    assert f"AIPS {kind}" in read.warnings[0]
    assert "AIPS SPLIT" in read.warnings[0]
    assert read_visibilities(write(path, *groups())).warnings == ()


def test_blank_marks_packed_integers_as_missing(path):
    rows, data = groups(windows=1, channels=1, stokes=(1,), weight=0.5)
    layout = {"stokes": (1.0, 1.0), "order": ("COMPLEX", "STOKES", "FREQ", "RA", "DEC"), "table": False}
    whole = read_visibilities(write(path, rows, data, **layout))
    packed = write(path, rows, np.rint(data / 1e-4), **layout)
    content = path.read_bytes()
    with fits.open(packed) as hdus:
        header = hdus[0].header.copy()
        parameters, samples = header["PCOUNT"], hdus[0].data["DATA"].size // len(rows)
    start = content.index(b"END" + b" " * 77) // 2880 * 2880 + 2880
    stored = np.frombuffer(content[start:][: 4 * len(rows) * (parameters + samples)], ">f4").reshape(len(rows), -1)
    header["BITPIX"], header["BLANK"], header["BSCALE"] = 32, -32768, 1e-4
    scale = 2.0**-40  # the parameters, too, are integers
    integers = np.rint(stored).astype(np.int64)
    integers[:, :3] = np.rint(stored[:, :3] / scale)
    whole_days, fractions = stored[:, parameters - 2], np.rint(stored[:, parameters - 1] / scale)
    integers[:, parameters - 2], integers[:, parameters - 1] = np.rint(2 * whole_days), fractions % 2**31
    for k, factor in enumerate([scale, scale, scale, 1.0, 0.5, scale], start=1):
        header[f"PSCAL{k}"] = factor
    assert np.abs(integers).max() < 2**31
    integers[1, parameters] = -32768  # the real part of one sample
    path.write_bytes(header.tostring().encode() + integers.astype(">i4").tobytes().ljust(2880 * 9, b"\0"))
    read = read_visibilities(path)
    assert len(read) == len(whole) - 1
    np.testing.assert_allclose(np.sort_complex(read.values), np.sort_complex(np.delete(whole.values, 0)), atol=2e-4)


# Formats and impossible values


def test_gzipped_files_are_read(path):
    plain = read_visibilities(write(path, *groups()))
    packed = path.with_name("data.uvfits.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(read_visibilities(packed).values, plain.values)


@pytest.mark.parametrize(
    ("name", "way"), [("UV_DATA", "importfitsidi"), ("ARRAY_GEOMETRY", "FITLD"), ("AIPS UV", "FITTP")]
)
def test_other_formats_of_visibilities_are_named_with_the_way_to_convert_them(path, name, way):
    table = fits.BinTableHDU.from_columns([fits.Column("UU", "E", array=[0.0])], name=name)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    with pytest.raises(ValueError, match=way):
        read_visibilities(path)


def test_baselines_longer_than_the_earth_are_refused(path):
    rows, data = groups()
    for factor, fine in ((1e3, True), (FREQUENCY, False)):  # wavelengths in columns that are called seconds
        scaled = rows * np.array([factor, factor, factor, 1, 1, 1])
        write(path, scaled, data)
        if fine:
            read_visibilities(path)
        else:
            with pytest.raises(ValueError, match=r"data.uvfits: the longest baseline is .* km, longer than the Earth"):
                read_visibilities(path)


def test_conjugates_and_copies_are_left_out(path):
    rows, data = groups()
    whole = read_visibilities(write(path, rows, data))
    swapped, conjugate = rows.copy(), data.copy()
    swapped[:, :3] *= -1
    swapped[:, [3, 4]] = rows[:, [4, 3]]
    conjugate[..., 1] *= -1
    for more, samples, word in ((swapped, conjugate, "conjugates"), (rows, data, "copies")):
        twice = read_visibilities(write(path, np.concatenate([rows, more]), np.concatenate([data, samples])))
        assert len(twice) == len(whole)
        np.testing.assert_allclose(np.sort_complex(twice.values), np.sort_complex(whole.values), atol=1e-6)
        assert f"{len(whole)} {word} of other samples are left out." in twice.notes
    assert not any("left out" in note and "other samples" in note for note in whole.notes)
