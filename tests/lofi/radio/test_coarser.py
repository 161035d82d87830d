"""Reconstructions that begin on pixels twice as large: the same sky, seen by the same samples."""

import numpy as np
import pytest
import torch

from lofi.io.checkpoint import load_denoiser
from lofi.priors.shipped import find
from lofi.radio import coarser as module
from lofi.radio.coarser import coarser, coarser_mask, finer, finer_positive, serves
from lofi.radio.measurement import Part, flat_part, measure
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.radio.wide_field import WideFieldOperator
from lofi.seeds import stream

SIGMA, CELL = 0.05, 2e-5
SHAPES = [(40, 40), (41, 39), (42, 38)]


def gaussian(shape, width=3.0, place=(2.0, -5.0), pixel=1.0):
    """Image of 1 Jy about a column and a row in pixels, on pixels of a side of `pixel`."""
    rows, columns = (pixel * (np.arange(size) - size // 2) for size in shape)
    squares = (columns - place[0]) ** 2 + (rows[:, None] - place[1]) ** 2
    return pixel**2 * np.exp(-squares / (2 * width**2)) / (2 * np.pi * width**2)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(module, "SMALLEST", 16)


def samples(count=800, reach=1.5):
    return stream("coarser").uniform(-reach, reach, (2, count))


def observed(shape, exact=None):
    x, y = samples()
    part = flat_part(x, y, np.zeros(len(x), complex), np.full(len(x), SIGMA), shape)
    operator = part.flat if exact is None else exact
    noise = SIGMA * (stream("coarser", "noise").standard_normal((2, len(x))) * [[1], [1j]]).sum(0)
    values = operator.forward(gaussian(shape)) + noise
    return measure([Part(part.flat, operator, values[None], part.sigma, np.full(len(x), 1e9))], shape)


def wide(shape):
    x, y = samples() / (2 * np.pi * CELL)
    return WideFieldOperator(
        -x, y, stream("coarser", "w").uniform(-3e4, 3e4, len(x)), np.full(len(x), 1e9), shape, CELL
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("w", [False, True])
def test_larger_pixels_see_the_same_sky(small, shape, w):
    fine = observed(shape, wide(shape) if w else None)
    coarse = coarser(fine)
    (part,), (whole,) = coarse.parts, fine.parts
    assert coarse.shape == tuple((size + 1) // 2 for size in shape)
    assert coarse.exact != w
    seen = part.exact.forward(gaussian(coarse.shape, pixel=2.0))
    assert np.abs(seen - whole.exact.forward(gaussian(shape))).max() < 2e-3  # of 1 Jy


@pytest.mark.parametrize("shape", SHAPES)
def test_finer_pixels_show_the_same_image(shape):
    half = tuple((size + 1) // 2 for size in shape)
    assert finer(gaussian(half, 4.0, pixel=2.0), shape) / 4 == pytest.approx(gaussian(shape, 4.0), abs=2e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_finer_images_are_positive_and_keep_their_flux(shape):
    half = tuple((size + 1) // 2 for size in shape)
    point, empty = np.zeros((2, *half))
    point[half[0] // 2, half[1] // 2] = 1.0
    coarse = np.stack([point, empty, gaussian(half, 4.0, pixel=2.0), stream("coarser", "noise").exponential(size=half)])
    fine = finer_positive(torch.from_numpy(coarse), shape)
    assert (fine >= 0).all()
    assert fine.sum((1, 2)) == pytest.approx(coarse.sum((1, 2)), rel=1e-12)
    assert (fine[0] / finer(point, shape)).max() == pytest.approx(1 / (4 * 1.31), rel=0.02)  # clipping alone adds 31 %
    assert fine[2] == pytest.approx(gaussian(shape, 4.0), abs=2e-5)


@pytest.mark.parametrize("shape", [(41, 38), (40, 44), (42, 39)])
def test_a_mask_keeps_all_that_it_allows(shape):
    for place in ((0, 0), (7, 12), (8, 13), (shape[0] - 1, shape[1] - 1)):
        allowed = np.zeros(shape, bool)
        allowed[place] = True
        mask = coarser_mask(allowed)
        assert 1 <= mask.sum() <= 4
        assert finer(mask.astype(float), shape)[place] > 0.9
    assert coarser_mask(np.ones(shape, bool)).all()


def test_small_images_and_samples_that_do_not_fit_stay_as_they_are(small, monkeypatch):
    shape = (40, 40)
    assert serves(observed(shape))
    x, y = samples(reach=3.0)
    sigma, values = np.full(len(x), SIGMA), np.ones(len(x), complex)
    assert not serves(measure([flat_part(x, y, values, sigma, shape)], shape))
    assert not serves(measure([flat_part(x + 4, y + 4, values, sigma, shape)], shape))
    monkeypatch.setattr(module, "SMALLEST", 21)
    assert not serves(observed(shape))


def test_the_image_is_that_of_its_own_pixels(small):
    measurement, truth = observed((64, 64)), gaussian((64, 64))
    denoiser, _ = load_denoiser(find(None, "denoising"))
    plain, begun = (
        reconstruct(measurement, denoiser, schedule_of(None), 1, coarse_first=coarse) for coarse in (False, True)
    )
    errors = [np.linalg.norm(result.images[0].numpy() - truth) / np.linalg.norm(truth) for result in (plain, begun)]
    assert errors[1] < max(1.1 * errors[0], 0.02)
    cells = [row["cell"] for row in begun.trace]
    assert cells == sorted(cells, reverse=True)
    assert cells.count(2) == schedule_of(None).annealing
    assert [row["iteration"] for row in begun.trace] == list(range(1, len(cells) + 1))
    assert {row["cell"] for row in plain.trace} == {1}
    assert begun.trace[-1]["sigma"] == pytest.approx(plain.trace[-1]["sigma"], rel=1e-3)
