"""A universe with smooth spectra that grow a little and the distances of Ω_m = 0.3; no Boltzmann code."""

import numpy as np

from simulations.theory import HUBBLE_DISTANCE, Theory

STEP = 0.005  # of the redshifts of its tables


def smooth_theory(source: float) -> Theory:
    """The theory of sources at a redshift; its tables end 0.01 beyond."""
    z = np.linspace(0, source + 0.01, round((source + 0.01) / STEP) + 1)
    k = np.geomspace(1e-3, 60, 300)
    speed = HUBBLE_DISTANCE / np.sqrt(0.3 * (1 + z) ** 3 + 0.7)
    distance = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2 * np.diff(z))])
    linear = 3e4 * (k / 0.02) / (1 + (k / 0.02) ** 1.8) ** 1.6
    cosmology = {"h": 0.7, "omega_m": 0.3, "omega_b": 0.05, "n_s": 1.0, "sigma_8": 0.8}
    return Theory(cosmology, source, k, z, linear, linear * (1 + k) / (1 + z[:, None]), distance)
