"""Several skies through one coverage, each with noise of its own signal to noise."""

import numpy as np
import pytest

from lofi.radio.operator import VisibilityOperator
from lofi.seeds import stream
from simulations.noisy_measurement import noisy_measurement

SIDE, COUNT, DECIBEL = 24, 4000, (10.0, 30.0)


def test_each_sky_has_the_signal_to_noise_that_is_asked_for():
    rng = stream("noisy measurement")
    x, y = rng.uniform(-3, 3, (2, COUNT))
    truth = rng.random((2, SIDE, SIDE)) * [[[1.0]], [[5.0]]]
    measurement = noisy_measurement(truth, x, y, DECIBEL, rng)
    clean = VisibilityOperator(x, y, (SIDE, SIDE)).forward(truth)
    (part,) = measurement.parts
    noise = part.visibilities - clean
    ratio = 20 * np.log10(np.linalg.norm(clean, axis=1) / np.linalg.norm(noise, axis=1))
    assert ratio == pytest.approx(DECIBEL, abs=0.15)
    for parts in (noise.real, noise.imag):
        assert parts.std(1) == pytest.approx(measurement.scale, rel=0.05)
    assert abs(np.vdot(*noise)) < 0.1 * np.linalg.norm(noise[0]) * np.linalg.norm(noise[1])
    with pytest.raises(ValueError, match="the norm of the visibilities is 0"):
        noisy_measurement(0 * truth, x, y, DECIBEL, rng)
