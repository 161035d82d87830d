"""Mock visibilities as a user's file."""

import numpy as np
import pytest

from lofi.radio.coverage import ARCSEC
from lofi.radio.visibilities.read import read_visibilities
from simulations.radio_observation import RadioObservation, write_observation
from workflow.scripts.mock_visibilities import mock_visibilities


def test_mock_visibilities_have_the_noise_and_the_sky_of_the_inversion(tmp_path):
    rng = np.random.default_rng(1)
    truth = np.zeros((2, 32, 32), np.float32)
    truth[1, 20, 10] = 1.0
    x, y = rng.uniform(-3, 3, (2, 300))
    row, column = 20 - 16, 10 - 16
    clean = np.exp(-1j * (x * column + y * row)).astype(np.complex64)
    source, output = tmp_path / "observation.h5", tmp_path / "visibilities.npz"
    observation = RadioObservation(
        inversion={"cell_arcsec": 2.0, "weighting": {"weighting": "natural"}},
        name="radio",
        seed=["test"],
        simulated=True,
        description="a point",
        kinds=["galaxy", "nebula"],
        beam=(2.0, 2.0, 0.0),
        telescope="meerkat",
        declination_deg=-30.7,
        frequency_hz=1.4e9,
        bandwidth_hz=None,
        w_phase=0.0,
        truth=truth,
        image=np.array([0, 0, 1, 1]),
        noise_seed=np.array([0, 1, 0, 1]),
        x=x,
        y=y,
        sigma=np.ones(300),
        scale=np.array([1.0, 1.0, 0.25, 0.5]),
        visibilities=np.stack([0 * clean] * 2 + [clean] * 2),
    )
    write_observation(source, observation)
    mock_visibilities(observation=source, npz=output, number=1)
    visibilities = read_visibilities(output)
    assert visibilities.simulated
    assert visibilities.centre[1] == -30.7
    assert np.allclose(visibilities.sigma, 0.25)
    east, north = -column * 2.0 * ARCSEC, row * 2.0 * ARCSEC
    assert np.allclose(
        visibilities.values, np.exp(-2j * np.pi * (visibilities.u * east + visibilities.v * north)), atol=1e-4
    )
    with pytest.raises(ValueError, match="2"):
        mock_visibilities(observation=source, npz=output, number=2)
