"""Visibilities of one simulated sky in an npz file, in place of a user's own."""

import numpy as np

from lofi.io.atomic import replacing
from lofi.radio.coverage import ARCSEC
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.visibilities import Visibilities
from simulations.radio_observation import read_observation
from workflow.job import job

RIGHT_ASCENSION = 0.0  # degrees, invented


def mock_visibilities(*, observation, output, number):
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
        bandwidth=observed.bandwidth_hz or 0.0,
        centre=(RIGHT_ASCENSION, observed.declination_deg),
        object=f"{observed.name} {number}",
        telescope=observed.telescope,
        simulated=True,
    )
    with replacing(output) as temporary:
        write_npz(temporary, visibilities)


with job(snakemake):
    mock_visibilities(
        observation=snakemake.input[0],
        output=snakemake.output[0],
        number=snakemake.params.image,
    )
