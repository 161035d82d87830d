"""Total variation: the optimum, its limits, its independence of inner iterations."""

import pytest
import torch
from direct_interferometer import measurement
from scipy.optimize import minimize

from lofi.solvers.conjugate_gradient import inner
from lofi.solvers.data_terms import Deconvolution, Inpainting
from lofi.solvers.positivity import positivity_only
from lofi.solvers.total_variation import total_variation


def term_of(data, dtype=torch.float64, part=slice(None)):
    dirty = torch.as_tensor(data.dirty[part], dtype=dtype)
    return Deconvolution(data.psf, dirty, data.noise[part], data.power[part], data.visibilities.shape[1])


def variation(x, epsilon=0.0):
    down, across = torch.zeros_like(x), torch.zeros_like(x)
    down[:, :-1] = x[:, 1:] - x[:, :-1]
    across[:, :, :-1] = x[:, :, 1:] - x[:, :, :-1]
    return (down**2 + across**2 + epsilon**2).sqrt().sum((1, 2))


def objective(term, x, lam, epsilon=0.0):
    return inner(x, term.convolution(x)) / 2 - inner(x, term.dirty) + lam * variation(x, epsilon)


@pytest.mark.parametrize("shape", [(12, 12), (9, 14)])
def test_few_inner_iterations_reach_the_optimum(shape):
    data = measurement(shape, visibilities=120)
    term = term_of(data)
    lam = torch.tensor([0.1, 0.3, 1.0]) * term.noise
    optimum = total_variation(term, lam, iterations=200, inner_iterations=10)  # to 1e-6 of the objective
    reference = objective(term, optimum, lam)
    result = objective(term_of(data), total_variation(term_of(data, torch.float32), lam).double(), lam)
    assert (reference < 0).all()
    assert ((result - reference) / reference.abs() < 1e-4).all()


def test_another_optimiser_finds_nothing_better():
    data = measurement((8, 9), visibilities=90, batch=1)
    term = term_of(data)
    lam = 0.5 * term.noise
    x = total_variation(term, lam, iterations=600, inner_iterations=20)
    best = objective(term, x, lam)

    def smoothed(values, epsilon=1e-4):
        image = torch.tensor(values.reshape(x.shape), requires_grad=True)
        value = objective(term, image, lam, epsilon).sum()
        value.backward()
        return value.item(), image.grad.numpy().ravel()

    for start in (x, torch.zeros_like(x)):
        found = minimize(smoothed, start.numpy().ravel(), jac=True, method="L-BFGS-B", bounds=[(0, None)] * x.numel())
        other = objective(term, torch.tensor(found.x.reshape(x.shape)), lam)
        assert float(best) - 1e-6 <= float(other) < float(best) + 1e-2 * float(best.abs())


def test_a_step_loses_the_known_height():
    """Denoising a strip of two plateaus: each moves by lam / width towards the other."""
    lam, height = 0.4, 3
    observed = torch.cat([torch.full((1, height, 5), 1.0), torch.full((1, height, 8), 3.0)], dim=2).double()
    term = Inpainting(observed, torch.ones(observed.shape, dtype=torch.bool), [1.0])
    x = total_variation(term, torch.tensor([lam]), iterations=500, start=observed)
    assert torch.allclose(x[..., :5], torch.tensor(1 + lam / 5).double(), atol=1e-6)
    assert torch.allclose(x[..., 5:], torch.tensor(3 - lam / 8).double(), atol=1e-6)


def test_without_weight_it_is_positivity_only_and_with_much_it_is_flat():
    data = measurement((10, 9))
    term = term_of(data)
    free = total_variation(term, torch.zeros(3), iterations=150)
    assert torch.allclose(free, positivity_only(term, iterations=150), atol=1e-9)
    flat = total_variation(term, torch.full((3,), 1e3), iterations=500)
    assert float((flat - flat.mean((1, 2), keepdim=True)).abs().max()) < 1e-3 * float(flat.max())
    assert float(flat.min()) >= 0


def test_a_batch_is_its_images_one_by_one():
    data = measurement((9, 8))
    lam = torch.tensor([0.1, 1.0, 3.0]) * term_of(data).noise
    x = total_variation(term_of(data), lam)
    for i in range(3):
        part = slice(i, i + 1)
        assert torch.allclose(x[i], total_variation(term_of(data, part=part), lam[part])[0], atol=1e-9)


def test_a_warm_start_shortens_the_way():
    data = measurement((12, 12), visibilities=120)
    term = term_of(data)
    lam = 0.3 * term.noise
    neighbour = total_variation(term, 0.5 * lam, iterations=1000)
    cold, warm = total_variation(term, lam, 20), total_variation(term, lam, 20, start=neighbour)
    assert (objective(term, warm, lam) < objective(term, cold, lam)).all()
