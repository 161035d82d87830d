"""The spectrum of a sky at any pixel size and redshift: a table, pixel windows, aliases, standard deviations."""

import numpy as np
import pytest
import torch

from lofi.solvers.sky_spectrum import MULTIPOLES, REDSHIFTS, SkySpectrum

NEAR, FAR = 0.4, 1.5


def power_law(ell, redshift, slope=-1.2):
    return 1e-6 * redshift**1.8 * ell**slope


def table(spectrum=power_law):
    redshifts, ell = np.geomspace(NEAR, FAR, REDSHIFTS), np.geomspace(2, 4e5, MULTIPOLES)
    power = [[spectrum(multipole, redshift) for multipole in ell] for redshift in redshifts]
    return {"multipoles": ell.tolist(), "redshifts": redshifts.tolist(), "power": power}


@pytest.fixture
def sky():
    spectrum = SkySpectrum()
    spectrum.set(table())
    return spectrum


def test_a_power_law_is_exact_between_the_nodes(sky):
    ell = torch.tensor([[3.0, 77.0, 1234.5, 2e5], [9.0, 500.0, 5e3, 5e4]])
    redshift = torch.tensor([0.47, 1.31])
    expected = power_law(ell.double().numpy(), redshift.double().numpy()[:, None])
    np.testing.assert_allclose(sky.at(ell, redshift), expected, rtol=2e-5)


def test_outside_the_table_it_is_as_at_its_border(sky):
    ell = torch.tensor([[100.0]])
    for outside, border in ((0.1, NEAR), (3.0, FAR)):
        inside = sky.at(ell, torch.tensor([border]))
        torch.testing.assert_close(sky.at(ell, torch.tensor([outside])), inside)


@pytest.mark.parametrize("pixel", [0.3, 2.34375, 5.0])
def test_rings_of_the_plane_have_the_aliased_power_of_area_averages(sky, pixel):
    """The sum over aliases on the plane itself, averaged over rings."""
    side, size, redshift = 96, np.radians(pixel / 60), 0.9
    k = np.fft.fftfreq(side)
    direct = np.zeros((side, side))
    for i in range(-3, 4):
        for j in range(-3, 4):
            ky, kx = k[:, None] + i, k[None] + j
            ell = np.maximum(2 * np.pi / size * np.hypot(ky, kx), 1.0)
            direct += (np.sinc(ky) * np.sinc(kx)) ** 2 * power_law(ell, redshift) / size**2
    found = sky.pixelised((side, side), torch.tensor([pixel]), torch.tensor([redshift]))[0].numpy()
    assert found[0, 0] == 0
    radius = np.hypot(k[:, None], k[None])[:, : side // 2 + 1]
    for low in np.arange(0.02, 0.5, 0.08):
        ring = (radius >= low) & (radius < low + 0.08)
        assert found[ring].mean() == pytest.approx(direct[:, : side // 2 + 1][ring].mean(), rel=0.03)


@pytest.mark.parametrize("pixel", [0.6, 4.7])
def test_the_standard_deviation_is_that_of_a_field_of_some_degrees(sky, pixel):
    side = int(2 * 180 * 60 / 50 / pixel)  # its fundamental mode is the lowest multipole that counts
    power = sky.pixelised((side, side), torch.tensor([pixel]), torch.tensor([0.6]))[0]
    weight = torch.full((side // 2 + 1,), 2.0)
    weight[0] = 1.0
    weight[-1] = 1.0 if side % 2 == 0 else 2.0
    variance = float((power * weight).sum()) / side**2
    assert float(sky.rms(torch.tensor([pixel]), torch.tensor([0.6]))) == pytest.approx(variance**0.5, rel=0.03)


def test_another_table_is_refused(sky):
    short = table() | {"redshifts": [0.4, 1.5]}
    with pytest.raises(ValueError, match=r"redshifts has the shape \(2,\); expected \(12,\)"):
        sky.set(short)
