"""Filling in missing pixels: the classical fills, the level of the start, ADMM with its own schedule."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from lofi.solvers.admm import admm
from lofi.solvers.data_terms import Inpainting
from lofi.solvers.fill_schedule import FillSchedule
from lofi.solvers.fills import MIXTURES, biharmonic, delaunay, held_out, mixing_weight
from lofi.solvers.total_variation import TotalVariationProx

SIZE = 40


@pytest.fixture
def plane():
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    mask = np.random.default_rng(0).random((SIZE, SIZE)) < 0.3
    return 0.2 + 0.3 * rows + 0.4 * columns, mask


@pytest.mark.parametrize("fill", [delaunay, biharmonic])
def test_seen_pixels_stay_and_a_plane_is_found(fill, plane):
    truth, mask = plane
    filled = fill(np.where(mask, truth, -5.0), mask)
    np.testing.assert_allclose(filled[mask], truth[mask], atol=1e-12)
    inner = np.s_[6:-6, 6:-6]  # towards the border both extrapolate
    np.testing.assert_allclose(filled[inner], truth[inner], atol=0.01)
    assert np.isfinite(filled).all()


def test_corners_without_neighbours_take_the_nearest_pixel():
    mask = np.zeros((5, 5), bool)
    mask[1, 1] = mask[1, 3] = mask[3, 2] = True
    assert delaunay(np.arange(25.0).reshape(5, 5), mask)[0, 0] == 6.0


def test_held_out_pixels_are_seen_ones_taken_away(plane):
    _, mask = plane
    places, fewer = held_out(mask, np.random.default_rng(2), share=0.2)
    assert len(set(places)) == round(0.2 * mask.sum())
    assert mask.flat[places].all()
    np.testing.assert_array_equal(np.flatnonzero(mask & ~fewer), np.sort(places))


def test_a_mixture_is_the_nearest_one_within_its_limits():
    first, second = np.zeros(3), np.array([1.0, 2.0, 2.0])
    assert mixing_weight(first, second, np.array([0.5, 1.0, 1.0])) == pytest.approx(0.5)
    assert mixing_weight(first, second, np.array([1.0, 0.0, 2.0])) == pytest.approx(5 / 9)
    assert mixing_weight(first, second, -second) == 0.0
    assert mixing_weight(first, second, 9 * second) == MIXTURES[1]
    assert mixing_weight(first, first, second) == 0.0


def test_levels_fall_from_the_error_of_the_start_and_the_penalty_stays():
    schedule = FillSchedule(torch.tensor([0.1, 0.01]), last=0.01, iterations=4, annealing=3)
    term = Inpainting(torch.zeros(2, 3, 3), torch.ones(3, 3, dtype=torch.bool), [0.0, 0.0])
    levels, penalties = zip(*schedule.levels(torch.zeros(2, 3, 3), term), strict=True)
    expected = torch.tensor([[1, 0.1, 0.01, 0.01]], dtype=torch.float64).T * torch.tensor([0.1, 0.01])
    assert_close(torch.stack(levels), expected, rtol=1e-6, atol=0)
    assert torch.stack(penalties).eq(1e-6).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"annealing": 20}, "annealing is 20; expected 1 to iterations, 16"),
        ({"last": 0.0}, "last is 0.0"),
        ({"first": torch.zeros(1)}, "first level of the denoiser is not positive"),
    ],
)
def test_schedules_that_are_none(options, words):
    with pytest.raises(ValueError, match=words):
        FillSchedule(**({"first": torch.ones(1)} | options))


def test_admm_keeps_what_is_seen_and_stays_within_the_range(plane):
    truth, mask = plane
    observed = torch.from_numpy(np.where(mask, truth, 0.0))[None]
    term = Inpainting(observed, torch.from_numpy(mask)[None], [0.0])
    schedule = FillSchedule(torch.tensor([0.1]), orientations=False)
    image, trace = admm(term, lambda z, sigma: z + 3.0, observed, schedule, 0, torch.from_numpy(truth)[None], 1.0)
    assert image.max() == 1.0
    assert len(trace) == 16
    f, _ = term.prox(torch.full_like(observed, 0.5), torch.tensor([1e-6]))
    np.testing.assert_allclose(f[0].numpy()[mask], truth[mask], atol=1e-6)


def test_total_variation_fills_a_step_without_blurring_it():
    truth = torch.zeros(1, SIZE, SIZE, dtype=torch.float64)
    truth[:, :, SIZE // 2 :] = 1.0
    mask = torch.rand(1, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) < 0.5
    start = torch.from_numpy(biharmonic((truth * mask)[0].numpy(), mask[0].numpy()))[None].clamp(0, 1)
    prox = TotalVariationProx(start, torch.full((1,), 0.03), iterations=10)
    schedule = FillSchedule(torch.full((1,), 0.03), 1.0, 300, 1, orientations=False)
    image, _ = admm(Inpainting(truth * mask, mask, [0.0]), lambda z, sigma: prox(z), start, schedule, 0)
    assert (image - truth).abs().mean() < 0.2 * (start - truth).abs().mean()
