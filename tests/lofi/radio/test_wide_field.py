"""The operator with the w-term, and the major cycles that correct a convolution for it."""

import numpy as np
import pytest
import torch

from lofi.radio.gridding import Grid
from lofi.radio.measurement import measure
from lofi.radio.starts import data_term
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.radio.wide_field import WideFieldOperator
from lofi.seeds import stream

CELL = 1e-3  # radians: 32 pixels are two degrees
SHAPES = [(32, 32), (33, 33), (32, 45), (47, 32), (35, 40)]


@pytest.fixture(scope="module")
def baselines():
    return stream("wide field").uniform(-300, 300, (3, 400)) * np.array([[1.0], [1.0], [5.0]])


def exponentials(baselines, shape):
    """`exp(-2 pi i (u l + v m + w (n - 1)))` (M, H, W), columns towards West, rows towards North."""
    u, v, w = (axis[:, None, None] for axis in baselines)
    row, column = np.mgrid[: shape[0], : shape[1]]
    l, m = -(column - shape[1] // 2) * CELL, (row - shape[0] // 2) * CELL  # noqa: E741
    return np.exp(-2j * np.pi * (u * l + v * m + w * (np.sqrt(1 - l**2 - m**2) - 1)))


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_direct_sum_and_its_adjoint(baselines, shape):
    kernel = exponentials(baselines, shape)
    assert np.abs(np.angle(kernel * exponentials(baselines * [[1], [1], [0]], shape).conj())).max() > 1  # w matters
    operator = WideFieldOperator(*baselines, np.full(400, 1e9), shape, CELL)
    images = stream("wide field", "images").standard_normal((2, *shape))
    direct = np.einsum("mhw,phw->pm", kernel, images)
    assert np.abs(operator.forward(images) - direct).max() < 1e-6 * np.abs(direct).max()
    visibilities = direct * (1 + 0.5j)
    back = np.einsum("mhw,pm->phw", kernel.conj(), visibilities).real
    assert np.abs(operator.adjoint(visibilities) - back).max() < 1e-6 * np.abs(back).max()


ORDERS = {  # rows and whether samples are missing in them
    "windows": (100, False),
    "windows of other times": (400, True),
    "backwards": (100, False),
    "some flagged": (100, True),
    "a channel twice": (401, True),
}


@pytest.mark.parametrize("order", ORDERS)
def test_samples_of_one_baseline_are_gridded_in_rows(baselines, order):
    frequency = np.linspace(1.0, 1.55, 12).reshape(4, 3)
    window, row, channel = (axis.ravel() for axis in np.indices((4, 100, 3)))
    kept = {
        "backwards": np.arange(1200)[::-1],
        "some flagged": np.delete(np.arange(1200), [3, 4, 11, *range(20, 90)]),
        "a channel twice": np.append(np.arange(1200), [0, 1, 2]),
    }.get(order, np.arange(1200))
    of_baseline = (row + 100 * window if order == "windows of other times" else row)[kept]
    ratio = frequency[window, channel][kept]
    samples = baselines[:, of_baseline] * ratio
    operator = WideFieldOperator(*samples, 1e9 * ratio, (32, 32), CELL)
    assert len(operator) == len(kept)
    grid, _ = operator._grid
    assert (len(grid["uvw"]), grid["mask"] is not None) == ORDERS[order]
    assert len(grid["freq"]) == 12
    kernel, sky = exponentials(samples, (32, 32)), stream("wide field", "rows").standard_normal((32, 32))
    direct = np.einsum("mhw,hw->m", kernel, sky)
    assert operator.forward(sky) == pytest.approx(direct, abs=1e-6 * np.abs(direct).max())
    back = np.einsum("mhw,m->hw", kernel.conj(), direct).real
    assert operator.adjoint(direct) == pytest.approx(back, abs=1e-6 * np.abs(back).max())
    weights = stream("wide field", "weights").uniform(0.5, 2.0, len(kept))
    both = operator.adjoint(weights * direct)
    assert operator.normal(sky, weights) == pytest.approx(both, abs=1e-6 * np.abs(both).max())


def test_a_tolerance_is_kept_in_single_precision_alone(baselines):
    operator = WideFieldOperator(*baselines, np.full(400, 1e9), (32, 32), CELL)
    sky = stream("wide field", "tolerance").standard_normal((32, 32))
    exact, rough = operator.forward(sky), operator.within(1e-3)
    error = np.abs(rough.forward(sky.astype(np.float32)) - exact).max() / np.abs(exact).max()
    assert 1e-5 < error < 1e-3
    assert np.abs(rough.forward(sky) - exact).max() < 1e-3 * np.abs(exact).max()
    image = operator.adjoint(exact)
    error = np.abs(rough.adjoint(exact.astype(np.complex64)) - image).max() / np.abs(image).max()
    assert 1e-5 < error < 1e-3


@pytest.mark.parametrize("shape", [(32, 32), (33, 40)])
def test_major_cycles_reach_the_direct_solution(baselines, shape):
    """With a quadratic prior the solution is that of linear equations."""
    kernel = exponentials(baselines, shape)
    sky = np.zeros(shape)
    sky[5:9, 20:30], sky[20, 11] = 1.0, 30.0
    values = np.einsum("mhw,hw->m", kernel, sky)
    sigma = stream("wide field", "sigma").uniform(1.0, 2.0, len(values))
    frequency = np.full(len(values), 1e9)
    grid = Grid(shape, np.degrees(CELL) * 3600, wide=True)
    part = grid.part(Visibilities(*baselines, values, sigma, frequency), np.ones(len(values), bool))
    measurement = measure([part], shape)
    term = data_term(measurement)
    term.tolerance, term.noise = 1e-6, 1e-6 * term.noise  # to the end
    alpha, zeros = torch.tensor([0.02], dtype=torch.float64), torch.zeros((1, *shape))
    image, residuals = zeros, []
    for _ in range(20):
        image, solved = term.prox(zeros, alpha, start=image)
        residuals.append(float(solved["normal_residual"]))

    design = kernel.reshape(len(values), -1) * np.sqrt(measurement.natural.of(*part.samples))[:, None]
    normal = (design.conj().T @ design).real / term.norm + float(alpha) * np.eye(sky.size)
    rhs = (design.conj().T @ (values * np.sqrt(measurement.natural.of(*part.samples)))).real / term.norm
    solution = np.linalg.solve(normal, rhs).reshape(shape)
    assert np.abs(image[0].numpy() - solution).max() < 1e-4 * solution.max()
    assert residuals[-1] <= 2e-6
    _, chi2 = measurement.residual(image.numpy())
    assert 1e-12 * float(term.chi2(image)[0]) == pytest.approx(float(chi2[0]), rel=1e-3)
