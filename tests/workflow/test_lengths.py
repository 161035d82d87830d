"""Two lengths of training: what must be equal, what is refused, and where a course parts from its best."""

import copy
import json
import math
from pathlib import Path

import pandas as pd
import pytest

from workflow.configuration import assemble, load
from workflow.configuration.files import merge
from workflow.lengths import check_lengths, length_files, length_table
from workflow.scripts.tables.length_tables import length_tables
from workflow.training_curves import course

CONFIG = Path(__file__).parents[2] / "config"
RECORD = {
    "model": {"class": "dncnn"},
    "data": {"fingerprint": "a"},
    "observation": {},
    "seed": ["lofi", "ldct", "dncnn"],
}


@pytest.fixture(scope="module")
def scales():
    """The configurations of both lengths."""
    laptop = load(CONFIG / "config.yaml")
    longer = copy.deepcopy(laptop)
    merge(longer, load(CONFIG / "long.yaml"))
    return assemble(laptop, CONFIG), assemble(longer, CONFIG)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder of a run."""
    (tmp_path / "long").mkdir()
    monkeypatch.chdir(tmp_path / "long")
    return tmp_path


def test_the_long_scale_trains_eight_times_longer_and_changes_nothing_else(scales):
    laptop, longer = scales
    for name in laptop["experiments"]["ldct"]["models"]:
        ours, theirs = (dict(scale["models"][name]) for scale in scales)
        if "training" in ours:
            assert theirs["training"]["steps"] == 8 * ours["training"]["steps"]
            ours["training"], theirs["training"] = (
                {key: value for key, value in options["training"].items() if key not in ("steps", "validate_every")}
                for options in (ours, theirs)
            )
        assert ours == theirs
    assert longer["experiments"]["ldct"] == laptop["experiments"]["ldct"] | {"curves": ["validation", "brain"]}
    assert longer["seed"] == laptop["seed"]
    assert laptop["figures"]["length"] == {"short": f"results/{laptop['scale']}", "long": f"results/{longer['scale']}"}


def test_a_run_without_the_other_one_is_refused_in_a_sentence(scales, here):
    laptop, longer = copy.deepcopy(scales)
    laptop["figures"]["length"] = longer["figures"]["length"] = {"short": "../laptop", "long": "."}
    with pytest.raises(ValueError, match=r"^experiments\.ldct\.curves lacks brain and validation.*config/long\.yaml$"):
        check_lengths(laptop)
    with pytest.raises(ValueError, match=r"laptop/tables/table1\.csv is missing; .*: snakemake table1 --cores 2$"):
        check_lengths(longer)
    (here / "laptop/tables").mkdir(parents=True)
    (here / "laptop/tables/table1.csv").touch()
    check_lengths(longer)
    assert length_files(longer)["short_table"] == "../laptop/tables/table1.csv"
    assert length_files(longer)["long_records"][0] == "models/ldct/dncnn/model.json"


def test_only_the_shorter_run_judges_the_longer_one_and_only_where_it_is_there(here, monkeypatch):
    config = {"figures": {"length": {"short": str(here / "laptop"), "long": str(here / "long")}}}
    (here / "laptop").mkdir()
    (here / "long/tables").mkdir()
    table = here / "long/tables/length.csv"
    monkeypatch.chdir(here / "laptop")
    assert length_table(config) == []
    table.touch()
    assert length_table(config) == [str(table)]
    monkeypatch.chdir(here / "long")
    assert length_table(config) == []


@pytest.mark.parametrize(
    ("scores", "best", "parted"),
    [
        ([20, 25, 24, 24.5, 24], 25, 3),  # for good
        ([20, 25, 24, 24.95, 24.92], 25, None),  # back again
        ([20, 21, 22, 23, 24], 24, None),
        ([25, 24.95, 24.8, 24.95, 24.5], 25, 5),
    ],
)
def test_where_the_last_score_parts_from_the_best(scores, best, parted):
    found = course(pd.DataFrame({"step": range(1, 6), "psnr": scores}), "psnr")
    assert (found["best"], found["last"]) == (best, scores[-1])
    assert found["best_step"] == scores.index(best) + 1
    assert math.isnan(found["parted_step"]) if parted is None else found["parted_step"] == parted


@pytest.mark.parametrize("key", list(RECORD))
def test_other_networks_slices_or_seeds_are_not_compared(tmp_path, key):
    records = []
    for name, record in {"short": RECORD, "long": RECORD | {key: "other"}}.items():
        (tmp_path / name).mkdir()
        records.append([tmp_path / name / "model.json"])
        records[-1][0].write_text(json.dumps(record))
    outputs = {name: tmp_path / f"{name}.csv" for name in ("summary", "verdict", "page")}
    nothing = {f"{length}_{kind}": [] for length in ("short", "long") for kind in ("table", "histories")}
    with pytest.raises(ValueError, match=f"short/model.json: {key} is .*, but other in .*long/model.json"):
        length_tables(short_records=records[0], long_records=records[1], **nothing, **outputs)
    assert not any(path.exists() for path in outputs.values())
