"""`lofi image` and the workflow's inversions make the same products of the same visibilities, bit for bit."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from lofi.cli import main
from lofi.radio.imaged import STREAM
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.products import UNITS
from lofi.radio.radio_field import read_field
from simulations.radio_observation import write_observation
from simulations.visibilities import simulate_visibilities
from workflow.scripts.export_inversion import export_inversion
from workflow.scripts.invert import invert
from workflow.scripts.mock_visibilities import mock_visibilities

WEIGHTING = {"weighting": "briggs", "robust": 0.5}
OPTIONS = ImagingOptions(pixels=32, cell_arcsec=2.8, **WEIGHTING)
INVERSION = {
    "sky": {"source": "galaxies", "images": 1},
    "pixels": OPTIONS.pixels,
    "cell_arcsec": OPTIONS.cell_arcsec,
    "coverage": {
        "telescope": "meerkat",
        "declination_deg": -30.7,
        "hour_angles": [-0.1, 0.1],
        "dump_seconds": 240,
        "frequencies_hz": [1.4e9],
        "bandwidth_hz": 1e7,
    },
    "noise": {"snr_db": 30},
    "noise_seeds": 1,
    "weighting": WEIGHTING,
}
FILE_ONLY = ("HISTORY", "DATE", "CHECKSUM", "DATASUM")


@pytest.fixture(scope="module")
def products(denoiser_folder, tmp_path_factory):
    """Folder with `command-*` and, in `workflow/`, `image_00-*`, and the trace of each."""
    folder = tmp_path_factory.mktemp("radio")
    observation, npz = folder / "observation.h5", folder / "visibilities.npz"
    observed = simulate_visibilities(INVERSION, ["test", "sky"], "test")
    write_observation(observation, observed)
    mock_visibilities(observation=observation, npz=npz, number=0)
    field = read_field([npz], OPTIONS)
    (part,) = field.measurement.parts
    operator, sigma = part.flat, part.sigma
    assert operator.x == pytest.approx(observed.x, abs=1e-14)  # u of the file times the cell: rounded twice
    assert operator.y == pytest.approx(observed.y, abs=1e-14)
    assert sigma == pytest.approx(observed.scale[0] * observed.sigma, rel=1e-14)
    same = {"x": operator.x, "y": operator.y, "sigma": sigma, "scale": np.ones(1)}
    same["visibilities"] = part.visibilities  # of double precision in the file
    write_observation(observation, dataclasses.replace(observed, **same))
    images = [folder / "images.h5"]
    invert(
        observation=observation,
        weights=denoiser_folder / "model.safetensors",
        images=images[0],
        trace=folder / "workflow-trace.csv",
        part=0,
        parts=1,
        method={"class": "admm", "model": "dncnn_denoiser"},
        name=[STREAM],  # so that the random orientations are the same
        device="cpu",
        threads=1,
    )
    export_inversion(
        observation=observation, images=images, folder=folder / "workflow", inversion="sky", method="admm", number=1
    )
    command = ["image", npz, "--prior", denoiser_folder, "--output", folder / "command", "--size", OPTIONS.pixels]
    command += ["--cell", OPTIONS.cell_arcsec, "--weighting", "briggs", "--robust", WEIGHTING["robust"]]
    main([str(word) for word in command])
    return folder


@pytest.mark.parametrize("product", UNITS)
def test_command_and_workflow_write_the_same_image(products, product):
    (command, header), (workflow, workflow_header) = (
        fits.getdata(products / f"{name}-{product}.fits", header=True) for name in ("command", "workflow/image_00")
    )
    assert np.abs(command).max() > 0
    assert command.tobytes() == workflow.tobytes()
    for cards in (header, workflow_header):
        for key in FILE_ONLY:
            del cards[key]
    assert dict(header) == dict(workflow_header)


def test_histories_tell_the_same_results(products):
    command, workflow = (
        " ".join(fits.getheader(products / name)["HISTORY"])
        for name in ("command-model.fits", "workflow/image_00-model.fits")
    )
    shared = "weighting of dirty, psf, residual and image: briggs, robust 0.5 image: model convolved with the beam"
    for history in (command, workflow):
        assert shared in history
    results = workflow[workflow.index("chi2/M") :]
    assert "rms of the residual" in results
    assert results in command


def test_the_iterations_are_the_same(products):
    command, workflow = (pd.read_csv(products / f"{name}-trace.csv") for name in ("command", "workflow"))
    columns = [name for name in command.columns if "seconds" not in name and name != "cell"]
    assert {"iteration", "sigma", "alpha", "chi2", "change", "cg_iterations"} == set(columns)
    assert command[columns].equals(workflow[columns])
