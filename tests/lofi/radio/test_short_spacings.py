"""The total flux where no short baseline measures it: its estimate, its weight, and images of a sparse array."""

import numpy as np
import pytest
import torch

from lofi.io.checkpoint import load_denoiser
from lofi.radio import coarser, starts
from lofi.radio.measurement import flat_part, measure
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.radio.short_spacings import ShortSpacings, TotalFlux, short_spacings
from lofi.radio.starts import Starts, data_term
from lofi.radio.visibilities.data_set import gather
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.radio.zero_spacing import HELD, STIFFEST, zero_spacing
from lofi.seeds import stream
from lofi.solvers.convolution import Convolution
from lofi.solvers.positivity import on_simplex, positivity_only

SIZE, SIGMA, WIDTH, FLUX = 64, 1e-3, 2.5, 2.0  # pixels, Jy, pixels (standard deviation), Jy
CELL = 1e-8  # radians


def gaussian(x, y, flux=FLUX):
    """Visibilities of a round Gaussian at the phase centre."""
    return flux * np.exp(-(WIDTH**2) * (x**2 + y**2) / 2)


def observed(lengths, seed="coverage", count=400, values=gaussian):
    """A data set and its measurement: baselines of lengths (least, most) in radians per pixel, in any direction."""
    rng = stream("short spacings", seed)
    length, angle = rng.uniform(*lengths, count), rng.uniform(0, 2 * np.pi, count)
    x, y = length * np.cos(angle), length * np.sin(angle)
    v = values(x, y) + SIGMA * (rng.standard_normal(count) + 1j * rng.standard_normal(count))
    return data_and_measurement(x, y, v)


class Source(list):
    """Visibilities in memory."""

    notes = ()


def data_and_measurement(x, y, values):
    sigma, wavelength = np.full(len(x), SIGMA), 2 * np.pi * CELL
    data = Visibilities(-x / wavelength, y / wavelength, np.zeros(len(x)), values, sigma, np.full(len(x), 1e11))
    shape = (SIZE, SIZE)
    return gather("sky", [Source([data])], 10**6), measure([flat_part(x, y, values, sigma, shape)], shape)


def spacings_of(lengths, given=None, **keywords):
    return short_spacings("sky", *observed(lengths, **keywords), CELL, given)


def test_a_covered_plane_needs_nothing():
    assert spacings_of((0.0, 2.0), count=4000) is None
    known = spacings_of((0.0, 2.0), count=4000, given=TotalFlux(2.0, 0.1))
    assert known.hole is None
    assert known.flux == TotalFlux(2.0, 0.1)


def test_the_flux_is_extrapolated_without_the_bias_of_noise():
    """A Gaussian is what is fitted; SIGMA is small, and then it is not."""
    least = 3 * 2 * np.pi / SIZE  # three cells
    spacings = spacings_of((least, 2.0))
    assert spacings.hole == pytest.approx(least, rel=0.02)
    assert spacings.flux.jansky == pytest.approx(FLUX, rel=0.02)
    assert spacings.flux.error == pytest.approx(0.2 * FLUX, rel=0.02)
    faint = spacings_of((least, 2.0), count=4000, values=lambda x, y: gaussian(x, y, 5 * SIGMA))
    assert faint.flux.jansky == pytest.approx(5 * SIGMA, rel=0.15)


def test_corrupt_phases_do_not_change_the_flux():
    phases = stream("short spacings", "phases")
    corrupt = spacings_of((0.3, 2.0), values=lambda x, y: gaussian(x, y) * np.exp(6j * phases.random(len(x))))
    assert corrupt.flux.jansky == pytest.approx(FLUX, rel=0.02)


def test_a_short_baseline_above_a_gap_measures_the_flux():
    _, measurement = observed((0.4, 2.0))
    part = measurement.parts[0]
    x, y = (np.append(c, 0.002 * np.arange(5)) for c in (part.flat.x, part.flat.y))
    values = np.append(part.visibilities[0], 5 * [3.0])
    spacings = short_spacings("sky", *data_and_measurement(x, y, values), CELL)
    assert spacings.flux.jansky == pytest.approx(3.0, rel=1e-3)
    assert spacings.hole >= 0.4


def test_a_flux_below_what_baselines_measure_is_refused():
    with pytest.raises(
        ValueError, match=r"sky: the shortest baselines measure 1\.[0-9]+ Jy, and no positive sky has less"
    ):
        spacings_of((0.3, 2.0), given=TotalFlux(0.5, 0.1))
    assert spacings_of((0.3, 2.0), given=TotalFlux(0.5, 0.5)).flux.error == 0.5
    assert spacings_of((0.3, 2.0), given=TotalFlux(20.0, 0.1)).flux.jansky == 20


def test_what_is_left_of_a_given_flux():
    _, rest = observed((0.3, 2.0))
    given = ShortSpacings(TotalFlux(10.0, 0.5), "given by --total-flux", 0.3, 0.3)
    assert given.of_rest(rest, 8.0).flux == TotalFlux(2.0, 0.5)
    assert given.of_rest(rest, 9.8).flux.jansky == pytest.approx(FLUX, rel=0.02)  # lost in the error: estimated anew


