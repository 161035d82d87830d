"""Several processes train as one does: the same gradients and weights to rounding, whatever the shares and parts."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from shared_training import MODELS, PARTS, everything, weights

from lofi.training import parallel

PROGRAM = Path(__file__).parents[2] / "shared" / "shared_training.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What two processes wrote."""
    folder = tmp_path_factory.mktemp("shared")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = [*torchrun, str(PROGRAM), str(folder / "found.pt"), str(folder / "two")]
    environment = os.environ | {"PYTHONPATH": str(PROGRAM.parents[2])}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr[-3000:]
    return folder


def deviation(found, expected):
    """Largest difference of any tensor over its largest value."""
    assert found.keys() == expected.keys()
    return max(
        float((found[key] - value).abs().max() / value.abs().max().clamp(min=1e-30)) for key, value in expected.items()
    )


def test_two_processes_train_as_one(folder):
    two, one = torch.load(folder / "found.pt"), everything(folder / "one")
    assert two.keys() == one.keys()
    assert len(one) > len(MODELS) * len(PARTS)
    deviations = {label: deviation(two[label], one[label]) for label in one}
    assert max(deviations.values()) < 1e-12, deviations
    written = sorted((folder / "one").glob("(*/history.csv"))  # of the cases, whose labels are tuples
    assert len(written) == sum(label.startswith("weights") for label in one)
    for path in written:
        histories = [pd.read_csv(folder / who / path.parent.name / path.name) for who in ("one", "two")]
        pd.testing.assert_frame_equal(*(h.drop(columns="seconds") for h in histories), rtol=1e-12)


def test_a_state_is_resumed_by_another_number_of_processes(folder, capsys):
    whole = weights("lofi", *PARTS[0], folder / "whole", last=None)
    resumed = weights("lofi", *PARTS[0], folder / "two" / "killed", last=None)
    assert "training resumed at step 6" in capsys.readouterr().err
    assert deviation(resumed, whole) < 1e-12


def test_each_process_has_a_share(monkeypatch):
    for number in range(1, 5):
        monkeypatch.setattr(parallel, "size", lambda number=number: number)
        assert parallel.share(number) == slice(0, None, number)
        if number > 1:
            message = f"training: objects is {number - 1}; {number} processes need at least one each"
            with pytest.raises(ValueError, match=message):
                parallel.share(number - 1)
