"""Observations in bins of redshift: each map is an output that the workflow knows; edges that are none are refused."""

from pathlib import Path

import pytest

from workflow.configuration import assemble, load
from workflow.tomography import by_bins

CONFIG = Path(__file__).parents[2] / "config"
COLUMNS = {name: name for name in ("ra", "dec", "e1", "e2")}


def test_bins_are_counted_by_their_edges():
    entries = {
        "whole": {"file": "a.fits"},
        "three": {"file": ["a.fits", "b.fits"], "zbins": "Z_B=0.1,0.3,0.5,0.9"},
        "gaps": {"file": "a.fits", "zbins": "Z_B=0.1:0.3,0.5:0.9"},
        "numbered": {"file": "a.fits", "zbins": "bin"},  # the file alone tells how many
    }
    assert by_bins(entries, entries) == {0: ["whole", "numbered"], 3: ["three"], 2: ["gaps"]}
    assert by_bins({}, []) == {0: []}


@pytest.mark.parametrize("zbins", ["Z_B=0.5,0.1", "Z_B=0.1:0.5,0.3:0.9", "=0.1,0.5"])
def test_edges_that_are_none_are_refused_by_their_key(zbins):
    whole = load(CONFIG / "config.yaml")
    entry = {"file": "data/a.fits", "columns": COLUMNS, "zbins": "Z_B=0.1,0.5"}
    assemble(whole | {"observations": {"mine": entry}}, CONFIG)
    with pytest.raises(ValueError, match=r"observations\.mine\.zbins.*expected"):
        assemble(whole | {"observations": {"mine": entry | {"zbins": zbins}}}, CONFIG)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "name them with zbins"),
        ({"zbins": "Z_B=0.1,0.5,0.9", "redshift": 0.8}, "not one redshift"),
        ({"zbins": "bin"}, "only numbers them"),
    ],
)
def test_bins_that_cannot_be_mapped_together_are_refused_by_their_key(options, words):
    whole = load(CONFIG / "config.yaml")
    entry = {"file": ["data/a.fits", "data/b.fits"], "columns": COLUMNS, "joint": True}
    for known in ({"zbins": "bin", "nz": "data/nz.txt"}, {"zbins": "Z_B=0.1,0.5,0.9"}):
        assemble(whole | {"observations": {"mine": entry | known}}, CONFIG)
    with pytest.raises(ValueError, match=rf"observations\.mine\.joint .*{words}"):
        assemble(whole | {"observations": {"mine": entry | options}}, CONFIG)
