"""The built results of the default run; tests of them are skipped where it was not built with the default settings."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from workflow.configuration import assemble

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "results/laptop"
DECIDING = ["seed", "cosmology", "source_redshift", "sources", "experiments", "models", "methods", "inversions"]


def changed(built, default, where=""):
    """The first key of the default configuration that the built one has otherwise or not at all, or None.

    What the built one has besides is the user's own.
    """
    if isinstance(default, dict) and isinstance(built, dict):
        found = (changed(built.get(key), value, f"{where}.{key}".lstrip(".")) for key, value in default.items())
        return next(filter(None, found), None)
    return None if built == default else where


class Results:
    """Files of the default run."""

    def path(self, name):
        """A file of the run; the test is skipped without it."""
        if not (FOLDER / name).exists():
            pytest.skip(f"not built: results/laptop/{name}")
        return FOLDER / name

    def table(self, name, *index):
        return pd.read_csv(self.path(f"tables/{name}.csv")).set_index(list(index)).sort_index()


@pytest.fixture(scope="session")
def config():
    """The default configuration; without a run of it, the test is skipped."""
    if not (FOLDER / "config.yaml").exists():
        pytest.skip("the default run is not built; `make run` builds it")
    default = assemble(yaml.safe_load((ROOT / "config/config.yaml").read_text()), ROOT / "config")
    default = {key: default[key] for key in DECIDING}
    key = changed(yaml.safe_load((FOLDER / "config.yaml").read_text()), default)
    if key is not None:
        pytest.skip(f"results/laptop was built with another {key} than config/ has")
    return default


@pytest.fixture(scope="session")
def results(config):
    return Results()
