"""Visibilities of one simulated sky in an npz file, in place of a user's own."""

from pathlib import Path

import numpy as np

from lofi.io.atomic import replacing
from lofi.radio.coverage import ARCSEC
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.visibilities import Visibilities
from simulations.radio_observation import read_observation
from workflow.job import run

RIGHT_ASCENSION = 0.0  # degrees, invented


def mock_visibilities(*, observation: Path, npz: Path, number: int) -> None:
    """The first noise seed of sky `number`."""
    observed = read_observation(observation)
    if observed.cell_arcsec is None or observed.frequency_hz is None:
        raise ValueError(f"{observation} has no pixel size on the sky; visibilities need the coverage of a telescope")
    problem = observed.first_problem(number)
    cell = 2 * np.pi * observed.cell_arcsec * ARCSEC
    visibilities = Visibilities(
        u=-observed.x / cell,
        v=observed.y / cell,
        w=np.zeros_like(observed.x),  # the simulation has no w-term
        values=observed.visibilities[problem].astype(np.complex128),
        sigma=observed.scale[problem] * observed.sigma,
        frequency=np.full(len(observed.x), observed.frequency_hz),
        width=np.full(len(observed.x), observed.bandwidth_hz or 0.0),
        centre=(RIGHT_ASCENSION, observed.declination_deg),
        object=f"{observed.name} {number}",
        telescope=observed.telescope,
        simulated=True,
    )
    with replacing(npz) as temporary:
        write_npz(temporary, visibilities)


if __name__ == "__main__":
    run(snakemake, mock_visibilities)
