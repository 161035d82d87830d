"""In-paintings and probes in the configuration: what does not fit is said before anything runs."""

from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from workflow.configuration import assemble

FOLDER = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (
            "inpaintings: {kept_30: {pictures: {snapshots: [0, 1]}}}",
            "snapshots has 'chelsea.png', which is in the split train",
        ),
        ("sources: {portraits: {names: [chelsea, camera, rocket]}}", "share chelsea"),
        ("inpaintings: {kept_30: {methods: {lofi_admm: {model: unet}}}}", "unet"),
        ("probes: {resolution: {memory: [2048]}}", "memory has 2048, more than the 1024 pixels"),
        ("figures: {fig09: {methods: [clean]}}", "clean"),
    ],
)
def test_what_does_not_fit_is_said(overlay, words):
    config = yaml.safe_load((FOLDER / "config.yaml").read_text())
    update_config(config, yaml.safe_load(overlay))
    with pytest.raises(ValueError, match=words):
        assemble(config, FOLDER)
