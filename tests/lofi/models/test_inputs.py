"""What a network sees: selection, scales, the noise channel, the base image, and refusals."""

import math

import pytest
import torch

from lofi.models.inputs import Inputs
from lofi.options import call

AVAILABLE = ["kappa_e", "kappa_b", "noise_std"]


def pair(maps=16, shape=(16, 16)):
    generator = torch.Generator().manual_seed(1)
    truth = 0.02 * torch.randn(maps, 1, *shape, generator=generator)
    truth = truth - truth.mean((-2, -1), keepdim=True)
    maps = 0.03 * torch.randn(maps, 2, *shape, generator=generator)
    maps[:, :1] += truth
    return torch.cat([maps, torch.full_like(truth, 0.03)], 1), truth


def fitted(**options):
    inputs = Inputs(AVAILABLE, 1, **options)
    inputs.fit(*pair())
    return inputs


def test_inputs_have_unit_variance_in_the_order_asked_for():
    observed, truth = pair()
    inputs = fitted(channels=["kappa_b", "kappa_e"], wiener=True, residual="wiener")
    stack, base = inputs(observed)
    assert stack.shape == (16, 3, 16, 16)
    assert inputs.outputs == 3
    torch.testing.assert_close(stack.transpose(0, 1).flatten(1).std(1), torch.ones(3), rtol=1e-4, atol=0)
    torch.testing.assert_close(stack[:, 1] * inputs.scale[1], observed[:, 0])
    torch.testing.assert_close(stack[:, 2] * inputs.scale[2], base[:, 0])
    torch.testing.assert_close(base[:, 0], inputs.wiener(observed))
    torch.testing.assert_close(inputs.truth_scale, truth.std())


def test_the_noise_channel_counts_e_foldings_and_knows_masks():
    inputs = fitted(channels=["noise_std"], wiener=True)
    observed, _ = pair(2)
    observed[0, 2] *= math.e
    observed[1, 2, :4] = float("inf")
    stack, _ = inputs(observed)
    torch.testing.assert_close(stack[0, 0], torch.ones(16, 16))
    torch.testing.assert_close(stack[1, 0, :4], torch.full((4, 16), 3.0))
    torch.testing.assert_close(stack[1, 0, 4:], torch.zeros(12, 16))
    assert torch.isfinite(stack).all()


def test_base_images():
    observed, _ = pair(3)
    _, none = fitted(channels=["kappa_e"])(observed)
    assert none.shape == (3, 1, 16, 16)
    assert (none == 0).all()
    _, same = fitted(channels=["kappa_b"], residual="observed")(observed)
    assert torch.equal(same, observed[:, :1])


def test_a_constant_channel_does_not_blow_up():
    observed, truth = pair()
    observed[:, 1] = 0.0
    inputs = Inputs(AVAILABLE, 1, ["kappa_e", "kappa_b"])
    inputs.fit(observed, truth)
    assert torch.isfinite(inputs(observed)[0]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": ["kappa"]}, "channel 'kappa' is not observed; expected one of kappa_e, kappa_b, noise_std"),
        ({"channels": []}, "channels is empty and wiener is false"),
        ({"channels": ["kappa_e"], "residual": "ks"}, "residual is 'ks'; expected none, observed or wiener"),
        ({"channels": ["kappa_e"], "residual": "wiener"}, "residual: wiener needs wiener: true"),
        ({"channel": ["kappa_e"]}, "inputs: unknown argument channel; expected channels, wiener, residual"),
        ({"wiener": True}, "inputs: missing argument channels"),
        (["kappa_e"], "expected a mapping of keywords"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        call(Inputs, options, "inputs", AVAILABLE, 1)


def test_the_wiener_input_needs_the_noise():
    with pytest.raises(ValueError, match="channel 'noise_std' is not observed; expected one of kappa_e"):
        Inputs(["kappa_e"], 1, ["kappa_e"], wiener=True)
