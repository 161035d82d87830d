"""The schema for editors and the page of all keys follow the models of the configuration."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from workflow.configuration import load, reference, schema
from workflow.configuration.setting import Setting

FOLDER = Path(__file__).parents[2] / "config"
FILES = sorted(FOLDER.rglob("*.yaml"))
MISSPELT = [
    {"sede": "lofi"},
    {"experiments": {"mass": {"splits": {"test": {"mapz": 3}}}}},
    {"experiments": {"mass": {"splits": {"test": {"maps": "three"}}}}},
    {"sources": {"nbody": {"kind": "hydro"}}},
    {"inversions": {"radio_128": {"coverage": {"dump_secs": 5}}}},
    {"cosmology": {"omega_m": 3.0}},
]


def settings(model: type[BaseModel] = Setting) -> set[type[BaseModel]]:
    """All models of the configuration."""
    return set(model.__subclasses__()).union(*map(settings, model.__subclasses__()))


@pytest.fixture(scope="module")
def validator():
    Draft202012Validator.check_schema(schema.schema())
    return Draft202012Validator(schema.schema())


def test_every_key_is_explained_in_a_sentence():
    keys = {f"{model.__name__}.{name}": field for model in settings() for name, field in model.model_fields.items()}
    keys.pop("Experiment.splits")  # which each task explains
    assert not [key for key, field in keys.items() if not re.fullmatch(r"\S.*[.]", field.description or "")]
    assert not [model for model in settings() if not re.match(r"\S.*[.]", model.__doc__ or "")]


def test_the_schema_of_editors_is_current():
    """If not: python -m workflow.configuration schema > config/schema.json."""
    assert (FOLDER / "schema.json").read_text("utf-8") == schema.text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_each_file_fits_the_schema_that_it_names(path, validator):
    for named in re.findall(r"^# yaml-language-server: \$schema=(\S+)", path.read_text("utf-8"), flags=re.MULTILINE):
        assert (path.parent / named).resolve() == FOLDER / "schema.json"
    validator.validate(load(path))


@pytest.mark.parametrize("content", MISSPELT, ids=str)
def test_editors_mark_what_a_run_refuses(content, validator):
    assert not validator.is_valid(content)


def test_editors_take_the_null_of_overlays(validator):
    validator.validate({"experiments": {"mass": {"jobs": None, "splits": {"test": {"boxes": None}, "survey": None}}}})


def test_the_page_has_a_row_for_every_key():
    page = reference.page()
    shown = {name for key in re.findall(r"^\| `(\S+)` \|", page, flags=re.MULTILINE) for name in key.split(".")}
    shown |= set(re.findall(r"^### (\w+)$", page, flags=re.MULTILINE)) | {"kind", "task"}  # in headings
    for model in settings():
        keys = {field.alias or name for name, field in model.model_fields.items()}
        assert keys <= shown | {key.removesuffix("[]") for key in shown}, model
