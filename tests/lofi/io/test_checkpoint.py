"""Checkpoints: bit-identical round trips, one sentence for each kind of damage, nothing executed."""

import json
import pickle
import time

import pytest
import torch
from safetensors.torch import load_file, save_file

from lofi.io import checkpoint
from lofi.models.registry import build

CHANNELS, SIZE = ["kappa_e", "kappa_b", "noise_std"], (12, 14)
INPUTS = {"channels": ["kappa_e", "kappa_b"], "wiener": True, "residual": "wiener"}
LOFI = {
    "class": "lofi",
    "inputs": INPUTS,
    "geometry": {"kind": "circular", "rings": 2, "angles": 3, "radius": 1.5},
    "network": {"kind": "multimlp", "width": 6, "depth": 1, "chunk_outputs": 4},
    "filter": {"kind": "fourier", "padding": 2},
}
DESCRIPTIONS = [
    LOFI,
    {"class": "unet", "inputs": INPUTS, "features": 2, "levels": 1},
    {"class": "identity"},
    {"class": "gaussian"},
    {"class": "wiener"},
    {"class": "wiener_curve"},
]


def observed(maps=40):
    generator = torch.Generator().manual_seed(1)
    image = torch.randn(maps, 3, *SIZE, generator=generator)
    image[:, 2] = 0.5
    return image


def trained(description):
    torch.manual_seed(0)
    model = build(description, CHANNELS, SIZE)
    sample = (observed(), observed()[:, :1])
    model.calibrate(sample, sample)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


@pytest.fixture
def folder(tmp_path):
    checkpoint.save(tmp_path / "model", trained(LOFI), LOFI, CHANNELS, SIZE, seed=["mass", 1])
    return tmp_path / "model"


def refusal(folder, *arguments):
    """The message of the ValueError that loading must raise."""
    with pytest.raises(ValueError, match=str(folder)) as caught:
        checkpoint.load(folder, *arguments)
    assert type(caught.value) is ValueError
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edited(folder, **changes):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=lambda d: d["class"])
def test_reconstructions_survive_bit_for_bit(tmp_path, description):
    description = {k: v for k, v in description.items() if k != "widths"}
    if description["class"] == "wiener_curve":
        generator = torch.Generator().manual_seed(2)
        model = build(description, CHANNELS, SIZE)
        model.wiener.power.copy_(torch.rand(model.wiener.bins, generator=generator))
        model.values.copy_(torch.randn(model.values.shape, generator=generator).sort(-1).values)
        model.means.copy_(2 * model.values)
    else:
        model = trained(description)
    checkpoint.save(tmp_path, model, description, CHANNELS, SIZE, noise_std=0.5)
    loaded, record = checkpoint.load(tmp_path, CHANNELS)
    assert not loaded.training
    for shape in (None, (20, 30)):
        assert torch.equal(loaded.reconstruct(observed(2), shape), model.reconstruct(observed(2), shape))
    assert len(record.pop("weights")) == 64
    assert record.pop("parameters") == sum(parameter.numel() for parameter in model.parameters())
    assert record.pop("format") == 1
    assert record == {"model": description, "channels": CHANNELS, "size": list(SIZE), "noise_std": 0.5}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.safetensors"]
    assert len({path.stat().st_mode for path in tmp_path.iterdir()}) == 1  # whoever may read one may read both


def test_missing_files(tmp_path, folder):
    assert "is no trained model: it has no model.json" in refusal(tmp_path / "nowhere")
    (folder / "model.safetensors").unlink()
    assert "is no trained model: it has no model.safetensors" in refusal(folder)


def test_other_channels(folder):
    message = refusal(folder, ["kappa_e", "noise_std"])
    assert "was trained on the 3 channels kappa_e, kappa_b, noise_std" in message
    assert "but the observation has kappa_e, noise_std" in message


def test_another_architecture(folder):
    message = refusal(edited(folder, model=LOFI | {"network": LOFI["network"] | {"width": 7}}))
    assert "holds another architecture than model.json describes: network." in message
    assert "expected (" in message
    assert "expected None" in refusal(edited(folder, model={"class": "identity"}))


@pytest.mark.parametrize("kept", [0, 5, 200, -1])
def test_truncated_weights(folder, kept):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    assert "model.safetensors is damaged" in refusal(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is not a model description"),
        (b"{half", "is not a model description"),
        (b"\xff\xfe\x00", "is not a model description"),
        (b"[1, 2]", "it is no mapping"),
        (b'"a model"', "it is no mapping"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"3", "is not a model description"),
        (b"{}", "it has no model, channels, size"),
        (
            b'{"model": "lofi", "channels": ["a"], "size": [8, 8], "weights": ""}',
            "model is 'lofi'; expected a mapping with class",
        ),
        (
            b'{"model": {"class": "os"}, "channels": [], "size": [8, 8], "weights": ""}',
            "is 'os'; expected one of identity",
        ),
        (
            b'{"model": {"class": "identity"}, "channels": 7, "size": [8, 8], "weights": ""}',
            "is not a model description",
        ),
    ],
)
def test_garbage_in_the_description(folder, text, message):
    (folder / "model.json").write_bytes(text)
    assert message in refusal(folder)


