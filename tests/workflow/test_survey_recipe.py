"""The boxes and fields of a survey's own network are those of the workflow's experiment `mass`."""

from pathlib import Path

from lofi.lensing import training
from workflow import survey_maps
from workflow.configuration import load

CONFIG = Path(__file__).parents[2] / "config"


def test_they_are_those_of_the_experiment_mass():
    mass = load(CONFIG / "experiments/mass.yaml")["experiments"]["mass"]
    splits = mass["splits"]
    assert splits["validation"]["maps"] == training.VALIDATION
    assert (training.LARGEST, training.PIXELS[1]) == (mass["field"]["extent_arcmin"], mass["field"]["pixels"])
    boxes = {"training": splits["train"]["boxes"], "validation": splits["validation"]["boxes"]}
    assert {part: list(numbers) for part, numbers in survey_maps.BOXES.items()} == boxes
    assert f"maps={survey_maps.FITTED}," in (CONFIG.parent / "workflow/rules/skies.smk").read_text()
