"""Visibilities of one simulated sky in an npz file, in place of a user's own."""

import numpy as np

from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.radio.coverage import ARCSEC
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.visibilities import Visibilities
from workflow.job import job

RIGHT_ASCENSION = 0.0  # degrees, invented


def mock_visibilities(*, observation, output, number):
    record, image, x, y, sigma, scale, visibilities = hdf5.read(
        observation, "image", "x", "y", "sigma", "scale", "visibilities"
    )
    if record["cell_arcsec"] is None or record["frequency_hz"] is None:
        raise ValueError(f"{observation} has no pixel size on the sky; visibilities need the coverage of a telescope")
    if number not in image:
        raise ValueError(f"{observation} has images 0 to {image.max()}; the observation asks for image {number}")
    problem = int(np.argmax(image == number))  # its first noise seed
    cell = 2 * np.pi * record["cell_arcsec"] * ARCSEC
    made = Visibilities(
        u=-x / cell,
        v=y / cell,
        w=np.zeros_like(x),  # the simulation has no w-term
        values=visibilities[problem].astype(np.complex128),
        sigma=scale[problem] * sigma,
        frequency=np.full(len(x), record["frequency_hz"]),
        bandwidth=record["bandwidth_hz"] or 0.0,
        centre=(RIGHT_ASCENSION, record["declination_deg"]),
        object=f"{record['name']} {number}",
        telescope=record["telescope"],
        simulated=True,
    )
    with replacing(output) as temporary:
        write_npz(temporary, made)


with job(snakemake):
    mock_visibilities(
        observation=snakemake.input[0],
        output=snakemake.output[0],
        number=snakemake.params.image,
    )
