"""A model that is told pixel size and source redshift: units, the Wiener filter of theory, patches on the sky."""

import numpy as np
import pytest
import torch

from lofi.field import local_field
from lofi.models import reconstructor
from lofi.models.registry import build
from lofi.solvers.sky_spectrum import MULTIPOLES, REDSHIFTS

CHANNELS, SIDE, LENGTH = ["kappa_e", "kappa_b", "noise_std", "pixel_arcmin", "redshift"], 32, 2.0
FIELD = {
    "class": "lofi",
    "inputs": {
        "channels": ["kappa_e", "noise_std"],
        "wiener": True,
        "residual": "wiener",
        "length_arcmin": LENGTH,
    },
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "loss": "l2",
    "pixels": 64,
}


def table(amplitude=1e-6):
    redshifts, ell = np.geomspace(0.4, 1.5, REDSHIFTS), np.geomspace(2, 4e5, MULTIPOLES)
    power = amplitude * redshifts[:, None] ** 2 * ell**-1.2
    return {"multipoles": ell.tolist(), "redshifts": redshifts.tolist(), "power": power.tolist()}


def model_of(description=FIELD, seed=3):
    torch.manual_seed(seed)
    model = build(description, CHANNELS, (SIDE, SIDE))
    model.wiener.sky.set(table())
    model.calibrate(pair(16), None)
    if model.trainable:
        with torch.no_grad():
            for parameter in model.network.network.parameters():
                parameter += 0.1 * torch.randn(parameter.shape)
    return model.eval()


def observed_of(kappa, noise, pixel, redshift):
    parts = [kappa, torch.zeros_like(kappa), noise, *(torch.full_like(kappa, value) for value in (pixel, redshift))]
    return torch.stack(parts, dim=1)


def pair(images, pixel=LENGTH, redshift=0.9, side=SIDE):
    generator = torch.Generator().manual_seed(1)
    truth = 0.02 * torch.randn(images, side, side, generator=generator)
    truth -= truth.mean((1, 2), keepdim=True)
    kappa = truth + 0.03 * torch.randn(truth.shape, generator=generator)
    return observed_of(kappa, torch.full_like(kappa, 0.03), pixel, redshift), truth[:, None]


def test_the_filter_is_that_of_the_table_at_the_pixels_of_each_image():
    model = model_of({"class": "wiener"})
    for pixel, redshift in ((0.5, 0.5), (4.0, 1.2)):
        observed, _ = pair(2, pixel, redshift)
        signal = model.wiener.sky.pixelised((SIDE, SIDE), torch.tensor([pixel]), torch.tensor([redshift]))
        expected = torch.fft.irfft2(torch.fft.rfft2(observed[:, 0]) * signal / (signal + 0.03**2))
        torch.testing.assert_close(model.reconstruct(observed)[:, 0], expected, rtol=1e-4, atol=1e-7)
    both = torch.cat([pair(1, 0.5, 0.5)[0], pair(1, 4.0, 1.2)[0]])
    apart = torch.cat([model.reconstruct(one[None]) for one in both])
    torch.testing.assert_close(model.reconstruct(both), apart)


def test_maps_scale_with_the_spread_of_the_sky():
    """Twice the sky and twice the noise give twice the map: nothing else has a unit."""
    model, louder = model_of(), model_of()
    louder.wiener.sky.set(table(4e-6))
    observed, _ = pair(2, 1.0)
    twice = observed.clone()
    twice[:, :3] *= 2
    torch.testing.assert_close(louder.reconstruct(twice), 2 * model.reconstruct(observed), rtol=1e-4, atol=1e-6)


def test_pixel_size_and_redshift_are_read():
    model = model_of()
    model.wiener.sky.power.fill_(1e-9)  # so that the filter and the units do not tell
    first = pair(1, 3.0, 0.9)[0]
    base = model.reconstruct(first)
    for pixel, redshift in ((3.0, 0.5), (4.0, 0.9)):
        other = first.clone()
        other[:, 3], other[:, 4] = pixel, redshift
        assert (model.reconstruct(other) - base).abs().max() > 1e-6


