"""Simulated radio observations: what is written is read, by name, and says what is wrong with another file."""

import dataclasses

import numpy as np
import pytest

from lofi.io import hdf5
from simulations.radio_observation import ARRAYS, read_observation, write_observation
from simulations.visibilities import simulate_visibilities

INVERSION = {
    "sky": {"source": "galaxies", "images": 2},
    "pixels": 32,
    "cell_arcsec": 2.8,
    "coverage": {
        "telescope": "meerkat",
        "declination_deg": -30.7,
        "hour_angles": [-0.1, 0.1],
        "dump_seconds": 240,
        "frequencies_hz": [1.4e9],
        "bandwidth_hz": 1e7,
    },
    "noise": {"peak_jy": 0.5},
    "noise_seeds": 2,
    "weighting": {"weighting": "briggs", "robust": 0.0},
}


@pytest.fixture(scope="module")
def observation():
    return simulate_visibilities(INVERSION, ["lofi", "radio", "test"], "lofi")


def test_what_is_written_is_read(observation, tmp_path):
    write_observation(tmp_path / "observation.h5", observation)
    again = read_observation(tmp_path / "observation.h5")
    assert again.fingerprint
    for field in dataclasses.fields(observation):
        written, read = getattr(observation, field.name), getattr(again, field.name)
        if field.name in ARRAYS:
            assert np.array_equal(written, read)
            assert written.dtype == read.dtype
        elif field.name == "beam":
            assert tuple(read) == written
        elif field.name != "fingerprint":
            assert read == written, field.name


def test_problems_are_skies_with_noise_of_the_receivers(observation):
    assert observation.image.tolist() == [0, 0, 1, 1]
    assert observation.noise_seed.tolist() == [0, 1, 0, 1]
    assert observation.truth.max((1, 2)) == pytest.approx(0.5)
    assert [observation.first_problem(image) for image in (0, 1)] == [0, 2]
    _, chi2 = observation.measurement().residual(observation.truth[observation.image])
    assert chi2 == pytest.approx(np.ones(4), abs=5 / np.sqrt(len(observation.x)))
    with pytest.raises(ValueError, match="test has images 0 to 1, not 2"):
        observation.first_problem(2)


def test_another_file_is_refused(observation, tmp_path):
    hdf5.write(tmp_path / "lacks.h5", {}, truth=observation.truth)
    with pytest.raises(ValueError, match=r"lacks.h5 lacks image"):
        read_observation(tmp_path / "lacks.h5")
    hdf5.write(tmp_path / "old.h5", {"name": "old"}, **{name: getattr(observation, name) for name in ARRAYS})
    with pytest.raises(ValueError, match=r"old.h5: missing argument inversion"):
        read_observation(tmp_path / "old.h5")
