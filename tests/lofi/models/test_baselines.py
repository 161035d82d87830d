"""The convolutional baselines: published structure, parameter counts, any size, crops, configured widths."""

from pathlib import Path

import pytest
import torch
import yaml
from rounding import rounding
from snakemake.utils import update_config
from torch import nn

from lofi.models.baselines.any_size import to_multiple
from lofi.models.baselines.drunet import ResidualUNet
from lofi.models.baselines.unet import UNet
from lofi.models.registry import build
from workflow.configuration import assemble

CONFIG = Path(__file__).parents[3] / "config"
CHANNELS, INPUTS = ["image"], {"channels": "all", "residual": "observed"}
SMALL = {
    "dncnn": {"class": "dncnn", "features": 6, "layers": 5},
    "ircnn": {"class": "ircnn", "features": 6},
    "unet": {"class": "unet", "features": 3, "levels": 2, "padding": "zeros"},
    "drunet": {"class": "drunet", "features": 3, "levels": 2, "blocks": 1},
}
LOFI = {
    "class": "lofi",
    "geometry": {"kind": "circular", "rings": 9, "angles": 9},
    "network": {"kind": "multimlp", "width": 370, "depth": 3, "chunk_outputs": 100},
}
PAPER = {  # arXiv:2411.04995, S-I: its settings, and the parameters they come to for one channel at 128²
    "dncnn": ({"class": "dncnn", "features": 160, "layers": 15}, 3_002_401),
    "ircnn": ({"class": "ircnn", "features": 256}, 2_956_545),
    "unet 19": ({"class": "unet", "features": 19, "levels": 4}, 2_736_438),
    "drunet 19": ({"class": "drunet", "features": 19}, 2_876_790),
    "lofi": (LOFI, 3_446_503),
    "lofi with filter": (LOFI | {"filter": {"kind": "fourier"}}, 3_544_531),
}
WIDE = {
    "unet 32": ({"class": "unet", "features": 32, "levels": 4}, 7_759_521),
    "drunet 32": ({"class": "drunet", "features": 32}, 8_159_808),
}


def model_of(description, size=(16, 16), inputs=INPUTS, seed=0):
    torch.manual_seed(seed)
    return build(description | {"inputs": inputs}, CHANNELS, size)


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def images(count=4, shape=(16, 16), seed=1):
    generator = torch.Generator().manual_seed(seed)
    truth = torch.rand(count, 1, *shape, generator=generator)
    return truth + 0.3 * torch.randn(truth.shape, generator=generator), truth


def randomised(model):
    """No layer starts at 0, statistics are not those of a fresh layer."""
    for tensor in [*model.network.parameters(), *model.network.buffers()]:
        if tensor.is_floating_point():
            tensor.data.add_(0.05 * torch.rand(tensor.shape))
    return model.eval()


@pytest.mark.parametrize("name", [*PAPER, *WIDE])
def test_parameters_of_the_papers_settings(name):
    description, expected = (PAPER | WIDE)[name]
    assert parameters(model_of(description, (128, 128))) == expected


def test_the_papers_settings_are_about_three_million_parameters():
    assert all(2.7e6 < count < 3.6e6 for _, count in PAPER.values())


COMPARED = ("dncnn", "ircnn", "unet_plain", "drunet", "lofi_plain")


@pytest.mark.parametrize(
    ("overlay", "size", "spread"), [(None, 43_000, 0.07), ("smoke.yaml", 43_000, 0.07), ("paper.yaml", 3.1e6, 0.13)]
)
def test_compared_networks_have_the_parameters_of_lofi(overlay, size, spread):
    models = models_of(overlay)
    for name in COMPARED:
        assert parameters(build(models[name], CHANNELS, (128, 128))) == pytest.approx(size, rel=spread)


WARPED = ("dncnn_warped", "ircnn_warped", "unet_warped", "drunet_warped", "inr_lofi")