def test_the_zero_spacing_is_one_more_visibility():
    """The data term is that of the visibilities and one at u = v = 0, whose noise is `noise / √weight`."""
    _, measurement = observed((0.3, 2.0), count=100)
    zero = zero_spacing(measurement, ShortSpacings(TotalFlux(FLUX, 3e-5), "", 0.3, 0.3), Convolution(measurement.psf))
    part = measurement.parts[0]
    x, y = (np.append(c, 0.0) for c in (part.flat.x, part.flat.y))
    sigma = np.append(part.sigma, measurement.noise[0] / zero.weight**0.5)
    values = np.append(part.visibilities[0], zero.flux)
    image = torch.rand(1, SIZE, SIZE)
    term, other = (
        data_term(measurement, zero=zero),
        data_term(measure([flat_part(x, y, values, sigma, part.flat.shape)], part.flat.shape)),
    )
    gradient, expected = term.norm * term.gradient(image), other.norm * other.gradient(image) * (1 + zero.weight)
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    assert term.chi2(image) * 100 == pytest.approx(float(other.chi2(image)) * 101, rel=1e-4)


def test_the_weight_holds_and_does_not_spoil_the_norm():
    _, measurement = observed((0.3, 2.0))
    convolution, norm = Convolution(measurement.psf), data_term(measurement).norm
    for error, fraction in ((1e9, HELD), (1e-9, STIFFEST)):
        zero = zero_spacing(measurement, ShortSpacings(TotalFlux(FLUX, error), "", 0.3, 0.3), convolution)
        assert zero.weight * SIZE**2 == pytest.approx(fraction * norm, rel=1e-2)
        assert data_term(measurement, zero=zero).norm <= (1 + STIFFEST) * norm * 1.01
    loose = zero_spacing(measurement, ShortSpacings(TotalFlux(FLUX, 1e3), "", 0.3, None), convolution)
    assert loose.weight == pytest.approx((measurement.noise[0] / 1e3) ** 2)  # no hole: what the error says


@pytest.mark.parametrize("shape", [(20, 30), (200, 300)])
def test_the_nearest_image_of_a_sum(shape):
    """Conditions of Karush, Kuhn and Tucker: one number is taken from all positive pixels, no less from the others."""
    images = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    images[1, :, 7:] = -torch.inf  # a mask
    images[2] = torch.where(images[2] > 1.5, images[2], -0.1)  # few sources
    for flux in (1e-3, 5.0, 1e4):
        nearest = on_simplex(images, flux)
        assert nearest.sum((-2, -1)) == pytest.approx(np.full(3, flux))
        for image, projected in zip(images, nearest, strict=True):
            taken = (image - projected)[projected > 0]
            assert taken.max() - taken.min() < 1e-8
            assert (image[projected == 0] <= taken.max() + 1e-8).all()


def test_a_sparse_array_gets_the_flux_and_the_size_of_its_source(denoiser_folder):
    """A field of 3.5 times what its shortest baseline measures; 40 baselines."""
    data, measurement = observed((3.5 * 2 * np.pi / SIZE, 1.2), count=40)
    spacings = short_spacings("sky", data, measurement, CELL)
    denoiser, _ = load_denoiser(denoiser_folder)
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    truth = FLUX / (2 * np.pi * WIDTH**2) * np.exp(-(x**2 + y**2) / (2 * WIDTH**2))
    images = [
        reconstruct(measurement, denoiser, schedule_of(4), 1, spacings=known).images[0].numpy()
        for known in (None, spacings)
    ]
    filled, held = images
    assert held.sum() == pytest.approx(FLUX, rel=0.2)
    assert filled.sum() > 1.5 * FLUX
    assert np.linalg.norm(held - truth) < 0.6 * np.linalg.norm(filled - truth)


def test_without_a_hole_nothing_is_held():
    data, measurement = observed((0.0, 2.0), count=4000)
    assert short_spacings("sky", data, measurement, CELL) is None


def test_a_mask_holds_also_for_a_total_flux():
    _, measurement = observed((0.3, 2.0))
    highest = torch.zeros(SIZE, SIZE)
    highest[20:40, 20:40] = torch.inf
    image = positivity_only(data_term(measurement), 20, highest=highest, flux=FLUX)[0]
    assert image.sum() == pytest.approx(FLUX, rel=1e-4)
    assert not image[highest == 0].any()


@pytest.mark.parametrize("mask", [False, True])
def test_a_large_image_starts_from_larger_pixels_as_well(monkeypatch, mask):
    data, measurement = observed((3.5 * 2 * np.pi / SIZE, 1.2))
    spacings = short_spacings("sky", data, measurement, CELL)
    highest = torch.zeros(SIZE, SIZE) if mask else float("inf")
    if mask:
        highest[SIZE // 4 :, SIZE // 4 :] = torch.inf
    first = Starts(measurement, highest, "cpu").of(measurement, spacings)
    monkeypatch.setattr(coarser, "SMALLEST", 16)
    monkeypatch.setattr(starts, "LARGE", 0)
    large = Starts(measurement, highest, "cpu")
    convolution = large._uniform[1]
    second = large.of(measurement, spacings)
    assert convolution.shape == (SIZE // 2, SIZE // 2)
    assert second.janskys.sum() == pytest.approx(first.janskys.sum(), rel=0.02)
    assert np.linalg.norm(second.janskys - first.janskys) < 0.1 * np.linalg.norm(first.janskys)
    assert float(second.term.chi2(second.image)) < 1.02 * float(first.term.chi2(first.image))
