"""Small coverages, and `lofi image` of a small sky."""

import numpy as np
import pytest
from image_command import CENTRE, EAST, EXTENDED, NORTH, POINT, SIGMA, SIZE, WIDTH

from lofi.cli import main
from lofi.radio.coverage import ARCSEC, radians_per_pixel, synthesis
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.seeds import stream
from simulations.receiver_noise import add_noise


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


@pytest.fixture(scope="module")
def sky():
    """A point and a Gaussian as MeerKAT sees them, from their analytic transforms."""
    seen = synthesis(telescope("meerkat"), CENTRE[1], (-0.5, 0.5), 600.0, [1.4e9])
    phase = 2 * np.pi * (seen.u * EAST + seen.v * NORTH) * ARCSEC
    extended = EXTENDED * np.exp(-2 * (np.pi * WIDTH * ARCSEC) ** 2 * (seen.u**2 + seen.v**2))
    sigma = np.full(len(phase), SIGMA)
    dumps, pairs = 6, np.triu_indices(64, k=1)
    return Visibilities(
        seen.u,
        seen.v,
        np.zeros(len(phase)),
        add_noise(POINT * np.exp(-1j * phase) + extended, sigma, np.random.default_rng(3)),
        sigma,
        np.full(len(phase), 1.4e9),
        width=np.full(len(phase), 1e7),
        time=np.repeat(np.arange(dumps) * 600.0, len(pairs[0])),
        antenna1=np.tile(pairs[0], dumps),
        antenna2=np.tile(pairs[1], dumps),
        channel=np.zeros(len(phase), int),
        centre=CENTRE,
        object="test",
        telescope="MeerKAT",
        date="2026-01-02",
    )


@pytest.fixture
def run(denoiser_folder, tmp_path):
    """Run `lofi image` on visibilities or a path; returns (exit code, beginning of the outputs' names)."""

    def call(source, *arguments, folder=denoiser_folder, size=SIZE, output="out/sky"):
        if isinstance(source, Visibilities):
            path = tmp_path / "source.npz"
            write_npz(path, source)
        else:
            path = source
        prefix = tmp_path / output
        command = ["image", str(path), "--prior", str(folder), "--output", str(prefix), "--size", str(size)]
        try:
            main([*command, *map(str, arguments)])
        except SystemExit as end:
            return end.code, prefix
        return 0, prefix

    return call
