import pytest
import torch
from torch.testing import assert_close

from lofi.models.baselines.total_variation import TotalVariationDenoiser
from lofi.models.denoiser import CHANNELS
from lofi.models.registry import build

DESCRIPTIONS = {
    "lofi_denoiser": {
        "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.3},
        "network": {"kind": "multimlp", "width": 8, "depth": 2, "chunk_outputs": 6},
        "pixels": 64,
    },
    "dncnn_denoiser": {"features": 6, "layers": 3, "crop": 16},
}


def model_of(name, seed=0):
    torch.manual_seed(seed)
    model = build({"class": name, **DESCRIPTIONS[name]}, CHANNELS, (24, 24))
    for parameter in model.parameters():  # no layer starts at 0
        parameter.data.add_(0.1 * torch.randn(parameter.shape))
    return model


@pytest.fixture(params=list(DESCRIPTIONS))
def model(request):
    return model_of(request.param)


def images(count=3, shape=(24, 30), seed=1):
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))


def test_denoisers_know_no_unit(model):
    image, sigma = images(), torch.tensor([0.01, 0.1, 1.0])
    assert_close(model.denoise(1e4 * image, 1e4 * sigma), 1e4 * model.denoise(image, sigma), rtol=1e-3, atol=1.0)


def test_each_image_has_its_own_level(model):
    image, sigma = images(), torch.tensor([0.01, 0.1, 1.0])
    together = model.denoise(image, sigma)
    for index in range(3):
        assert_close(model.denoise(image[[index]], sigma[[index]])[0], together[index], rtol=1e-4, atol=1e-5)


def test_a_fainter_noise_changes_less(model):
    image = images()
    changes = [(model.denoise(image, torch.full((3,), s)) - image).abs().mean() for s in (1e-4, 1e-2)]
    assert changes[0] < 0.1 * changes[1]


def test_tiles_do_not_show():
    model = model_of("lofi_denoiser")
    observed = torch.stack([images(2), torch.full((2, 24, 30), 0.1)], dim=1)
    assert_close(model.reconstruct(observed, tile=31), model.reconstruct(observed, tile=10_000))


def test_the_field_denoises_at_the_level_of_each_pixel():
    model = model_of("lofi_denoiser")
    image, level = images(1), torch.full((1, 24, 30), 0.05)
    level[0, :, 15:] = 0.5
    observed = torch.stack([image, level], dim=1)
    made = model.reconstruct(observed)[0, 0]
    assert_close(made[:, :15], model.denoise(image, torch.tensor([0.05]))[0, :, :15])
    assert_close(made[:, 15:], model.denoise(image, torch.tensor([0.5]))[0, :, 15:])


def test_training_lowers_the_loss(model):
    clean = torch.zeros(4, 1, 24, 24)
    clean[:, :, 8:16, 8:16] = 1.0
    generator = torch.Generator().manual_seed(0)
    level = torch.full_like(clean, 0.1)
    noisy = clean + level * torch.randn(clean.shape, generator=generator)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        places = model.places(len(clean), clean.shape[-2:], generator)
        loss = model.training_step(torch.cat([noisy, level], 1), clean, places)
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-5:]) < 0.75 * sum(losses[:5])


def test_the_error_is_in_units_of_the_noise(model):
    truth = torch.zeros(2, 1, 4, 4)
    observed = torch.cat([truth, torch.full_like(truth, 0.5)], 1)
    assert float(model.error(truth + 0.25, observed, truth)) == pytest.approx(0.5)


@pytest.mark.parametrize("name", [*DESCRIPTIONS, "tv_denoiser"])
def test_other_channels_are_refused(name):
    with pytest.raises(ValueError, match="reads the channels image, noise_std; observed are kappa_e"):
        build({"class": name, **DESCRIPTIONS.get(name, {})}, ["kappa_e"], (24, 24))


def test_total_variation_chooses_its_strength_level_by_level():
    truth = torch.zeros(4, 1, 24, 24)
    truth[:, :, 6:18, 6:18] = 1.0
    level = torch.tensor([0.02, 0.02, 0.3, 0.3])[:, None, None, None].expand_as(truth)
    noisy = truth + level * torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
    observed = torch.cat([noisy, level], 1)
    model = TotalVariationDenoiser(CHANNELS, (24, 24))
    model.calibrate(None, (observed, truth))
    chosen = model.reconstruct(observed)
    for strength in model.strengths:
        made = model._denoise(observed, strength.expand(4))
        for pair in (slice(0, 2), slice(2, 4)):
            error, least = ((x[pair] - truth[pair, 0]).square().mean() for x in (made, chosen[:, 0]))
            assert least <= error * (1 + 1e-6)
