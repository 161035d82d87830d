"""What a binned shear map says about its axes, units and missing values: the sky it shows is the same in every form."""

import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, ICRS, SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map_files import read_shear_map
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header

SHAPE, SIDE = (9, 13), 0.02  # degrees
RNG = np.random.default_rng(5)
GAMMA1, GAMMA2 = 0.1 * RNG.standard_normal((2, *SHAPE))
NOISE = 0.05 + 0.01 * RNG.random(SHAPE)
CENTRE = (150.0, 20.0)


def cards(centre=CENTRE, **changes):
    header = fits.Header()
    header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CUNIT1": "deg", "CUNIT2": "deg"})
    header.update({"CRVAL1": centre[0], "CRVAL2": centre[1], "CRPIX1": 5.0, "CRPIX2": 3.0})
    header.update(changes)
    return header


def write(path, header, images=None, bunit=None, **more):
    images = {"GAMMA1": GAMMA1, "GAMMA2": GAMMA2, "NOISE_STD": NOISE} if images is None else images
    hdus = [fits.PrimaryHDU()]
    for name, image in images.items():
        hdu = fits.ImageHDU(image, header, name=name)
        hdu.header.update(more)
        if bunit is not None and name != "MASK":
            hdu.header["BUNIT"] = bunit
        hdus.append(hdu)
    fits.HDUList(hdus).writeto(path)
    return open_shear(path)


