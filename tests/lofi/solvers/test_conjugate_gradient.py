"""Conjugate gradients against a dense solve."""

import pytest
import torch

from lofi.solvers.conjugate_gradient import conjugate_gradient, inner

SHAPE = (5, 6)


def systems(batch=4, condition=100.0):
    """Dense symmetric positive definite matrices (B, 30, 30), as an operator too, and right-hand sides."""
    generator = torch.Generator().manual_seed(2)
    basis = torch.linalg.qr(torch.randn(batch, 30, 30, generator=generator, dtype=torch.float64)).Q
    spectrum = torch.logspace(0, 1, 30, base=condition, dtype=torch.float64)
    matrices = basis * spectrum @ basis.mT
    rhs = torch.randn(batch, *SHAPE, generator=generator, dtype=torch.float64)
    return matrices, rhs


def operator_of(matrices):
    return lambda x: (matrices @ x.flatten(1)[..., None]).reshape(x.shape)


def test_it_solves_the_system():
    matrices, rhs = systems()
    x, iterations = conjugate_gradient(operator_of(matrices), rhs, tolerance=1e-10)
    expected = torch.linalg.solve(matrices, rhs.flatten(1))
    assert torch.allclose(x.flatten(1), expected, rtol=0, atol=1e-8)
    assert (iterations <= 100).all()


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4])
def test_each_image_stops_at_its_tolerance(tolerance):
    matrices, rhs = systems()
    matrices[0] = torch.eye(30)
    operator = operator_of(matrices)
    x, iterations = conjugate_gradient(operator, rhs, tolerance=tolerance)
    residual = operator(x) - rhs
    assert (inner(residual, residual).sqrt() <= 1.001 * tolerance * inner(rhs, rhs).sqrt()).all()
    assert iterations[0] == 1
    assert (iterations[1:] > 5).all()


SCALES = torch.tensor([1.0, 1e-6, 1e4, 0.0], dtype=torch.float64)[:, None, None]


def test_a_batch_is_its_images_one_by_one():
    matrices, rhs = systems(condition=10.0)
    rhs = SCALES * rhs
    x, iterations = conjugate_gradient(operator_of(matrices), rhs)
    for i in range(4):
        alone, count = conjugate_gradient(operator_of(matrices[i : i + 1]), rhs[i : i + 1])
        assert torch.allclose(x[i], alone[0], rtol=0, atol=1e-9 * float(SCALES[i]))
        assert iterations[i] == count[0]


def test_images_that_are_done_wait_without_dividing_by_zero():
    matrices, rhs = systems()
    rhs = (SCALES * rhs).float()
    operator = operator_of(matrices.float())
    x, iterations = conjugate_gradient(operator, rhs, tolerance=1e-3)
    residual = operator(x) - rhs
    assert (inner(residual, residual).sqrt() <= 2e-3 * inner(rhs, rhs).sqrt()).all()
    assert torch.equal(x[3], torch.zeros_like(x[3]))
    assert iterations[3] == 0


def test_from_the_solution_it_does_not_move():
    matrices, rhs = systems()
    start = torch.linalg.solve(matrices, rhs.flatten(1)).reshape(rhs.shape)
    x, iterations = conjugate_gradient(operator_of(matrices), rhs, start)
    assert torch.equal(x, start)
    assert (iterations == 0).all()


def test_it_gives_up_at_the_limit_and_keeps_its_start_untouched():
    matrices, rhs = systems()
    start = torch.ones_like(rhs)
    _, iterations = conjugate_gradient(operator_of(matrices), rhs, start, tolerance=1e-12, max_iterations=3)
    assert (iterations == 3).all()
    assert torch.equal(start, torch.ones_like(rhs))


def test_a_preconditioner_changes_the_way_and_not_the_solution():
    scale = torch.logspace(0, 3, 30, dtype=torch.float64).reshape(SHAPE)
    matrices, rhs = systems(condition=2.0)
    operator = operator_of(matrices)

    def scaled(x):  # condition 10^6
        return scale * operator(scale * x)

    expected = torch.linalg.solve(matrices, (rhs / scale).flatten(1)).reshape(rhs.shape) / scale
    for plain in (False, True):
        x, iterations = conjugate_gradient(
            scaled, rhs, tolerance=1e-8, precondition=lambda residual: residual / scale**2, plain=plain
        )
        assert torch.allclose(x * scale, expected * scale, rtol=0, atol=1e-4)
        assert (iterations < 30).all()
    residual = scaled(x) - rhs
    assert (inner(residual, residual).sqrt() <= 1.001e-8 * inner(rhs, rhs).sqrt()).all()
    assert (conjugate_gradient(scaled, rhs, tolerance=1e-8)[1] == 100).all()
