"""Wide layers in bfloat16: nearly the same numbers, always the same bits, and float32 wherever it does not help."""

import pytest
import torch

from lofi.field import bfloat16, inference
from lofi.field.bfloat16 import Bfloat16Network
from lofi.field.inference import HALF, WIDE, ChunkByChunk, arranged
from lofi.field.mlp import MLP, MultiMLP
from lofi.models.precision import precision_notes, with_precision
from lofi.models.registry import build
from lofi.training.fit import fit
from lofi.training.recipe import Recipe

CPU = torch.device("cpu")
FIELD = {
    "class": "lofi",
    "inputs": {"channels": ["image"], "residual": "none"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": WIDE, "depth": 2, "chunk_outputs": 20},
    "pixels": 64,
}
NARROW = FIELD | {"network": FIELD["network"] | {"width": HALF - 1}}
EPS = 2.0**-8  # largest relative error of rounding to bfloat16 twice, of a weight and of what it multiplies


@pytest.fixture(params=[True, False], ids=["with products of bfloat16", "without"])
def processor(request, monkeypatch):
    """Whether the processor multiplies bfloat16; what is computed is the same on any, slower where it does not."""
    monkeypatch.setattr(inference, "bfloat16_products", lambda: request.param)
    return request.param


def model_of(description, **changes):
    torch.manual_seed(0)
    return build(description | changes, ["image", "noise_std"], (24, 25)).eval()


def images(number=2):
    return torch.rand(number, 2, 24, 25, generator=torch.Generator().manual_seed(1)) + 0.1


def bounds(patch, chunks, mixer):
    """What a network answers in float64, and how far roundings of its weights, inputs and features may carry it."""

    def layer(x, error, weight, bias, rounded=EPS):
        weight, bias = weight.double(), bias.double()
        error = weight.abs() @ error + rounded * (2 * weight.abs() @ x.abs() + bias.abs())
        y = weight @ x + bias
        return y.relu(), error + rounded * y.abs(), y

    parts = []
    for x, layers in zip(patch.double(), chunks, strict=True) if chunks else [(patch.double().flatten(0, 1), [])]:
        error = EPS * x.abs()
        for weight, bias in layers:
            x, error, _ = layer(x, error, weight, bias)
        parts.append((x, error))
    x, error = (torch.cat(part) for part in zip(*parts, strict=True))
    for weight, bias in mixer[:-1]:
        x, error, _ = layer(x, error, weight, bias)
    _, error, y = layer(x, error, *mixer[-1], rounded=1e-6)
    return y, error


@pytest.mark.parametrize("network", [MultiMLP(4, 6, 2, width=40, depth=2, chunk_outputs=7), MLP(4, 6, 2, width=33)])
def test_products_err_by_the_rounding_of_bfloat16(network):
    patch = torch.randn(4, 6, 50, generator=torch.Generator().manual_seed(1))
    expected, bound = bounds(patch, *network.sequences())
    difference = (Bfloat16Network(*network.sequences())(patch) - expected).abs()
    assert (difference < bound).all()
    assert difference.max() > 1e-6


def test_outputs_are_the_same_bits_in_every_run(processor):
    model, observed = model_of(FIELD, precision="fast"), images()
    assert torch.equal(model.reconstruct(observed), model.reconstruct(observed))
    assert torch.equal(model.reconstruct(observed), model_of(FIELD, precision="fast").reconstruct(observed))


def test_training_repeats_itself_and_follows_the_exact_gradient(processor):
    observed, truth = images(), images()[:, :1] ** 2
    gradients = []
    for precision in ("exact", "fast", "fast"):
        model = model_of(FIELD, precision=precision).train()
        places = model.places(2, (24, 25), torch.Generator().manual_seed(1))
        loss = model.training_step(observed, truth, places)
        loss.backward()
        assert loss.dtype == torch.float32
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in model.parameters()]))
    exact, fast, again = gradients
    assert torch.equal(fast, again)
    assert torch.equal(exact, fast) != processor
    assert (fast - exact).norm() < 0.03 * exact.norm()


