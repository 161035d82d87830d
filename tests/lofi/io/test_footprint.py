"""Footprints: HEALPix, healsparse, MOC and regions say which positions and pixels they cover."""

import astropy.units as u
import healpy as hp
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from lofi.io.footprint import read_footprint
from lofi.seeds import stream

healsparse, mocpy = pytest.importorskip("healsparse"), pytest.importorskip("mocpy")
CENTRE, RADIUS = SkyCoord(40.0, 30.0, unit="deg"), 8.0
NSIDE = 32


def cap(nside, frame="icrs"):
    """Bool (pixels,), RING: centres within `RADIUS` of the centre."""
    lon, lat = hp.pix2ang(nside, np.arange(12 * nside**2), lonlat=True)
    return SkyCoord(lon, lat, unit="deg", frame=frame).separation(CENTRE).deg < RADIUS


def positions(count=3000):
    rng = stream("footprints", "positions")
    return 20 + 40 * rng.random(count), 15 + 30 * rng.random(count)


def write(folder, kind, nside=NSIDE):
    path, pixels = folder / f"mask.{'hsp' if kind == 'healsparse' else 'fits'}", cap(nside)
    if kind == "healpix":
        hp.write_map(path, pixels.astype(float), coord="C", nest=False, dtype=np.float32)
    elif kind == "nested":
        hp.write_map(
            path, hp.reorder(np.where(pixels, 1.0, hp.UNSEEN), r2n=True), coord="C", nest=True, dtype=np.float32
        )
    elif kind == "partial":
        hp.write_map(path, np.where(pixels, 1.0, hp.UNSEEN), coord="C", partial=True, dtype=np.float32)
    elif kind == "healsparse":
        sparse = healsparse.HealSparseMap.make_empty(8, nside, dtype=bool)
        sparse[hp.ring2nest(nside, np.flatnonzero(pixels))] = True
        sparse.write(str(path))
    else:
        cells = hp.ring2nest(nside, np.flatnonzero(pixels)).astype(np.uint64)
        order = np.full(len(cells), nside.bit_length() - 1, np.uint8)
        mocpy.MOC.from_healpix_cells(cells, order, max_depth=nside.bit_length() - 1).save(str(path), format="fits")
    return path


@pytest.mark.parametrize("kind", ["healpix", "nested", "partial", "healsparse", "moc"])
def test_positions_are_covered_where_their_pixel_is(kind, tmp_path):
    ra, dec = positions()
    expected = cap(NSIDE)[hp.ang2pix(NSIDE, ra, dec, lonlat=True)]
    np.testing.assert_array_equal(read_footprint(write(tmp_path, kind)).contains(ra, dec), expected)


@pytest.mark.parametrize("kind", ["healpix", "partial", "healsparse", "moc"])
def test_smaller_pixels_are_covered_exactly_and_larger_ones_refused_where_cut(kind, tmp_path):
    footprint = read_footprint(write(tmp_path, kind))
    np.testing.assert_array_equal(footprint.pixels(NSIDE), cap(NSIDE))
    ra, dec = hp.pix2ang(128, np.arange(12 * 128**2), lonlat=True)
    np.testing.assert_array_equal(footprint.pixels(128), cap(NSIDE)[hp.ang2pix(NSIDE, ra, dec, lonlat=True)])
    with pytest.raises(ValueError, match=r"mask\..* covers pixels of Nside 16 in part; mask the catalogue"):
        footprint.pixels(16)


@pytest.mark.parametrize("kind", ["healpix", "healsparse", "moc"])
def test_a_fine_mask_of_whole_coarse_pixels_is_exact(kind, tmp_path, monkeypatch):
    coarse = cap(8)
    monkeypatch.setitem(globals(), "cap", lambda nside: hp.ud_grade(coarse.astype(float), nside) > 0.5)
    np.testing.assert_array_equal(read_footprint(write(tmp_path, kind)).pixels(8), coarse)


def test_a_galactic_mask_covers_the_same_sky_and_cuts_equatorial_pixels(tmp_path):
    path = tmp_path / "galactic.fits"
    hp.write_map(path, cap(NSIDE, "galactic").astype(float), coord="G", nest=False, dtype=np.float32)
    ra, dec = positions()
    places, footprint = SkyCoord(ra, dec, unit="deg"), read_footprint(path)
    distance, inside = places.separation(CENTRE).deg, footprint.contains(ra, dec)
    pixel = np.degrees(hp.max_pixrad(NSIDE))
    assert inside[distance < RADIUS - pixel].all()
    assert not inside[distance > RADIUS + pixel].any()
    with pytest.raises(ValueError, match="is galactic, the map equatorial"):
        footprint.pixels(64)


def test_regions_cover_what_astropy_says(tmp_path):
    (tmp_path / "a.reg").write_text(
        f"icrs\ncircle({CENTRE.ra.deg}, {CENTRE.dec.deg}, {RADIUS})\n-circle({CENTRE.ra.deg}, {CENTRE.dec.deg}, 2)\n"
    )
    ra, dec = positions()
    distance = SkyCoord(ra, dec, unit="deg").separation(CENTRE).deg
    expected = (distance <= RADIUS) & (distance > 2)
    np.testing.assert_array_equal(read_footprint(tmp_path / "a.reg").contains(ra, dec), expected)


def test_the_sides_of_a_polygon_are_great_circles(tmp_path):
    corners = np.array([[30.0, 30.0], [50.0, 30.0], [50.0, 40.0], [30.0, 40.0]])
    text = ", ".join(f"{value}" for value in corners.ravel())
    (tmp_path / "a.reg").write_text(f"icrs\npolygon({text})\n")
    ra, dec = positions()
    vectors = SkyCoord(ra, dec, unit="deg").cartesian.xyz.value.T
    vertices = SkyCoord(*corners.T, unit="deg").cartesian.xyz.value.T
    sides = np.cross(vertices, np.roll(vertices, -1, axis=0))
    height = vectors @ sides.T
    expected = (height > 0).all(axis=1) | (height < 0).all(axis=1)
    assert 200 < expected.sum() < 1500
    np.testing.assert_array_equal(read_footprint(tmp_path / "a.reg").contains(ra, dec), expected)


def test_the_galactic_frame_of_regions_is_kept(tmp_path):
    middle = CENTRE.galactic
    (tmp_path / "a.reg").write_text(f"galactic\nellipse({middle.l.deg}, {middle.b.deg}, 3, 3, 0)\n")
    ra, dec = positions()
    inside = read_footprint(tmp_path / "a.reg").contains(ra, dec)
    distance = SkyCoord(ra, dec, unit="deg").separation(CENTRE)
    assert inside[distance < 2.98 * u.deg].all()
    assert not inside[distance > 3.02 * u.deg].any()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.reg", "image\ncircle(10, 10, 3)\n", "holds a CirclePixelRegion; expected circles"),
        ("a.reg", "", "holds no region"),
        ("a.fits", "SIMPLE  = nonsense", "a.fits"),
    ],
)
def test_other_files_are_refused(name, text, message, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        read_footprint(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="there is no mask"):
        read_footprint(tmp_path / "other.fits")