@pytest.mark.parametrize(("overlay", "size", "spread"), [(None, 50_000, 0.14), ("paper.yaml", 3.1e6, 0.13)])
def test_networks_for_changes_of_coordinates_have_about_equal_parameters(overlay, size, spread):
    models = models_of(overlay)
    for name in WARPED:
        assert parameters(build(models[name], ["image"], (64, 64))) == pytest.approx(size, rel=spread)


def models_of(overlay):
    """Descriptions of the configuration with an overlay, without their training."""
    config = yaml.safe_load((CONFIG / "config.yaml").read_text())
    if overlay is not None:
        update_config(config, yaml.safe_load((CONFIG / overlay).read_text()))
    models = assemble(config, CONFIG)["models"]
    return {name: {key: value for key, value in own.items() if key != "training"} for name, own in models.items()}


def test_dncnn_is_convolutions_with_batch_normalisation_in_the_middle():
    network = model_of(SMALL["dncnn"]).network
    kinds = [type(module).__name__ for module in network]
    assert kinds == ["Conv2d", "ReLU", *["Conv2d", "BatchNorm2d", "ReLU"] * 3, "Conv2d"]
    convolutions = [module for module in network if isinstance(module, nn.Conv2d)]
    assert [c.bias is not None for c in convolutions] == [True, False, False, False, True]


def test_ircnn_dilates_up_and_down():
    convolutions = [module for module in model_of(SMALL["ircnn"]).network if isinstance(module, nn.Conv2d)]
    assert [c.dilation[0] for c in convolutions] == [1, 2, 3, 4, 3, 2, 1]
    assert sum(isinstance(module, nn.BatchNorm2d) for module in model_of(SMALL["ircnn"]).network) == 5


@pytest.mark.parametrize(("name", "reach"), [("dncnn", 5), ("ircnn", 16)])
def test_receptive_fields(name, reach):
    network = randomised(model_of(SMALL[name])).network
    image = torch.zeros(1, 1, 41, 41, requires_grad=True)
    network(image)[0, 0, 20, 20].backward()
    seen = image.grad[0, 0].abs().sum(0).nonzero()
    assert (int(seen.min()), int(seen.max())) == (20 - reach, 20 + reach)


def test_drunet_has_no_bias_and_no_normalisation():
    network = ResidualUNet(1, features=4, blocks=2)
    assert not [name for name, _ in network.named_parameters() if "bias" in name]
    assert not list(network.buffers())
    strided = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.stride == (2, 2)]
    raised = [m for m in network.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert len(strided) == len(raised) == 3


@pytest.mark.parametrize("scale", [1e-3, 7.0])
def test_drunet_is_homogeneous(scale):
    torch.manual_seed(0)
    network, image = ResidualUNet(1, features=4, levels=2, blocks=2), images()[0]
    expected = scale * network(image)
    terms = sum(module.weight[0].numel() for module in network.modules() if hasattr(module, "weight"))
    torch.testing.assert_close(network(scale * image), expected, rtol=0, atol=rounding(terms, expected))


def test_drunet_adds_what_went_down():
    """Where the branches and what comes up are nothing, the skip at full resolution is all that is left."""
    torch.manual_seed(0)
    network, image = ResidualUNet(1, features=4, levels=1, blocks=1), images(1)[0]
    nn.init.zeros_(network.up[0][0].weight)  # nothing comes up
    for stage in (network.down[0], network.up[0]):
        for module in stage:
            if hasattr(module, "branch"):
                nn.init.zeros_(module.branch[2].weight)
    torch.testing.assert_close(network(image), network.last(network.head(image)))


@pytest.mark.parametrize("network", [UNet(1, features=3, levels=4), ResidualUNet(1, features=3, levels=3, blocks=1)])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (17, 30), (16, 32)])
def test_networks_with_strides_take_any_size(network, shape):
    assert network(torch.randn(2, 1, *shape)).shape == (2, 1, *shape)


