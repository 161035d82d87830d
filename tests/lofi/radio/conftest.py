"""Small coverages."""

import numpy as np
import pytest

from lofi.radio.coverage import radians_per_pixel, synthesis
from lofi.radio.telescopes.telescope import telescope
from lofi.seeds import stream


@pytest.fixture(scope="session")
def meerkat():
    return telescope("meerkat")


@pytest.fixture(scope="session")
def coverage(meerkat):
    """Two dumps of MeerKAT, 4032 visibilities."""
    return synthesis(meerkat, -30.0, (-1.0, 1.0), 3600, 1.4e9)


@pytest.fixture(scope="session")
def points(coverage):
    """Radians per pixel of the coverage near Nyquist."""
    return radians_per_pixel(coverage, 2.8)


@pytest.fixture(scope="session")
def scattered():
    """200 points anywhere, and some at exactly ±π, 0 and beyond a turn."""
    x, y = stream("interferometer", "points").uniform(-np.pi, np.pi, (2, 200))
    x[:4], y[:4] = (np.pi, -np.pi, 0.0, 4.0), (-np.pi, 0.0, 0.0, -6.0)
    return x, y