def positions(wcs, frame=None):
    """ICRS positions of all pixels (H, W) by astropy."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    ra, dec = wcs.all_pix2world(columns, rows, 0)
    return SkyCoord(ra, dec, unit="deg", frame=frame or wcs_to_celestial_frame(wcs)).icrs


TURN = np.radians(180.0)
ROTATION = {"CDELT1": -SIDE, "CDELT2": SIDE}
FORMS = {
    "CD": cards(CD1_1=-SIDE, CD2_2=SIDE),
    "PC and CDELT": cards(**ROTATION, PC1_1=1.0, PC2_2=1.0),
    "PC swaps the signs": cards(CDELT1=SIDE, CDELT2=SIDE, PC1_1=-1.0, PC2_2=1.0),
    "CROTA 0": cards(**ROTATION, CROTA2=0.0),
    "CROTA 180": cards(**ROTATION, CROTA2=180.0),
    "columns East": cards(CDELT1=SIDE, CDELT2=SIDE),
    "rows South": cards(CDELT1=-SIDE, CDELT2=-SIDE),
    "both": cards(CDELT1=SIDE, CDELT2=-SIDE),
    "LONPOLE 0": cards(**ROTATION, LONPOLE=0.0),
    "LONPOLE 180": cards(**ROTATION, LONPOLE=180.0),
    "LONPOLE 0, both": cards(CDELT1=SIDE, CDELT2=-SIDE, LONPOLE=0.0),
    "north pole": cards((30.0, 90.0), **ROTATION, LONPOLE=180.0),
    "north pole, LONPOLE left out": cards((30.0, 90.0), **ROTATION),
    "south pole": cards((30.0, -90.0), **ROTATION),
    "B1950": cards(**ROTATION, RADESYS="FK4", EQUINOX=1950.0),
    "EPOCH": cards(**ROTATION, EPOCH=1950.0),
    "FK5 of 1975": cards(**ROTATION, RADESYS="FK5", EQUINOX=1975.0),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_pixel_stays_at_its_place_on_the_sky(form, tmp_path):
    header = FORMS[form]
    read = read_shear_map(write(tmp_path / "map.fits", header), e2_sign=1)
    frame = FK4(equinox="B1950") if form == "EPOCH" else None
    stored, ours = positions(WCS(header), frame), positions(read.wcs)
    # North up, West right.
    if abs(header["CRVAL2"]) < 90:
        assert ours[-1, 0].dec > ours[0, 0].dec
        assert ours[0, 0].ra > ours[0, -1].ra
    index, separation, _ = stored.ravel().match_to_catalog_sky(ours.ravel())
    assert separation.arcsec.max() < 0.01
    for name, image in (("gamma", GAMMA1 + 1j * GAMMA2), ("noise_std", NOISE)):
        np.testing.assert_allclose(getattr(read, name).ravel()[index], image.ravel(), rtol=1e-6)


@pytest.mark.parametrize(("form", "mirrored"), [("both", False), ("LONPOLE 0", False), ("rows South", True)])
def test_a_mirrored_map_asks_for_the_sign_of_e2_a_turned_one_does_not(form, mirrored, tmp_path):
    file = write(tmp_path / "map.fits", FORMS[form])
    if mirrored:
        with pytest.raises(ValueError, match=r"rows run South, and nothing says .* give e2_sign"):
            read_shear_map(file)
    else:
        np.testing.assert_allclose(read_shear_map(file).gamma, (GAMMA1 + 1j * GAMMA2)[::-1, ::-1])


@pytest.mark.parametrize(("form", "frame"), [("CD", ICRS), ("B1950", FK4), ("EPOCH", FK4), ("FK5 of 1975", FK5)])
def test_the_frame_is_kept_in_the_output(form, frame, tmp_path):
    read = read_shear_map(write(tmp_path / "map.fits", FORMS[form]), e2_sign=1)
    assert isinstance(wcs_to_celestial_frame(WCS(wcs_header(read.wcs))), frame)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"CROTA2": 30.0}, "has rotated axes: .*30.0° against North .*CROTA2 or LONPOLE"),
        ({"LONPOLE": 90.0}, "has rotated axes: .*LONPOLE"),
        (
            {"CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "A_ORDER": 2, "B_ORDER": 2, "A_2_0": 1e-4},
            "distortions",
        ),
        ({"RADESYS": "GAPPT"}, "RADESYS GAPPT"),
        ({"CDELT1": -1e-12, "CDELT2": 1e-12}, "pixel_arcmin is"),
        ({"CRVAL2": 95.0}, "map.fits.* cannot be read .*Ill-conditioned coordinate"),
    ],
)
def test_what_cannot_be_turned_is_refused(changes, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        read_shear_map(write(tmp_path / "map.fits", cards(**(ROTATION | changes))), e2_sign=1)


@pytest.mark.parametrize("declination", [90.0, -90.0, 20.0])
def test_our_own_maps_have_north_up_at_the_poles_too(declination):
    wcs = WCS(wcs_header(tangent_wcs((40.0, declination), 1.0, (8, 8))))
    centre = SkyCoord(40.0, declination, unit="deg")
    up = SkyCoord(*wcs.all_pix2world(wcs.wcs.crpix[0], wcs.wcs.crpix[1] + 3.0, 1), unit="deg")
    a, d = np.radians([40.0, declination])
    north = np.array([-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)])
    assert (up.cartesian.xyz.value - centre.cartesian.xyz.value) @ north > 0.99 * np.radians(3 / 60)


@pytest.mark.parametrize(("bunit", "scale"), [("", 1.0), (None, 1.0), ("percent", 0.01), ("%", 0.01), ("shear", 1.0)])
def test_percent_is_converted_with_its_noise(bunit, scale, tmp_path):
    images = {"GAMMA1": GAMMA1 / scale, "GAMMA2": GAMMA2 / scale, "NOISE_STD": NOISE / scale}
    read = read_shear_map(write(tmp_path / "map.fits", FORMS["CD"], images, bunit))
    np.testing.assert_allclose(read.gamma.real, GAMMA1)
    np.testing.assert_allclose(read.noise_std, NOISE)
    assert any("multiplied" in note for note in read.notes) == (scale != 1)


def test_other_units_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"GAMMA1 of .*map.fits' has the unit 'arcsec'"):
        read_shear_map(write(tmp_path / "map.fits", FORMS["CD"], bunit="arcsec"))


def test_packed_integers_with_blank(tmp_path):
    packed = {name: np.rint(image / 1e-4).astype(np.int16) for name, image in (("GAMMA1", GAMMA1), ("GAMMA2", GAMMA2))}
    packed["GAMMA1"][2, 3] = -32768
    images = packed | {"NOISE_STD": np.rint(NOISE / 1e-4).astype(np.int16)}
    write(tmp_path / "map.fits", FORMS["CD"], images)
    with fits.open(tmp_path / "map.fits", mode="update", do_not_scale_image_data=True) as hdus:
        for hdu in hdus[1:]:
            hdu.header["BSCALE"], hdu.header["BZERO"], hdu.header["BLANK"] = 1e-4, 0.0, -32768
    read = read_shear_map(open_shear(tmp_path / "map.fits"))
    assert not read.mask[2, 3]
    assert read.mask.sum() == read.mask.size - 1
    np.testing.assert_allclose(read.gamma[read.mask], (GAMMA1 + 1j * GAMMA2)[read.mask], atol=1e-4)


@pytest.mark.parametrize("value", [-99.0, 1e20, -1.6375e30])
def test_numbers_that_mark_missing_pixels_are_masked(value, tmp_path):
    marked = GAMMA1.copy()
    marked[2, 3] = value
    images = {"GAMMA1": marked, "GAMMA2": GAMMA2, "NOISE_STD": NOISE}
    read = read_shear_map(write(tmp_path / "map.fits", FORMS["CD"], images))
    assert not read.mask[2, 3]
    assert "1 pixels with a shear such as" in " ".join(read.notes)


def test_shear_that_is_none_is_refused(tmp_path):
    images = {"GAMMA1": 100 * GAMMA1, "GAMMA2": GAMMA2, "NOISE_STD": NOISE}
    with pytest.raises(ValueError, match=r"shear moduli above 5 .* not counts or percent"):
        read_shear_map(write(tmp_path / "map.fits", FORMS["CD"], images))


@pytest.mark.parametrize(("frame", "signs"), [("COSMO", (-1, 1)), ("IAU", (-1, -1)), ("TREECORR", (1, 1))])
@pytest.mark.parametrize("form", ["CD", "columns East"])
def test_the_frame_of_the_components_is_obeyed_where_it_is_stated(frame, signs, form, tmp_path):
    read = read_shear_map(write(tmp_path / "map.fits", FORMS[form], POLCCONV=frame))
    step = -1 if form == "columns East" else 1
    np.testing.assert_allclose(read.gamma.real[:, ::step], signs[0] * GAMMA1)
    np.testing.assert_allclose(read.gamma.imag[:, ::step], signs[1] * GAMMA2)


def test_several_images_of_one_name_are_asked_for(tmp_path):
    hdus = [fits.PrimaryHDU()]
    for factor in (1, 2):
        for name, image in (("GAMMA1", GAMMA1), ("GAMMA2", GAMMA2), ("NOISE_STD", NOISE)):
            hdus.append(fits.ImageHDU(factor * image, FORMS["CD"], name=name, ver=factor))
    fits.HDUList(hdus).writeto(tmp_path / "bins.fits")
    with pytest.raises(ValueError, match=r"several images GAMMA1 \(HDU 1, 4\); choose the HDUs to read with --hdu"):
        read_shear_map(open_shear(tmp_path / "bins.fits"))
    read = read_shear_map(open_shear(tmp_path / "bins.fits"), hdu="4,5,6")
    np.testing.assert_allclose(read.gamma.real, 2 * GAMMA1)
    assert "HDU 4 GAMMA1 is used" in read.notes
    with pytest.raises(ValueError, match=r"has no HDU '9' \(--hdu\)"):
        read_shear_map(open_shear(tmp_path / "bins.fits"), hdu="9")


@pytest.mark.parametrize("name", ["GAMMA2", "NOISE_STD", "MASK"])
@pytest.mark.parametrize("form", ["LONPOLE 0", "columns East", "PC and CDELT", "elsewhere"])
def test_images_of_another_grid_are_refused(form, name, tmp_path):
    other = cards((150.1, 20.0), **ROTATION) if form == "elsewhere" else FORMS[form]
    images = {"GAMMA1": GAMMA1, "GAMMA2": GAMMA2, "NOISE_STD": NOISE, "MASK": np.ones(SHAPE, np.uint8)}
    hdus = [fits.ImageHDU(image, other if key == name else FORMS["CD"], name=key) for key, image in images.items()]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "map.fits")
    if form == "PC and CDELT":  # the same grid in other words
        np.testing.assert_allclose(read_shear_map(open_shear(tmp_path / "map.fits")).gamma.real, GAMMA1)
        return
    with pytest.raises(ValueError, match=f"the WCS of {name} is not that of GAMMA1; expected images of one grid"):
        read_shear_map(open_shear(tmp_path / "map.fits"))