def test_a_training_says_how_it_computes(processor, tmp_path, capsys):
    model, pair = model_of(FIELD, precision="fast"), (images(), images()[:, :1])
    recipe = Recipe(steps=1, objects=2, validate_every=1)
    fit(model, recipe, lambda *_: pair, lambda _: {"validation": 0.0}, 0, tmp_path / "history.csv", progress=False)
    said = capsys.readouterr().err
    assert ("note: wide layers run in bfloat16" in said) == processor
    assert ("note: precision is exact, not fast: this processor has no products of bfloat16" in said) != processor


@pytest.mark.parametrize(
    ("description", "reason"), [(NARROW, f"layers are {HALF - 1} wide"), (FIELD, "this processor has no products")]
)
def test_elsewhere_it_is_exact_and_says_so(description, reason, monkeypatch):
    monkeypatch.setattr(inference, "bfloat16_products", lambda: description is NARROW)
    exact, fast = model_of(description), model_of(description, precision="fast")
    assert torch.equal(exact.reconstruct(images()), fast.reconstruct(images()))
    (note,) = precision_notes(fast)
    assert note.startswith(f"precision is exact, not fast: {reason}")
    assert precision_notes(exact) == []


@pytest.mark.parametrize("name", bfloat16.OPERATORS)
def test_a_torch_without_the_products_is_exact_and_says_so(monkeypatch, name):
    monkeypatch.setattr(inference, "bfloat16_products", lambda: True)
    monkeypatch.setattr(bfloat16, "OPERATORS", (*bfloat16.OPERATORS, f"{name}_of_no_torch"))
    exact, fast = model_of(FIELD), model_of(FIELD, precision="fast")
    assert torch.equal(exact.reconstruct(images()), fast.reconstruct(images()))
    (note,) = precision_notes(fast)
    assert note == f"precision is exact, not fast: torch {torch.__version__} has no products of bfloat16 for processors"


def test_a_denoiser_can_be_fast_where_it_is_evaluated(processor):
    denoiser = model_of({"class": "lofi_denoiser", "geometry": FIELD["geometry"], "network": FIELD["network"]})
    assert isinstance(arranged(denoiser.network.network, CPU, denoiser.network.fast_on(CPU)), ChunkByChunk)
    fast, _ = with_precision(denoiser, "fast")
    exact, near = (model.reconstruct(images()) for model in (denoiser, fast))
    assert torch.equal(exact, near) != processor
    level = images()[:, 1:]
    assert ((exact - near) / level).abs().max() < 0.05


def test_the_precision_can_be_chosen_for_a_trained_model(monkeypatch):
    monkeypatch.setattr(inference, "bfloat16_products", lambda: True)
    trained, observed = model_of(FIELD, precision="fast"), images()
    as_trained, notes = with_precision(trained, None, observed)
    assert as_trained is trained
    assert notes == ["wide layers run in bfloat16"]
    exact, notes = with_precision(trained, "exact", observed)
    assert notes == []
    assert torch.equal(exact.reconstruct(observed), model_of(FIELD).reconstruct(observed))
    assert trained.network.precision == "fast"
    fast, _ = with_precision(model_of(FIELD), "fast", observed)
    assert torch.equal(fast.reconstruct(observed), trained.reconstruct(observed))
    integer, notes = with_precision(trained, "int8", observed)
    assert "8-bit integers" in notes[0]
    assert not torch.equal(integer.reconstruct(observed), trained.reconstruct(observed))
    with pytest.raises(ValueError, match="precision is 'half'; expected one of exact, fast, int8"):
        with_precision(trained, "half", observed)


def test_other_models_have_one_precision():
    wiener = build({"class": "wiener"}, ["kappa_e", "noise_std"], (8, 8))
    assert with_precision(wiener, "exact", images()) == (wiener, [])
    with pytest.raises(ValueError, match="precision fast needs a local field; the model is a Wiener"):
        with_precision(wiener, "fast", images())


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="precision is 'rough'; expected one of exact, fast"):
        model_of(FIELD, precision="rough")
