"""Claims of the paper as tests: what a test of the built results leaves for the table of verdicts."""

from pathlib import Path

import pandas as pd
import pytest

RESULTS = Path(__file__).parents[2] / "results"
NOT_HERE = "not at this scale"  # how the reason of a skipped claim begins that was measured and is open


class Claim:
    """A claim of the paper against the built results; `judge` ends its test."""

    def __init__(self, request, record_property):
        self.record = record_property
        for key, value in request.node.get_closest_marker("claim").kwargs.items():
            record_property(key, value)

    def table(self, name, *index):
        """A built table, results/`name`; the test is skipped where it is missing."""
        path = RESULTS / name
        if not path.exists():
            pytest.skip(f"not built: results/{name}")
        return pd.read_csv(path).set_index(list(index)) if index else pd.read_csv(path)

    def needs(self, condition, otherwise):
        """Leave the claim open where a network does too little for it to mean anything."""
        if not condition:
            self.record("measured", otherwise)
            pytest.skip(f"{NOT_HERE}: {otherwise}")

    def judge(self, measured, holds, opposite=False):
        """Reproduced where the claim `holds`, contradicted where the `opposite` does, else open at this scale."""
        self.record("measured", measured)
        if holds:
            return
        if opposite:
            pytest.fail(measured, pytrace=False)
        pytest.skip(f"{NOT_HERE}: {measured}")


@pytest.fixture
def claim(request, record_property):
    return Claim(request, record_property)