def test_images_are_continued_by_reflection():
    image = torch.arange(12.0).reshape(1, 1, 3, 4)
    continued = to_multiple(image, 5)
    assert torch.equal(continued, nn.functional.pad(image, [0, 1, 0, 2], mode="reflect"))
    assert to_multiple(image, 2).shape[-2:] == (4, 4)
    assert to_multiple(continued, 5) is continued
    assert to_multiple(image, 16)[0, 0, :, 0].tolist() == [0, 4, 8, 4] * 4  # further than one reflection reaches


@pytest.mark.parametrize("name", SMALL)
def test_an_odd_sized_image_is_reconstructed_as_it_is_at_its_centre_by_a_larger_one(name):
    model = randomised(model_of(SMALL[name]))
    observed = images(1, (64, 64))[0]
    whole, part = model.reconstruct(observed), model.reconstruct(observed[..., :49, :51])
    torch.testing.assert_close(part[..., :20, :20], whole[..., :20, :20], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_images_of_a_batch_do_not_see_each_other_in_evaluation(name):
    model, observed = randomised(model_of(SMALL[name])), images()[0]
    torch.testing.assert_close(model.reconstruct(observed)[2:3], model.reconstruct(observed[2:3]))


@pytest.mark.parametrize("name", SMALL)
def test_crops_are_random_squares_of_each_object(name):
    observed, truth = images()
    model = model_of(SMALL[name] | {"crop": 8})
    places = [model.places(4, (16, 16), torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(places[0], places[1])
    assert not torch.equal(places[0], places[2])
    assert int(places[0].max()) <= 8
    top, left = places[0][1].tolist()
    elsewhere = truth.clone()
    elsewhere[1, :, :top], elsewhere[1, :, :, :left] = 9.0, 9.0
    elsewhere[1, :, top + 8 :], elsewhere[1, :, :, left + 8 :] = 9.0, 9.0
    with torch.no_grad():
        losses = [float(model.training_step(observed, goal, places[0])) for goal in (truth, elsewhere, truth + 1)]
        whole = model_of(SMALL[name]).training_step(observed, truth, torch.empty(4, 0))
    assert losses[0] == losses[1] != losses[2]
    assert float(whole) != losses[0]


@pytest.mark.parametrize("name", SMALL)
def test_a_crop_as_large_as_the_image_is_the_image(name):
    observed, truth = images()
    whole, cropped = model_of(SMALL[name]), model_of(SMALL[name] | {"crop": 40})
    places = cropped.places(4, (16, 16), torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert cropped.training_step(observed, truth, places) == whole.training_step(observed, truth, None)


@pytest.mark.parametrize("name", SMALL)
def test_baselines_learn(name):
    observed, truth = images(8)
    model = model_of(SMALL[name])
    model.calibrate((observed, truth), None)
    optimiser, losses = torch.optim.Adam(model.parameters(), 5e-3), []
    for _ in range(60):
        optimiser.zero_grad()
        loss = model.training_step(observed, truth, torch.empty(8, 0))
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.75 * losses[0]


def test_every_channel_is_read_where_a_model_asks_for_all():
    model = build(SMALL["drunet"] | {"inputs": {"channels": "all"}}, ["image", "noise_std"], (16, 16))
    assert model.inputs.channels == ["image", "noise_std"]
    assert model.network.head.in_channels == 2


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (SMALL["dncnn"] | {"layers": 1}, r"dilations are \[1\]; expected at least two"),
        (SMALL["ircnn"] | {"dilations": [1, 0, 1]}, r"dilations are \[1, 0, 1\]; expected .* each at least 1"),
        (SMALL["drunet"] | {"crop": -8}, "crop is -8; expected a number of pixels, or 0 for whole images"),
        (SMALL["unet"] | {"crop": "all"}, "crop is 'all'; expected a number of pixels"),
    ],
)
def test_wrong_descriptions_are_one_sentence(description, message):
    with pytest.raises(ValueError, match=message) as caught:
        model_of(description)
    assert "\n" not in str(caught.value)
