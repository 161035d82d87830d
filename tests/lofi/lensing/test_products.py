"""The maps of a field: masks, means, and the command's file."""

import numpy as np
import pytest
import torch
from astropy.io import fits

from lofi.cli import main
from lofi.data.depth import Depth
from lofi.data.lensing import LensingObservation
from lofi.io.fits import write_maps
from lofi.lensing.kaiser_squires import channels
from lofi.lensing.mapping import SMALLEST_MARGIN, load_lensing_model
from lofi.lensing.products import field_maps
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.shear_map_files import read_shear_map, shear_images
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from lofi.models.reconstructor import reconstruct_in_batches

PIXEL, CENTRE = 2.34375, (10.0, 20.0)


@pytest.fixture(scope="module")
def field():
    """A field with holes: its shear, the channels of it as a periodic field, its truth."""
    depth = Depth(relative_noise=(1.0, 1.0), nominal_fraction=0.0, gradient=0.3, holes=(4, 4), hole_radius=(2.0, 3.0))
    observation = LensingObservation(0.03, depth=depth)
    kappa = 0.02 * np.random.default_rng(1).standard_normal((40, 48))
    observed, truth = observation.observe(kappa, np.random.default_rng(2))
    gamma, noise_std = observation.shear(kappa, np.random.default_rng(2))
    wcs = tangent_wcs(CENTRE, PIXEL, kappa.shape)
    binned = BinnedShear(gamma, noise_std, np.isfinite(noise_std), None, None, PIXEL, wcs)
    assert 0.5 < binned.mask.mean() < 1
    return binned, observed, truth[0]


def as_the_workflow(observed, folder, **options):
    """The maps as the workflow makes them: reconstructed in a batch, exported later."""
    model, _ = load_lensing_model(folder)
    batch = torch.from_numpy(observed)[None]
    kappa = reconstruct_in_batches(model, batch, torch.device("cpu")).numpy()[0, 0]
    return field_maps(observed, kappa, model.wiener(batch)[0].numpy(), **options)


def test_the_command_makes_the_same_maps(field, checkpoint_folder, tmp_path):
    """A survey has margins; with them the workflow's functions give the command's file, bit for bit."""
    shear, output = tmp_path / "shear.fits", tmp_path / "kappa.fits"
    write_maps(shear, shear_images(field[0]), wcs_header(field[0].wcs), simulated=True, history=[])
    main(["map", str(shear), "--prior", str(checkpoint_folder), "--output", str(output)])
    binned, margin = read_shear_map(open_shear(shear)), SMALLEST_MARGIN
    noise_std = np.pad(binned.noise_std, margin, constant_values=np.inf)
    observed = channels(np.pad(binned.gamma, margin), noise_std).astype(np.float32)
    with fits.open(output) as hdus:
        assert hdus[0].header["SIMULATD"] is True
        for name, (image, _) in as_the_workflow(observed, checkpoint_folder, margin=margin).items():
            assert np.array_equal(hdus[name].data, image.astype(hdus[name].data.dtype), equal_nan=True), name


def test_means_and_masks(field):
    _, observed, truth = field
    maps = field_maps(observed, truth + 1, truth + 2, truth + 3)
    mask = maps["MASK"][0]
    assert np.array_equal(mask, np.isfinite(observed[2]))
    for name in ("KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "TRUTH"):
        assert abs(np.nanmean(maps[name][0], dtype=np.float64)) < 1e-6
    for name, channel in zip(("KAPPA_KS_E", "KAPPA_KS_B", "NOISE_STD"), observed, strict=True):
        assert np.array_equal(maps[name][0][mask], channel[mask])
    for name in set(maps) - {"MASK"}:
        assert np.array_equal(np.isnan(maps[name][0]), ~mask), name
