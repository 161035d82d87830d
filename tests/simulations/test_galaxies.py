"""Simulated galaxies: what every image promises, and what they are drawn with."""

import numpy as np
import pytest

from lofi.seeds import stream
from simulations.images.galaxies import KINDS, galaxies, galaxy, kinds
from simulations.images.galaxies.canvas import coordinates
from simulations.images.galaxies.knots import knots, stroke
from simulations.images.galaxies.spheroids import sersic
from simulations.images.galaxies.turbulence import sampled, swirled, turbulence


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pixels", [16, 63, 128])
def test_images_are_positive_finite_and_peak_at_one(kind, pixels):
    for number in range(3):
        image = galaxy(pixels, stream("galaxies", kind, number), kind)
        assert image.shape == (pixels, pixels)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert image.min() >= 0
        assert image.max() == 1


def test_an_image_does_not_depend_on_how_many_are_drawn():
    many, few = (np.stack(galaxies(count, 32, "galaxies", "count")) for count in (6, 2))
    assert (many[:2] == few).all()
    assert kinds(6, "galaxies", "count")[:2] == kinds(2, "galaxies", "count")
    assert len(np.unique(many, axis=0)) == 6


def test_the_kind_named_is_the_kind_drawn():
    images = galaxies(6, 32, "galaxies", "kinds")
    for number, kind in enumerate(kinds(6, "galaxies", "kinds")):
        assert (galaxy(32, stream("galaxies", "kinds", number), kind) == images[number]).all()


def test_all_kinds_are_drawn_as_often_as_stated():
    shares = np.array([share for _, share in KINDS.values()])
    assert shares.sum() == pytest.approx(1)
    drawn = np.array(kinds(300, "galaxies", "shares"))
    found = np.array([np.mean(drawn == kind) for kind in KINDS])
    assert np.abs(found - shares).max() < 4 * np.sqrt(0.25 / 300)
    assert (found > 0).all()


def test_the_same_stream_is_the_same_scene_at_any_number_of_pixels():
    agreement = []
    for number in range(24):
        coarse = galaxy(64, stream("galaxies", "scene", number))
        fine = galaxy(128, stream("galaxies", "scene", number)).reshape(64, 2, 64, 2).mean((1, 3))
        agreement.append(np.corrcoef(coarse.ravel(), fine.ravel())[0, 1])
    assert np.median(agreement) > 0.95


def test_the_images_vary_from_nearly_empty_to_full_and_reach_faint_emission():
    images = np.stack(galaxies(60, 64, "galaxies", "variety"))
    filled = np.mean(images > 1e-2, axis=(1, 2))
    assert np.percentile(filled, 10) < 0.1
    assert np.percentile(filled, 90) > 0.5
    faint = np.mean((images > 0) & (images < 1e-4), axis=(1, 2)) > 0.02
    assert faint.mean() > 0.2


def test_too_few_pixels_are_refused():
    with pytest.raises(ValueError, match="at least 16"):
        galaxy(8, stream("galaxies", "small"))


@pytest.mark.parametrize("slope", [2.0, 3.0, 4.0])
def test_turbulence_has_its_power_spectrum(slope):
    rng = stream("galaxies", "turbulence", int(slope))
    power = np.mean([np.abs(np.fft.rfft2(turbulence(128, rng, slope, 0.25))) ** 2 for _ in range(40)], axis=0)
    k = np.hypot(np.fft.fftfreq(128, 1 / 128)[:, None], np.arange(65))
    expected = (k**2 + 16) ** (-slope / 2)
    bands = [(k >= low) & (k < 2 * low) for low in (4, 8, 16, 32)]
    ratio = [np.mean(power[band] / expected[band]) for band in bands]
    assert np.ptp(np.log(ratio)) < 0.15
    field = np.array([turbulence(64, rng, slope, 0.25) for _ in range(40)])
    assert field.std() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("slope", [2.5, 6.0])
@pytest.mark.parametrize("pixels", [100, 128, 65])
def test_turbulence_has_the_same_low_modes_at_any_number_of_pixels(slope, pixels):
    few, many = (turbulence(n, stream("galaxies", "modes"), slope, 0.3) for n in (64, pixels))
    low_of_few, low_of_many = (np.fft.rfft2(field)[1:20, 1:20] / field.size for field in (few, many))
    assert np.abs(low_of_few - low_of_many).max() < 1e-5 * np.abs(low_of_few).max()


def test_sampling_at_the_pixels_returns_them():
    field = turbulence(64, stream("galaxies", "sampled"), 3.0)
    u, v = (places / 64 for places in np.meshgrid(np.arange(64.0), np.arange(64.0)))
    assert sampled(field, u, v) == pytest.approx(field, abs=1e-5)
    assert sampled(field, u + 3, v - 2) == pytest.approx(field, abs=1e-5)  # periodic


def test_flows_of_no_strength_move_nothing_and_others_keep_areas():
    x, y = swirled(64, stream("galaxies", "flow"), 0.5, 0.0)
    assert (np.stack([x, y]) == np.stack(coordinates(64))).all()
    x, y = swirled(64, stream("galaxies", "flow"), 0.5, 0.004)
    inside = slice(2, -2)
    (xy, xx), (yy, yx) = np.gradient(x), np.gradient(y)
    area = (xx * yy - xy * yx)[inside, inside] * 64**2
    assert area.mean() == pytest.approx(1, abs=0.02)
    assert np.hypot(x - coordinates(64)[0], y - coordinates(64)[1]).max() > 1 / 64


@pytest.mark.parametrize("size", [0.001, 0.01, 0.05])
def test_knots_keep_their_flux_and_place_whether_resolved_or_not(size):
    image = knots(64, np.array([0.1, -0.2]), np.array([0.2, -0.1]), np.array([size, size / 2]), [2.0, 4.0])
    assert image.sum() / 64**2 == pytest.approx(2 * np.pi * size**2 * (2.0 + 4.0 / 4), rel=1e-3)
    one = knots(64, np.array([0.1]), np.array([0.2]), size, [1.0])
    x, y = coordinates(64)
    assert (one * x).sum() / one.sum() == pytest.approx(0.1, abs=1 / 64)
    assert (one * y).sum() / one.sum() == pytest.approx(0.2, abs=1 / 64)


def test_a_straight_stroke_is_a_gaussian_ridge_of_the_brightness_asked_for():
    x = np.linspace(-0.6, 0.6, 7)
    image = stroke(128, x, np.full(7, 1 / 256), 0.03, 1.5)
    profile = 1.5 * np.exp(-(((coordinates(128)[1][:, 64] - 1 / 256) / 0.03) ** 2) / 2)
    assert image[:, 64] == pytest.approx(profile, abs=0.03)
    assert np.ptp(image[64]) < 0.03


@pytest.mark.parametrize("index", [0.5, 1.0, 2.0])
def test_half_of_the_light_of_a_sersic_profile_is_within_its_radius(index):
    image = sersic(256, (0.01, -0.02), 0.05, index, axis_ratio=0.6, angle=0.4)
    x, y = coordinates(256)
    a = np.cos(0.4) * (x - 0.01) + np.sin(0.4) * (y + 0.02)
    b = (np.cos(0.4) * (y + 0.02) - np.sin(0.4) * (x - 0.01)) / 0.6
    within = image[np.hypot(a, b) < 0.05].sum() / image.sum()
    assert within == pytest.approx(0.5, abs=0.02)
