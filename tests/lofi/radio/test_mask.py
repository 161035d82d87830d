"""Where emission is allowed: masks on other grids and in other frames, regions, and what is no mask."""

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from lofi.io.checkpoint import load_denoiser
from lofi.radio.mask import read_mask
from lofi.radio.measurement import flat_part, measure
from lofi.radio.reconstruction import reconstruct
from lofi.seeds import stream
from lofi.solvers.admm import Schedule

SHAPE, CELL, CENTRE = (40, 50), 6.0, (150.0, -30.0)
SOURCE = SkyCoord(150.01, -29.99, unit="deg", frame="fk5")  # -31 arcsec West, 36 arcsec North: 5 and 6 pixels
RADIUS = 21.66  # arcsec, in the widest gap between distances of pixels from the source


def offsets(shape=SHAPE):
    """Arcsec towards East and North of the pixels' centres, from the centre of the image."""
    row, column = np.mgrid[: shape[0], : shape[1]]
    return -(column - shape[1] // 2) * CELL, (row - shape[0] // 2) * CELL


@pytest.fixture(scope="module")
def disc():
    """The pixels within a circle about the source, by directions (SIN projection) and angles on the sphere."""
    east, north = (offset * units.arcsec.to("rad") for offset in offsets())
    up = np.sqrt(1 - east**2 - north**2)
    a, d = np.deg2rad(CENTRE)
    towards = np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])
    to_east, to_north = (
        np.array([-np.sin(a), np.cos(a), 0]),
        np.array([-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)]),
    )
    vectors = east[..., None] * to_east + north[..., None] * to_north + up[..., None] * towards
    distance = np.arccos(vectors @ SOURCE.cartesian.xyz.value) * units.rad.to("arcsec")
    assert (np.abs(distance - RADIUS) > 0.5).all()  # no pixel is near the edge
    return distance < RADIUS


