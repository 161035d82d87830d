"""Pixels that error bars of the sphere are fitted to and judged by: a Gaussian sky, whose error is known."""

import healpy as hp
import numpy as np
import pytest
from sky_model import NOISE, NOMINAL

from lofi.lensing.error_features import FEATURES
from lofi.sphere.channels import spectrum_of
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.observing import load_model
from lofi.sphere.pixels import pixel_arcmin
from simulations.sphere.survey import SphereSurvey
from workflow.error_pixels import error_pixels

NSIDE = 64


def test_a_wiener_filter_misses_what_the_closed_form_says(sky_prior):
    """The unit of errors is its rms error, also where the noise varies; the prior adds nothing to its filter."""
    harmonics = Harmonics(NSIDE)
    _, record = load_model(sky_prior, NSIDE, 0.9)
    np.random.seed(5)  # noqa: NPY002 - of healpy
    alm = hp.synalm(spectrum_of(record["data"]["spectrum"], harmonics.lmax), lmax=harmonics.lmax)
    density = (0.3 / (NOISE * NOMINAL)) ** 2 / 400
    survey = SphereSurvey(density, 0.3, galactic_cut=20.0, holes=3, hole_radius=(100.0, 200.0), depth_variation=0.5)
    found = error_pixels(harmonics, alm, survey, sky_prior, 0.9, ("test", "pixels"))
    count = np.count_nonzero(found["seen"])
    assert found["features"].shape == (count, len(FEATURES))
    assert {len(found[key]) for key in ("scale", "error", "estimate", "noise")} == {count}
    assert np.ptp(np.log(found["noise"])) == pytest.approx(1, rel=1e-6)
    assert found["noise"].max() == pytest.approx(0.3 / density**0.5 / pixel_arcmin(NSIDE) * np.exp(0.5))
    for noise in np.array_split(found["noise"].argsort(), 3):
        assert float(found["error"][noise].square().mean().sqrt()) == pytest.approx(1, abs=0.06)
