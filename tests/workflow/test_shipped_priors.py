"""The priors that ship: their recipes are of the configuration, their cards of their files; how they get there."""

import copy
import json
import shutil
from pathlib import Path

import pytest

from lofi.priors.record import RECORD, read_record
from lofi.priors.shipped import CARD, SHIPPED, names
from workflow.configuration import assemble, load
from workflow.inputs import checkpoint_files
from workflow.recipe import recipe_of
from workflow.scripts.prior import prior
from workflow.ship_priors import HEADING, described, ship

FOLDER = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def config():
    return assemble(load(FOLDER / "config.yaml"), FOLDER)


def test_every_prior_was_trained_by_the_configuration_of_today(config):
    assert set(names()) == set(config["priors"])
    for name, entry in config["priors"].items():
        assert read_record(SHIPPED / name)["recipe"] == recipe_of(config, **entry), name


CHANGES = {
    "seed": lambda config: config.update(seed="other"),
    "steps": lambda config: config["models"]["lofi_denoiser"]["training"].update(steps=1),
    "noise": lambda config: config["experiments"]["galaxies"]["observation"].update(noise=[0.1, 0.2]),
    "maps": lambda config: config["experiments"]["galaxies"]["splits"]["train"].update(maps=10),
    "source": lambda config: config["sources"]["galaxies"].update(pixels=64),
}
IRRELEVANT = {
    "files": lambda config: config["experiments"]["galaxies"]["splits"]["train"].update(shards=7),
    "another model": lambda config: config["models"]["unet"].update(features=1),
    "what is scored": lambda config: config["experiments"]["galaxies"]["splits"]["test"].update(maps=1),
    "cosmology": lambda config: config.update(source_redshift=2.0),  # galaxies know none
    "device": lambda config: config.update(device="cuda"),
}


@pytest.mark.parametrize("name", [*CHANGES, *IRRELEVANT])
def test_the_fingerprint_is_of_what_the_training_depends_on(config, name):
    entry = {"experiment": "galaxies", "model": "lofi_denoiser"}
    other = copy.deepcopy(config)
    (CHANGES | IRRELEVANT)[name](other)
    assert (recipe_of(other, **entry) != recipe_of(config, **entry)) == (name in CHANGES)


def test_skies_of_lensing_follow_the_cosmology(config):
    entry = {"experiment": "mass", "model": "lofi"}
    assert recipe_of(config | {"source_redshift": 1.5}, **entry) != recipe_of(config, **entry)


def test_every_card_is_of_its_file():
    for name in names():
        card = (SHIPPED / name / CARD).read_text(encoding="utf-8")
        assert card.endswith(HEADING + described(read_record(SHIPPED / name))), (
            f"make ship-priors writes the card of {name}"
        )


@pytest.fixture
def package(tmp_path):
    """A copy of the priors that ship."""
    return shutil.copytree(SHIPPED, tmp_path / "package", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def trained(folder, **changes):
    """A trained prior, as the rule `prior` leaves it."""
    files = {"weights": SHIPPED / "radio" / "model.safetensors", "record": SHIPPED / "radio" / RECORD}
    folder.mkdir(parents=True)
    prior(**files, shipped_weights=folder / "model.safetensors", shipped_record=folder / RECORD, **changes)
    return folder


def test_a_prior_is_shipped_with_the_end_of_its_card(package, tmp_path):
    recipe = {"experiment": "new", "model": "newer", "fingerprint": "0" * 16}
    folder, before = trained(tmp_path / "priors" / "radio", recipe=recipe), (package / "radio" / CARD).read_text()
    ship(folder, package)
    card = (package / "radio" / CARD).read_text()
    assert card.partition(HEADING)[0] == before.partition(HEADING)[0]
    assert "`new`, `newer`" in card
    assert json.loads((package / "radio" / RECORD).read_text())["recipe"] == recipe
    ship(folder, package)
    assert (package / "radio" / CARD).read_text() == card


def test_what_cannot_ship_is_refused(package, tmp_path):
    before = {path: path.read_bytes() for path in package.rglob("*.*")}
    with pytest.raises(ValueError, match=r"card\.md is missing; write it first"):
        ship(trained(tmp_path / "priors" / "newcomer", recipe={}), package)
    folder = trained(tmp_path / "priors" / "radio", recipe={})
    record = json.loads((folder / RECORD).read_text())
    del record["recipe"]
    (folder / RECORD).write_text(json.dumps(record))
    with pytest.raises(ValueError, match="has no recipe; make it by `snakemake priors`"):
        ship(folder, package)
    (folder / RECORD).write_text(json.dumps(record | {"recipe": {}}))
    (folder / "more").write_bytes(bytes(2_000_000))
    with pytest.raises(ValueError, match=r"all priors would have 2\.\d+ MB; expected at most 2"):
        ship(folder, package)
    assert before == {path: path.read_bytes() for path in package.rglob("*.*")}


def observed(config, **observation):
    """The files that an observation of shear is mapped with, relative to the project."""
    entry = {"file": "shear.fits", **observation}
    found = checkpoint_files(config | {"observations": {"mine": entry}}, "mine")
    assert found["weights"].removesuffix("safetensors") == found["record"].removesuffix("json")
    return found["record"]


def test_an_observation_names_a_prior_a_folder_a_model_or_none(config, monkeypatch):
    monkeypatch.chdir(FOLDER.parent)
    assert observed(config) == "lofi/priors/convergence/model.json"
    assert observed(config, pixels=64) == "lofi/priors/radio/model.json"
    assert observed(config, prior="radio") == "lofi/priors/radio/model.json"
    assert observed(config, prior="priors/mine") == "priors/mine/model.json"
    assert observed(config, prior={"experiment": "mass", "model": "lofi"}) == "models/mass/lofi/model.json"


MISTAKES = {
    "a misspelt prior": (
        {"observations": {"mock": {"prior": "convergense"}}},
        r"observations\.mock\.prior names 'convergense', which is unknown; did you mean convergence\?",
    ),
    "a misspelt model of the package": (
        {"models": {"shipped_radio": {"name": "radoi"}}},
        r"models\.shipped_radio\.name names 'radoi', which is unknown; did you mean radio\?",
    ),
    "a keyword of a shipped model": ({"models": {"shipped_radio": {"width": 3}}}, r"shipped_radio\.width is unknown"),
    "a prior of another task": (
        {"priors": {"new": {"experiment": "ldct", "model": "lofi_plain"}}},
        r"priors\.new\.experiment is ldct, which is an experiment of tomography; expected one of lensing or sphere or",
    ),
    "a prior that is not trained": (
        {"priors": {"new": {"experiment": "mass", "model": "lofi_denoiser"}}},
        r"priors\.new\.model names 'lofi_denoiser', which is unknown",
    ),
}


@pytest.mark.parametrize(("change", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_sentence(change, words):
    with pytest.raises(ValueError, match=words) as caught:
        assemble(load(FOLDER / "config.yaml") | change, FOLDER)
    assert "\n" not in str(caught.value)


def test_folders_may_come_later():
    change = {"observations": {"mock": {"prior": "priors/of_tomorrow"}}}
    assert (
        assemble(load(FOLDER / "config.yaml") | change, FOLDER)["observations"]["mock"]["prior"] == "priors/of_tomorrow"
    )