def written(path, data, kinds=("RA---TAN", "DEC--TAN"), position=SOURCE, cell=0.5, **cards):
    """A FITS image of square pixels of `cell` arcsec, turned by 30 degrees, about a position."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crpix, wcs.wcs.cdelt = kinds, [101, 101], [-cell / 3600, cell / 3600]
    wcs.wcs.crval = [position.spherical.lon.deg, position.spherical.lat.deg]
    wcs.wcs.pc = [[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]]
    header = wcs.to_header()
    header.update(cards)
    fits.PrimaryHDU(data, header).writeto(path, overwrite=True)
    return path


def circle(radius=RADIUS / 0.5):
    y, x = np.mgrid[:201, :201] - 100
    return (np.hypot(x, y) < radius).astype(np.int16)


def read(path):
    return read_mask(path, SHAPE, CELL, CENTRE)


@pytest.mark.parametrize(
    ("frame", "kinds", "cards"),
    [
        ("icrs", ("RA---TAN", "DEC--TAN"), {"RADESYS": "ICRS"}),
        ("fk5", ("RA---SIN", "DEC--SIN"), {"RADESYS": "FK5", "EQUINOX": 2000.0}),
        ("fk4", ("RA---TAN", "DEC--TAN"), {"RADESYS": "FK4", "EQUINOX": 1950.0}),
        ("galactic", ("GLON-TAN", "GLAT-TAN"), {}),
    ],
)
@pytest.mark.parametrize("axes", [2, 3, 4])
def test_the_coordinates_of_a_mask_are_obeyed(tmp_path, disc, frame, kinds, cards, axes):
    data = circle().astype(np.float32)[(None,) * (axes - 2)]
    data[..., :3, :3] = np.nan  # blank
    mask = read(written(tmp_path / "m.fits", data, kinds, SOURCE.transform_to(frame), **cards))
    assert (mask.allowed == disc).all()
    assert f"m.fits: emission is allowed in {disc.sum()} pixels" in mask.note
    assert mask.warnings == []


REGIONS = {
    "DS9 on the sky": f'# Region file format: DS9\nglobal color=red\nfk5\ncircle(150.01,-29.99,{RADIUS}")\n',
    "DS9 galactic": f'galactic\ncircle({SOURCE.galactic.l.deg:.7f},{SOURCE.galactic.b.deg:.7f},{RADIUS}")',
    "CASA": f"#CRTFv0\ncircle[[150.01deg, -29.99deg], {RADIUS}arcsec], coord=J2000\n",
    "DS9 in pixels": f"image\ncircle({25 + 1 - 31.177 / CELL:.4f},{20 + 1 + 36 / CELL:.4f},{RADIUS / CELL})\n",
    "CASA in pixels": f"#CRTFv0\ncircle[[{25 - 31.177 / CELL:.4f}pix, {20 + 36 / CELL:.4f}pix], {RADIUS / CELL}pix]\n",
    "without a part": f'fk5\ncircle(150.01,-29.99,{RADIUS}")\nbox(149.98,-30,40",40",0)\n-box(149.98,-30,60",60",0)\n',
    "with what has no area": f'fk5\ncircle(150.01,-29.99,{RADIUS}")\npoint(150,-30)\n# text(150,-30) text={{a}}\n',
    "with one far away": f'fk5\ncircle(150.01,-29.99,{RADIUS}")\ncircle(330,30,1)\n-circle(330,30,1)\n',
}


@pytest.mark.parametrize("text", REGIONS.values(), ids=REGIONS.keys())
def test_regions_of_every_kind(tmp_path, disc, text):
    path = tmp_path / "m.reg"
    path.write_text(text)
    assert (read(path).allowed == disc).all()


def test_exclusions_alone_leave_the_rest(tmp_path, disc):
    path = tmp_path / "m.reg"
    path.write_text(f'fk5\n-circle(150.01,-29.99,{RADIUS}")\n')
    assert (read(path).allowed == ~disc).all()


def test_a_mask_of_ones_is_useless(tmp_path):
    mask = read(written(tmp_path / "m.fits", np.ones((201, 201)), cell=10.0))
    assert mask.allowed.all()
    assert mask.warnings == ["the mask m.fits allows emission in the whole image; it changes nothing"]


ELSEWHERE = SkyCoord(200.0, 10.0, unit="deg", frame="fk5")
WRONG = {
    "empty": (lambda path: written(path, circle(0)), "is 0 everywhere; it allows no emission"),
    "another field": (lambda path: written(path, circle(), position=ELSEWHERE), "is the mask of another field"),
    "no coordinates": (lambda path: fits.PrimaryHDU(circle()).writeto(path), "no coordinates on the sky .CTYPE|in its"),
    "the Sun": (lambda path: written(path, circle(), ("HPLN-TAN", "HPLT-TAN")), "has coordinates HPLN-TAN, HPLT-TAN"),
    "unknown frame": (lambda path: written(path, circle(), RADESYS="MINE"), "RADESYS MINE"),
    "planes": (lambda path: written(path, np.stack([circle()] * 3)), "has 3 planes; a mask has one"),
    "a table": (
        lambda path: fits.BinTableHDU.from_columns([fits.Column("a", "E", array=[1.0])]).writeto(path),
        "holds no image",
    ),
    "truncated": (lambda path: path.write_bytes(written(path, circle()).read_bytes()[:9000]), "truncated"),
    "binary": (lambda path: path.write_bytes(bytes(range(256))), "cannot be read"),
    "prose": (lambda path: path.write_text("the mask is over there\n"), "no file of regions that can be used"),
    "nothing": (lambda path: path.write_text(""), "holds no region"),
    "no frame": (lambda path: path.write_text("circle(1,2,3)\n"), "no file of regions that can be used"),
    "a folder": (lambda path: path.mkdir(), "is a folder; a mask is a FITS image"),
}


@pytest.mark.parametrize(("write", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_mask_is_one_sentence(tmp_path, write, message):
    path = tmp_path / "m"
    write(path)
    with pytest.raises(ValueError, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(f"'{path}'")
    assert "\n" not in str(caught.value)


def test_the_model_is_0_outside(denoiser_folder):
    """Two points: the one in the mask keeps its flux, the other stays in the residual."""
    x, y = stream("mask").uniform(-2, 2, (2, 800))
    values = 2 * np.exp(-1j * (6 * x - 5 * y)) + np.exp(-1j * (-9 * x + 8 * y))
    noise = 0.05 * stream("mask", "noise").standard_normal((2, 800))
    part = flat_part(x, y, values + noise[0] + 1j * noise[1], np.full(800, 0.05), (32, 32))
    measurement, (denoiser, _) = measure([part], (32, 32)), load_denoiser(denoiser_folder)
    row, column = np.mgrid[:32, :32] - 16
    allowed, schedule = np.hypot(column - 6, row + 5) < 4, Schedule(iterations=4, annealing=2)
    for points in (False, True):
        made = reconstruct(measurement, denoiser, schedule, 1, allowed=allowed, points=points)
        image = made.images[0].numpy() + made.points.image((32, 32))
        assert (image[~allowed] == 0).all()
        assert (made.start[0].numpy()[~allowed] == 0).all()
        assert image.sum() == pytest.approx(2, abs=0.2)  # and sidelobes of the other
        residual = measurement.residual(image[None].astype(float), measurement.natural)[0][0][0]
        assert residual[16 + 8, 16 - 9] == pytest.approx(1, abs=0.1)
    assert (reconstruct(measurement, denoiser, schedule, 1, allowed=allowed | True).images[0].numpy()[24, 7]) > 0.5
    negative = measurement.with_parts([flat_part(x, y, -values, np.full(800, 0.05), (32, 32))])
    with pytest.raises(ValueError, match="0 in the whole mask"):
        reconstruct(negative, denoiser, schedule, 1, allowed=(column == 6) & (row == -5))


def test_a_source_that_fills_its_mask_is_taken_out(denoiser_folder):
    x, y = stream("mask", "alone").uniform(-2, 2, (2, 800))
    noise = 0.01 * stream("mask", "more noise").standard_normal((2, 800))
    values = 100 * np.exp(-1j * (6.3 * x - 5 * y)) + noise[0] + 1j * noise[1]
    measurement = measure([flat_part(x, y, values, np.full(800, 0.01), (32, 32))], (32, 32))
    row, column = np.mgrid[:32, :32] - 16
    allowed = (np.abs(column - 6) < 3) & (np.abs(row + 5) < 3)
    denoiser, _ = load_denoiser(denoiser_folder)
    made = reconstruct(measurement, denoiser, Schedule(iterations=2, annealing=1), 1, points=True, allowed=allowed)
    assert made.points.values[0, :3] == pytest.approx([6.3, -5, 100], abs=0.01)
    assert made.images.max() < 0.01