def test_a_patch_is_as_large_on_the_sky_in_smaller_pixels():
    """A smooth sky in pixels of the length and of half of it: what the network adds agrees where both know it."""
    model = model_of()
    y, x = np.mgrid[:96, :96] / 96 * 2 * np.pi
    fine = torch.from_numpy(0.05 * np.exp(np.cos(x) + np.cos(y - 1)) - 0.08).float()[None]
    coarse = fine.reshape(1, 48, 2, 48, 2).mean((2, 4))
    added = []
    for kappa, pixel in ((fine, LENGTH / 2), (coarse, LENGTH)):
        observed = observed_of(kappa, torch.full_like(kappa, 0.02 * LENGTH / pixel), pixel, 0.9)
        correction = model.reconstruct(observed) - model.wiener(observed)[:, None]
        added.append(correction[0, 0])
    halved = added[0].reshape(48, 2, 48, 2).mean((1, 3))
    inside = slice(8, -8)
    reference = added[1][inside, inside]
    correlation = np.corrcoef(halved[inside, inside].flatten(), reference.flatten())[0, 1]
    assert correlation > 0.99


@pytest.mark.parametrize("pixel", [LENGTH / 6, 5.0])
def test_the_margin_of_a_survey_is_left_as_it_is(pixel):
    model, (observed, _) = model_of(), pair(2, pixel)
    whole, filtered = model.reconstruct(observed), model.wiener(observed)
    inner = model.reconstruct(observed, margin=5, filtered=filtered)
    inside = (..., slice(5, -5), slice(5, -5))
    torch.testing.assert_close(inner[inside], whole[inside], rtol=1e-4, atol=1e-6)
    outer = torch.ones(SIDE, SIDE, dtype=bool)
    outer[inside] = False
    assert torch.equal(inner[:, 0, outer], filtered[:, outer])


def test_a_known_wiener_map_is_not_filtered_again(monkeypatch):
    model, (observed, _) = model_of(), pair(1, 3.0)
    filtered, whole = model.wiener(observed), model.reconstruct(observed)
    monkeypatch.setattr(type(model.wiener), "forward", None)
    torch.testing.assert_close(model.reconstruct(observed, filtered=filtered), whole)


def test_training_and_evaluation_agree():
    """What a training step compares with the truth at a pixel is what a map has there."""
    model = model_of()
    for pixel in (LENGTH / 6, LENGTH, 5.0):
        observed, truth = pair(2, pixel)
        places = torch.arange(SIDE * SIDE).expand(2, -1)
        with torch.no_grad():
            loss = model.training_step(observed, truth, places)
        unit = model.inputs.unit(observed)
        expected = ((model.reconstruct(observed) - truth) / unit).square().mean()
        torch.testing.assert_close(loss, expected, rtol=1e-3, atol=0)


def test_a_training_step_in_bfloat16_lays_patches_out_exactly(monkeypatch):
    rings, angles, radius = 9, 9, 6.0
    geometry = FIELD["geometry"] | {"rings": rings, "angles": angles, "radius": radius, "learnable": False}
    model, laid_out = model_of(FIELD | {"geometry": geometry}), []

    def sample(prepared, positions):
        laid_out.append(positions)
        return take(prepared, positions)

    take = local_field.sample
    monkeypatch.setattr(local_field, "sample", sample)
    observed, truth = pair(1, LENGTH / 7.8)
    for rough in (True, False):
        context = torch.autocast("cpu", torch.bfloat16, enabled=rough)
        monkeypatch.setattr(reconstructor, "rough", lambda *device, context=context: context)  # as on a GPU
        with torch.no_grad():
            model.training_step(observed, truth, torch.tensor([[5 * SIDE + 7]]))
    assert (laid_out[1].amax((0, 1, 2)) - laid_out[1].amin((0, 1, 2))).min() > 1.8 * radius * 7.8
    torch.testing.assert_close(*laid_out, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("channels", "length"), [(CHANNELS, None), (["kappa_e", "kappa_b", "noise_std"], LENGTH), (CHANNELS, -1.0)]
)
def test_a_length_goes_with_the_sight(channels, length):
    with pytest.raises(ValueError, match="length_arcmin is"):
        build(FIELD | {"inputs": FIELD["inputs"] | {"length_arcmin": length}}, channels, (SIDE, SIDE))
