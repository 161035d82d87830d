"""Non-negative least squares against scipy's."""

import numpy as np
import pytest
import torch
from direct_interferometer import measurement
from scipy.optimize import nnls

from lofi.solvers.data_terms import Deconvolution, Inpainting
from lofi.solvers.positivity import positivity_only


def term_of(data, part=slice(None)):
    dirty = torch.as_tensor(data.dirty[part])
    return Deconvolution(data.psf, dirty, data.noise[part], data.power[part], data.visibilities.shape[1])


def test_it_converges_to_the_solution():
    data = measurement((6, 7), visibilities=80)
    x = positivity_only(term_of(data), iterations=3000)
    root = np.sqrt(data.weights)[:, None] * data.matrix
    for i in range(3):
        y = np.sqrt(data.weights) * data.visibilities[i]
        expected, _ = nnls(np.concatenate([root.real, root.imag]), np.concatenate([y.real, y.imag]))
        assert x[i].flatten().numpy() == pytest.approx(expected, abs=1e-5)


def test_never_negative_and_the_misfit_falls():
    data = measurement((12, 12))
    term = term_of(data)
    chi2 = []
    for iterations in (0, 5, 20, 100, 400):
        x = positivity_only(term, iterations)
        assert float(x.min()) >= 0
        chi2.append(term.chi2(x).numpy())
    assert (np.diff(np.array(chi2), axis=0) <= 1e-9).all()


def test_a_batch_is_its_images_one_by_one():
    data = measurement((9, 8))
    x = positivity_only(term_of(data))
    for i in range(3):
        assert torch.allclose(x[i], positivity_only(term_of(data, slice(i, i + 1)))[0], atol=1e-9)


def test_from_the_solution_it_stays_there():
    observed = torch.tensor([[[1.0, -1.0], [0.5, 2.0]]])
    term = Inpainting(observed, torch.ones(2, 2, dtype=torch.bool), [0.1])
    solution = observed.clamp(min=0.0)
    assert torch.equal(positivity_only(term, 5, start=solution), solution)