@pytest.mark.parametrize("written", [0, 2, "1", None])
def test_another_format_is_refused_whatever_it_describes(folder, written):
    edited(folder, format=written, model={"class": "of another version"})
    assert f"is of format {written}; this version of lofi reads format 1: update lofi, or train again" in refusal(
        folder
    )


@pytest.mark.parametrize("width", [-3, "wide", None])
def test_nonsense_values_in_the_description(folder, width):
    refusal(edited(folder, model=LOFI | {"network": LOFI["network"] | {"width": width}}))


@pytest.mark.parametrize("key", ["width", "chunk_outputs"])
def test_a_description_cannot_ask_for_more_memory_than_the_weights_have(folder, key):
    network = LOFI["network"] | {key: 10_000_000}
    assert "holds another architecture than" in refusal(edited(folder, model=LOFI | {"network": network}))


@pytest.mark.parametrize(
    "description",
    [
        LOFI | {"network": LOFI["network"] | {"depth": 300_000}},
        LOFI | {"geometry": {"kind": "conditioned", "steps": 300_000, "base": LOFI["geometry"]}},
        {"class": "dncnn", "inputs": {"channels": ["kappa_e"]}, "layers": 300_000},
    ],
    ids=["depth", "steps", "convolutions"],
)
def test_a_description_cannot_ask_for_more_time_than_the_weights_have(folder, description):
    start = time.process_time()
    assert "many more layers than model.safetensors can hold" in refusal(edited(folder, model=description))
    assert time.process_time() - start < 2.0  # 300 000 layers take minutes


def test_one_layer_more_is_another_architecture(folder):
    deeper = LOFI | {"network": LOFI["network"] | {"depth": 2}}
    assert "holds another architecture than model.json describes" in refusal(edited(folder, model=deeper))


WRONG = {
    "channels": (None, "a list of names"),
    "size": ([8, "8"], "two whole numbers, at least 1"),
    "seed": (3, "a list of words and whole numbers"),
    "noise": ([0.1, 0.01], "two positive numbers, the lower first"),
    "noise_std": ("a", "a positive number"),
    "pixel_arcmin": (True, "a positive number"),
    "data": (5, "a mapping"),
    "depth": (5, "a mapping"),
    "depth.relative_noise": ([1.0], "two positive numbers, the lower first"),
    "observation.depth_variation": ("much", "a number"),
    "data.pixel_arcmin": ("2.3", "a positive number"),
    "data.description": (None, "text"),
    "ranges.redshift": ([0.4, float("inf")], "two positive numbers, the lower first"),
    "weights": (7, "text"),
}


@pytest.mark.parametrize("key", WRONG)
def test_an_entry_of_another_type_is_refused_by_its_name(folder, key):
    value, expected = WRONG[key]
    outer, _, inner = key.partition(".")
    said = refusal(edited(folder, **{outer: {inner: value} if inner else value}))
    assert f"model.json is not a model description: {key} is {json.dumps(value)}; expected {expected}" in said


@pytest.mark.parametrize("inputs", [3, None, [], {"channels": 3}])
def test_a_description_that_no_model_understands_is_refused(folder, inputs):
    refusal(edited(folder, model=LOFI | {"inputs": inputs}))


def test_non_finite_weights_are_refused(folder):
    state = load_file(folder / "model.safetensors")
    state["network.geometry.offsets"][0, 0, 0] = float("nan")
    save_file(state, folder / "model.safetensors")
    assert "network.geometry.offsets contains NaN or inf" in refusal(folder)


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_nothing_is_executed(tmp_path, folder):
    trap = pickle.dumps(Trap(tmp_path / "sprung"))
    for name in ("model.safetensors", "model.json"):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(trap)
        refusal(folder)
        (folder / name).write_bytes(kept)
    torch.save({"weights": Trap(tmp_path / "sprung")}, folder / "model.safetensors")
    refusal(folder)
    assert not (tmp_path / "sprung").exists()
    assert "expected one of" in refusal(edited(folder, model={"class": "__import__"}))


def test_files_of_two_trainings_are_not_a_checkpoint(tmp_path, folder):
    """As a kill between the two writes leaves them: new weights, the old record."""
    torch.manual_seed(5)
    checkpoint.save(tmp_path / "new", build(LOFI, CHANNELS, SIZE), LOFI, CHANNELS, SIZE, seed=["mass", 1])
    (tmp_path / "new" / "model.safetensors").replace(folder / "model.safetensors")
    assert "holds other weights than those that model.json was written for" in refusal(folder)
