"""The cases of files as archives hold them, which lie beside the project on some machines."""

import importlib.util
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "cases"


def need(name):
    """A mark that skips tests where the module of cases is absent."""
    return pytest.mark.skipif(not (FOLDER / f"{name}.py").is_file(), reason=f"{FOLDER} has no {name}.py")


def create(name, folder):
    """Write the files of a module of cases into a folder; returns the folder and what is true of each file."""
    specification = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return folder, module.create(folder)
