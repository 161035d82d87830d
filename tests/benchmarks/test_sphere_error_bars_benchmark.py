"""What coverage on the sphere is measured in: distances to the mask, tenths, and the error of a share."""

import healpy as hp
import numpy as np
import pytest
import sphere_error_bars

from lofi.seeds import stream

NSIDE = 32


def test_the_distance_is_that_to_the_nearest_masked_pixel():
    seen = np.ones(12 * NSIDE**2, dtype=bool)
    seen[hp.query_disc(NSIDE, [1, 0, 0], 0.4)] = False
    seen[100] = False
    found = sphere_error_bars.to_the_mask(seen, NSIDE)
    vectors = np.stack(hp.pix2vec(NSIDE, np.arange(len(seen))), axis=-1)
    nearest = (vectors[seen] @ vectors[~seen].T).max(axis=1)
    np.testing.assert_allclose(found, np.degrees(np.arccos(nearest)) * 60, rtol=1e-6)


def test_a_sky_without_mask_is_far_from_it():
    assert np.isinf(sphere_error_bars.to_the_mask(np.ones(12 * 4**2, dtype=bool), 4)).all()


def test_parts_are_all_the_highest_and_tenths_in_order():
    rng = stream("test", "parts")
    guides = {"estimate": rng.standard_normal(1000), "noise": rng.uniform(1, 2, 1000)}
    found = dict(sphere_error_bars.parts(guides))
    assert len(found) == 2 + 2 * sphere_error_bars.TENTHS
    assert len(found["all"]) == 1000
    assert set(found["highest 1 %"]) == set(np.argsort(guides["estimate"])[-10:])
    means = [guides["noise"][found[f"noise, tenth {number + 1}"]].mean() for number in range(10)]
    assert (np.diff(means) > 0).all()


def test_the_error_of_a_share_is_the_scatter_of_independent_skies():
    rng, shares, errors = stream("test", "shares"), [], []
    blocks = np.arange(5000) // 50 * 3
    for _ in range(200):
        threshold = np.repeat(rng.uniform(0.6, 0.8, 100), 50)
        inside = rng.uniform(size=5000) < threshold
        shares.append(inside.mean())
        errors.append(sphere_error_bars.jackknife(inside, blocks))
    assert np.mean(errors) == pytest.approx(np.std(shares), rel=0.2)
