"""Every model of every experiment is built before a run simulates."""

import json

import pytest

from workflow.scripts.check_models import check_models

EXPERIMENT = {"task": "photography", "field": {"pixels": 16}, "observation": {"sigma": 0.1}}
IMAGES = {"inputs": {"channels": "all", "residual": "observed"}}
MODELS = {
    "identity": {"class": "identity"},
    "unet": {"class": "unet", **IMAGES, "features": 2, "levels": 1},
    "lofi": {
        "class": "lofi",
        **IMAGES,
        "geometry": {"kind": "circular", "rings": 2, "angles": 3},
        "network": {"kind": "mlp", "width": 4, "depth": 1},
    },
}
WRONG = {
    "radius": ("lofi", {"geometry": {"kind": "circular", "radius": -1}}, "geometry: .* positive radius"),
    "rings": ("lofi", {"geometry": {"kind": "circular", "rings": 0}}, "geometry: rings 0"),
    "width": ("lofi", {"network": {"kind": "mlp", "width": 0}}, "network: width 0"),
    "depth": ("lofi", {"network": {"kind": "mlp", "depth": -1}}, "network: .*depth -1"),
    "pixels": ("lofi", {"pixels": 0}, "pixels is 0; expected at least 1"),
    "margin": ("lofi", {"margin": 8}, "margin is 8; expected a whole number from 0 to below 8"),
    "filters": ("lofi", {"filter": {"kind": "fourier", "filters": 0}}, "has a layer without weights"),
    "loss": ("unet", {"loss": "l3"}, "loss is 'l3'; expected one of l1, l2"),
    "padding": ("unet", {"padding": "zeroes"}, "padding_mode must be one of"),
    "features": ("unet", {"features": -2}, ".*negative dimension"),
}


def test_parameters_are_counted_by_experiment_and_model(tmp_path):
    experiments = {"a": EXPERIMENT | {"models": list(MODELS)}, "b": EXPERIMENT | {"models": ["identity"]}}
    check_models(checked=tmp_path / "checked.json", experiments=experiments, models=MODELS)
    counts = json.loads((tmp_path / "checked.json").read_text())
    offsets, layers = 2 * 3 * 2, (3 * 2 * 3 + 1) * 4 + (4 + 1) * 3  # 3 channels at 6 places, 3 channels out
    assert counts["a"]["lofi"] == offsets + layers
    assert counts["b"] == {"identity": 0}


@pytest.mark.parametrize(("model", "change", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_is_named_with_its_model(tmp_path, model, change, words):
    models = MODELS | {model: MODELS[model] | change}
    with pytest.raises(ValueError, match=rf"^models\.{model}: {words}"):
        check_models(checked=tmp_path / "a", experiments={"a": EXPERIMENT | {"models": [model]}}, models=models)
    assert not (tmp_path / "a").exists()
