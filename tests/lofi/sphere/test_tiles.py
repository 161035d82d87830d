"""Planes of the sphere and the frames of its pixels."""

import healpy as hp
import numpy as np
import pytest

from lofi.sphere.tiles import Plane, Tiling, local_axes


def directions(count, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_directions_and_coordinates_are_inverse():
    for centre in (*directions(5), [0, 0, 1.0], [0, 0, -1.0], [-1.0, 0, 0]):
        plane = Plane(np.asarray(centre), 0.01, (20, 30), (14.5, 9.5), roll=0.7)
        vectors = plane.directions()
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
        rows, columns = np.mgrid[:20, :30]
        assert np.allclose(plane.coordinates(vectors), np.stack([columns, rows], -1).reshape(-1, 2), atol=1e-9)


def test_columns_run_west_and_rows_north():
    plane = Plane(np.array([1.0, 0.0, 0.0]), 0.01, (3, 3), (1.0, 1.0))
    lon, lat = hp.vec2dir(plane.directions().T, lonlat=True)
    lon = (lon + 180) % 360 - 180
    assert lon[5] < 0 < lon[3]  # East is left
    assert lat[1] < 0 < lat[7]


def test_frames_are_the_derivative_of_the_coordinates():
    plane = Plane(directions(1, 1)[0], 0.003, roll=1.1)
    vectors = directions(4000, 2)
    vectors = vectors[vectors @ plane.centre > 0.8]
    frames, step = plane.frames(vectors, 1.0), 1e-6
    for column, axis in enumerate(local_axes(vectors)):
        moved = (plane.coordinates(vectors + step * axis) - plane.coordinates(vectors - step * axis)) / (2 * step)
        assert np.allclose(frames[:, :, column], moved, rtol=1e-4, atol=1e-2)
    gram = frames.transpose(0, 2, 1) @ frames  # stereographic: a circle stays a circle
    assert np.allclose(gram[:, 0, 0], gram[:, 1, 1])
    assert np.allclose(gram[:, 0, 1], 0.0, atol=1e-6 * gram[:, 0, 0].max())


@pytest.mark.parametrize("tile_nside", [4, 16])
def test_cores_cover_the_sphere_once_and_patches_stay_in_the_plane(tile_nside):
    tiling = Tiling(32, tile_nside, reach=6.0, length=hp.nside2resol(32), oversampling=1.5)
    counts = np.zeros(12 * 32**2, dtype=int)
    circle = 6.0 * np.stack([np.cos(np.arange(16)), np.sin(np.arange(16))], -1)
    for number in range(len(tiling)):
        tile = tiling.tile(number)
        counts[tile.pixels] += 1
        reached = tile.coordinates[:, None] + circle @ tile.frames.transpose(0, 2, 1)
        assert reached.min() >= 1
        assert (reached.max((0, 1)) <= np.array(tile.plane.shape[::-1]) - 2).all()
    assert (counts == 1).all()


def test_masked_pixels_need_no_plane():
    seen = np.zeros(12 * 32**2, dtype=bool)
    tiling = Tiling(32, 8, 6.0, hp.nside2resol(32))
    assert tiling.tile(3, seen) is None
    seen[tiling.tile(3).pixels[:2]] = True
    assert len(tiling.tile(3, seen).pixels) == 2


def test_tiles_are_of_some_size():
    with pytest.raises(ValueError, match="tile_nside is 64, more than that of the map, 32"):
        Tiling(32, 64, 6.0, 0.03)
    with pytest.raises(ValueError, match="tile_nside is 2; expected at least 4"):
        Tiling(32, 2, 6.0, 0.03)
    with pytest.raises(ValueError, match="tile_nside is 3; expected a power of two"):
        Tiling(32, 3, 6.0, 0.03)
