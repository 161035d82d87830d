"""UVFITS random groups: a known source comes out where it is, whatever the layout; errors name what is missing."""

import numpy as np
import pytest
from astropy.io import fits
from uvfits import ARCSEC, EAST, FLUX, FREQUENCY, JULIAN, NORTH, groups, write

from lofi.radio.visibilities.read import read_together, read_visibilities


def dirty_image(visibilities, cell=ARCSEC, size=33):
    """Direct sum over the conventions' pixels."""
    offset = np.arange(size) - size // 2
    east, north = -offset * cell, offset[:, None] * cell
    phase = visibilities.u[:, None, None] * east + visibilities.v[:, None, None] * north
    return (visibilities.values[:, None, None] * np.exp(2j * np.pi * phase)).real.mean(axis=0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.uvfits"


LAYOUTS = {
    "as CASA writes it": {},
    "channels before Stokes": {"order": ("COMPLEX", "FREQ", "STOKES", "IF", "RA", "DEC")},
    "IF last, RA first": {"order": ("COMPLEX", "RA", "STOKES", "FREQ", "DEC", "IF")},
    "complex slowest": {"order": ("RA", "DEC", "IF", "STOKES", "FREQ", "COMPLEX")},
    "plain names": {"names": ("UU", "VV", "WW")},
    "dashes": {"names": ("UU--", "VV--", "WW--")},
    "many antennas": {"baseline": "2048"},
    "antennas apart": {"baseline": "ANTENNA"},
    "scaled parameters": {"scale": 4.4e-12},
    "linear feeds": {"stokes": (-5.0, -1.0)},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_source_in_the_north_east_is_found_there(path, layout):
    read = read_visibilities(write(path, *groups(), **LAYOUTS[layout]))
    assert len(read) == 2 * 10 * 6
    expected = FLUX * np.exp(-2j * np.pi * (read.u * EAST + read.v * NORTH))
    np.testing.assert_allclose(read.values, expected, atol=1e-4)
    image = dirty_image(read)
    assert np.unravel_index(image.argmax(), image.shape) == (16 + 3, 16 - 6)  # North is up, East is left
    assert image.max() == pytest.approx(FLUX, rel=1e-4)


def test_what_the_header_says(path):
    read = read_visibilities(write(path, *groups()))
    assert read.centre == (202.5, -30.7)
    assert (read.object, read.telescope, read.date, read.simulated) == ("3C286", "EVLA", "2017-04-06", False)
    frequencies = [1.4e9, 1.402e9, 1.404e9, 1.45e9, 1.452e9, 1.454e9]
    assert np.array_equal(np.unique(read.frequency), frequencies)
    assert read.bandwidth == 1.455e9 - 1.399e9
    assert np.array_equal(read.frequency, np.array(frequencies)[read.channel])
    assert np.unique(read.time).round(1) == pytest.approx([21600, 21608.6])
    assert read.time_zero == JULIAN - 2400000.5
    assert set(zip(read.antenna1.tolist(), read.antenna2.tolist(), strict=True)) == {
        (a, b) for a in range(1, 6) for b in range(a + 1, 6)
    }
    assert read.notes == ("60 autocorrelations are left out.",)
    old = read_visibilities(write(path, *groups(), cards={"DATE-OBS": "06/04/97"}))
    assert old.date == "1997-04-06"
    ambiguous = read_visibilities(write(path, *groups(), cards={"DATE-OBS": "03/02/20"}))
    assert ambiguous.date == ""
    assert "DATE-OBS 03/02/20 is left out: it is no date YYYY-MM-DD." in ambiguous.notes


def test_the_bandwidth_is_that_of_the_channels_that_are_read(path):
    (part,) = read_together([write(path, *groups())], band=(1.402e9, 1.45e9)).pieces
    assert part.edges == (1.401e9, 1.451e9)


def test_a_missing_reference_value_is_no_position(path):
    def without(*missing):
        write(path, *groups())
        with fits.open(path, mode="update") as hdus:
            header = hdus[0].header
            for axis in range(2, header["NAXIS"] + 1):
                if header[f"CTYPE{axis}"] in missing:
                    del header[f"CRVAL{axis}"]
        return path

    for missing in (("RA",), ("DEC",), ("RA", "DEC")):
        assert read_visibilities(without(*missing)).centre is None
    fits.setval(without("RA"), "OBSRA", value=202.5)
    fits.setval(path, "OBSDEC", value=-30.7)
    assert read_visibilities(path).centre == (202.5, -30.7)
    fits.setval(path, "OBSRA", value="13h30m")
    with pytest.raises(ValueError, match=r"data.uvfits: the phase centre in the header is .*13h30m"):
        read_visibilities(path)


def test_sigma_of_stokes_i(path):
    rows, data = groups()
    data[..., 0, 2], data[..., 1, 2] = 4.0, 1.0
    assert read_visibilities(write(path, rows, data)).sigma == pytest.approx(np.sqrt(0.25 + 1.0) / 2)
    stokes_i = groups(stokes=(1, 2, 3, 4))
    assert read_visibilities(write(path, *stokes_i, stokes=(1.0, 1.0))).sigma == pytest.approx(0.5)
    single = groups(stokes=(-2,))
    read = read_visibilities(write(path, *single, stokes=(-2.0, -1.0)))
    assert read.sigma == pytest.approx(0.5)
    assert "Only LL is given: it is taken as Stokes I." in read.notes


def test_one_hand_stands_in_for_a_flagged_one(path):
    rows, data = groups()
    data[:, 0, 1, 0, 2] = -4.0  # RR of one channel flagged, its content is noise
    data[:, 0, 1, 0, :2] = np.nan
    data[:, 1, 2, :2, 2] = 0.0  # both hands of another
    data[:, 1, 1, 1, 2] = np.nan  # LL of a third
    read = read_visibilities(write(path, rows, data))
    assert len(read) == 2 * 10 * 5
    np.testing.assert_allclose(read.values, FLUX * np.exp(-2j * np.pi * (read.u * EAST + read.v * NORTH)), atol=1e-4)
    assert sorted(set(read.sigma.round(6))) == [round(0.5 / np.sqrt(2), 6), 0.5]
    assert read.notes[0] == "60 visibilities have only one of RR and LL: it is taken as Stokes I."
    assert read.notes[1].startswith("30 of 180 visibilities are flagged")


def test_baselines_in_wavelengths_scale_with_frequency(path):
    rows, data = groups()
    rows[:, :3] *= FREQUENCY
    read = read_visibilities(write(path, rows, data, names=("UU-L-SIN", "VV-L-SIN", "WW-L-SIN")))
    np.testing.assert_allclose(read.values, FLUX * np.exp(-2j * np.pi * (read.u * EAST + read.v * NORTH)), atol=1e-4)


def test_without_a_table_of_frequencies_the_axis_serves(path):
    read = read_visibilities(write(path, *groups(windows=1), table=False))
    assert np.unique(read.frequency) == pytest.approx([1.4e9, 1.402e9, 1.404e9])
    with pytest.raises(ValueError, match="has 2 IFs but no table AIPS FQ"):
        read_visibilities(write(path, *groups(), table=False))


def test_a_lower_sideband_counts_down(path):
    write(path, *groups())
    with fits.open(path, mode="update") as hdus:
        hdus["AIPS FQ"].data["SIDEBAND"] = [[-1, 1]]
    frequencies = [1.396e9, 1.398e9, 1.4e9, 1.45e9, 1.452e9, 1.454e9]
    assert np.unique(read_visibilities(path).frequency) == pytest.approx(frequencies)


def test_one_source_only(path):
    rows, data = groups()
    one = read_visibilities(write(path, rows, data, extra={"SOURCE": np.full(len(rows), 3.0)}))
    assert one.object == "3C286"
    with pytest.raises(ValueError, match=r"holds 2 sources .*; expected one"):
        read_visibilities(write(path, rows, data, extra={"SOURCE": np.arange(len(rows)) % 2 + 1.0}))
    table = [
        fits.Column("ID. NO.", "1J", array=[1, 3]),
        fits.Column("SOURCE", "16A", array=["3C48", "3C147"]),
        fits.Column("RAEPO", "1D", array=[24.4, 85.65]),
        fits.Column("DECEPO", "1D", array=[33.2, 49.85]),
    ]
    write(path, rows, data, extra={"SOURCE": np.full(len(rows), 3.0)})
    fits.append(path, fits.BinTableHDU.from_columns(table, name="AIPS SU").data, fits.Header({"EXTNAME": "AIPS SU"}))
    read = read_visibilities(path)
    assert (read.object, read.centre) == ("3C147", (85.65, 49.85))


def test_a_table_without_its_columns_is_named(path):
    rows, data = groups()
    write(path, rows, data)
    with fits.open(path) as hdus:
        kept = [hdu.copy() for hdu in hdus if hdu.name != "AIPS FQ"]
        table = fits.BinTableHDU.from_columns([fits.Column("FRQSEL", "1J", array=[1])], name="AIPS FQ")
        fits.HDUList([*kept, table]).writeto(path, overwrite=True)
    with pytest.raises(ValueError, match="table AIPS FQ has no column IF FREQ; it has FRQSEL"):
        read_visibilities(path)


MISSING = {
    "no random parameter UU; it has": {"drop": ("UU---SIN",)},
    "no random parameter WW": {"drop": ("WW---SIN",)},
    "no random parameter BASELINE or ANTENNA1, ANTENNA2": {"drop": ("BASELINE",)},
    "no random parameter DATE": {"drop": ("DATE",)},
    "no FREQ axis": {"drop": ("FREQ",)},
    "no STOKES axis": {"drop": ("STOKES",)},
    "axis without a name has more than one pixel": {"drop": ("IF",)},
    r"Stokes codes \[-3, -4, -5, -6\]": {"stokes": (-3.0, -1.0), "cross": True},
    "of the projection NCP": {"names": ("UU---NCP", "VV---NCP", "WW---NCP")},
    "have different units": {"names": ("UU-L", "VV", "WW")},
    "FREQSEL 7 is not in the table AIPS FQ": {"extra": {"FREQSEL": np.full(30, 7.0)}},
}


@pytest.mark.parametrize("message", MISSING)
def test_missing_parts_are_named(path, message):
    options = dict(MISSING[message])
    rows, data = groups()
    if options.pop("cross", False):
        data = data[..., :2, :]
        options["stokes"], message = (-3.0, -1.0), r"Stokes codes \[-3, -4\]; expected I \(1\) or parallel hands"
    with pytest.raises(ValueError, match=message):
        read_visibilities(write(path, rows, data, **options))


def test_bad_data_are_named(path):
    rows, data = groups()
    for weight, message in ((0.0, "has no positive weight"), (-1.0, "has no positive weight")):
        data[..., 2] = weight
        with pytest.raises(ValueError, match=message):
            read_visibilities(write(path, rows, data))
    data[..., 2] = 1.0
    data[4, 0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match=r"data.uvfits: 1 unflagged samples have NaN or inf in values"):
        read_visibilities(write(path, rows, data))


def test_other_and_broken_files_are_refused(path, tmp_path):
    image = tmp_path / "image.fits"
    fits.writeto(image, np.zeros((4, 4)))
    with pytest.raises(ValueError, match=r"image.fits holds no visibilities in random"):
        read_visibilities(image)
    raw = write(path, *groups()).read_bytes()
    for kept in (0, 100, 5000, 2880 * 3):
        path.write_bytes(raw[:kept])
        with pytest.raises(ValueError, match=r"data.uvfits.* cannot be read"):
            read_visibilities(path)
