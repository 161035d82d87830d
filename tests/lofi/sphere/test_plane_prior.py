"""A network of the plane on the sphere: `lofi map` of a HEALPix map at any Nside, and its patches there."""

import healpy as hp
import numpy as np
import pytest
import torch
from astropy.io import fits
from sky_model import NOISE, NOMINAL

from lofi.cli import main
from lofi.data.noise import complex_noise
from lofi.io import healpix
from lofi.lensing.mapping import load_lensing_model
from lofi.sphere.pixels import CHANNELS, pixel_arcmin
from lofi.sphere.plane_prior import PlaneOnSphere
from lofi.sphere.shear_map import SphereShear, shear_columns


def noise_of(nside):
    return NOISE * NOMINAL / pixel_arcmin(nside)


@pytest.mark.parametrize("nside", [32, 64])
def test_a_healpix_map_of_any_nside_is_mapped(sky_prior, tmp_path, capsys, nside):
    """The untrained network adds nothing to the Wiener map; the spectrum is that of the redshift."""
    rng, pixels = np.random.default_rng(3), 12 * nside**2
    noise = np.full(pixels, 30 * noise_of(nside))  # so that the filter has to choose
    noise[hp.query_disc(nside, [1, 0, 0], 0.4)] = np.inf
    gamma = np.where(np.isfinite(noise), complex_noise(noise, rng), 0.0)
    columns, cards = shear_columns(SphereShear(gamma, noise, nside))
    shear, output, spreads = tmp_path / "shear.fits", tmp_path / "kappa.fits", []
    healpix.write(shear, columns, np.isfinite(noise), simulated=True, history=[], cards=cards)
    for redshift in (0.4, 1.5):
        main(["map", str(shear), "--prior", str(sky_prior), "-o", str(output), "--redshift", str(redshift)])
        said = capsys.readouterr().err
        said = [line for line in said.splitlines() if line.startswith("warning: ")]
        assert any("where the model was trained on 0.5' to 4'" in line for line in said)  # such large pixels
        maps, seen, found = healpix.read(output)
        assert found == nside
        np.testing.assert_allclose(maps["KAPPA"][seen], maps["KAPPA_WIENER"][seen], atol=1e-6)
        assert fits.getheader(output, 1)["ZSOURCE"] == redshift
        spreads.append(maps["KAPPA"][seen].std())
    assert spreads[1] > 1.2 * spreads[0]


def test_its_patch_is_as_large_on_the_sky_as_on_the_plane(sky_prior):
    model, _ = load_lensing_model(sky_prior)
    radius = float(model.network.geometry.offsets.detach().norm(dim=-1).max())
    for nside, pixels in (
        (512, 1.0),
        (8192, NOMINAL / pixel_arcmin(8192)),
    ):  # large ones; the network's length
        field = PlaneOnSphere(model, nside, 0.9, 1.0)
        assert float(field.network.geometry.offsets.detach().norm(dim=-1).max()) == pytest.approx(
            radius * pixels, rel=1e-5
        )


def test_what_is_added_scales_with_the_sky_and_reads_the_precision(sky_prior):
    model, _ = load_lensing_model(sky_prior)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.network.network.parameters():
            parameter += 0.1 * torch.randn(parameter.shape)
    nside = 1024
    field = PlaneOnSphere(model, nside, 0.9, noise_of(nside))
    image = 0.02 * torch.randn(1, 3, 40, 40)
    image[:, CHANNELS.index("precision")] = 1.0
    centres, frames = torch.tensor([[20.0, 20.0], [15.0, 22.0]]), torch.eye(2).expand(2, 2, 2)
    added = field.correction_at(image, centres, frames)
    assert added.shape == (1, 1, 2)
    shallow = image.clone()
    shallow[:, CHANNELS.index("precision")] = 0.2
    assert not torch.allclose(field.correction_at(shallow, centres, frames), added, rtol=1e-2)
    field.inputs.wiener.sky.power.mul_(4.0)  # twice the sky, and all else twice as well
    louder = PlaneOnSphere(model, nside, 0.9, 2 * noise_of(nside))
    twice = image.clone()
    twice[:, :2] *= 2
    torch.testing.assert_close(louder.correction_at(twice, centres, frames), 2 * added, rtol=1e-4, atol=0)
