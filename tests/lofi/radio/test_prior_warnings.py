"""Noise outside what a denoiser was trained for is a warning, on either side, and nothing within."""

from types import SimpleNamespace

import pytest
import torch

from lofi.radio.imaged import prior_warnings

RECORD = {"noise": [1e-3, 0.1]}


@pytest.mark.parametrize(("level", "words"), [(5e-4, "better"), (1e-3, None), (0.1, None), (0.2, "noisier")])
def test_noise_outside_the_training_is_a_warning(level, words):
    image = torch.zeros(1, 4, 4)
    image[0, 1, 2] = 8.0
    trace = [{"sigma": 100.0}, {"sigma": 8.0 * level}]  # the first levels are always high
    reconstruction = SimpleNamespace(start=image / 2, images=image, trace=trace)
    warnings = prior_warnings(reconstruction, RECORD)
    assert len(warnings) == (words is not None)
    assert all(f"the data are {words} than what the prior was trained for" in warning for warning in warnings)
    assert all(f"{level:.2g} of the peak" in warning for warning in warnings)
