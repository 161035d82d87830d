"""The benchmark of a GPU, at its small size, wherever the tests run."""

import contextlib
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import gpu
import pytest
import torch
import yaml
from gpu_admm import observed
from gpu_networks import CONTROLS, FIELD_STEPS, FIELDS

ROOT = Path(__file__).parents[2]
MISSING = {"astropy", "pandas", "matplotlib", "skimage", "finufft", "healpy", "ducc0", "regions", "katbeam", "yaml"}


@pytest.fixture(scope="module")
def report():
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        gpu.main(["--small"])
    return json.loads(printed.getvalue())


def test_every_part_ran(report):
    assert not [name for name in gpu.SECTIONS if "failed" in report[name]], report
    assert report["gpu"] == torch.cuda.is_available()
    assert ("no GPU was measured" in report["says"]) == (not report["gpu"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="without a GPU the processor is compared with itself")
def test_outputs_agree(report):
    assert report["agreement"]["within 0.0001"]["float32"]
    assert report["imaging"]["difference"]["float32"] < 1e-4


def test_costs_are_numbers(report):
    for network, row in report["training"].items():
        if network != "seconds":
            assert row["parameters"] > 2.9e6
            steps = FIELD_STEPS if network in FIELDS else 1
            assert row["16"]["epoch_seconds"] == pytest.approx(30000 * steps * row["16"]["step_seconds"])
    assert report["precision"]["float32"]["gradient"] == 0
    assert all(math.isfinite(row["psnr_db"]) for mode, row in report["precision"].items() if mode != "seconds")


def test_the_prior_improves_on_positivity(report):
    assert report["imaging"]["32"]["snr_db"] > report["imaging"]["32"]["positivity_snr_db"]


def test_the_networks_are_the_published_ones():
    controls = yaml.safe_load((ROOT / "config/models/paper_controls.yaml").read_text())["models"]
    assert {f"{name}_paper" for name in CONTROLS} == set(controls)
    for name, description in CONTROLS.items():
        published = controls[f"{name}_paper"]
        assert description == {key: value for key, value in published.items() if key != "training"}
    field = yaml.safe_load((ROOT / "config/models/lofi_paper.yaml").read_text())["models"]["lofi_paper"]
    assert FIELDS["lofi"]["network"] == field["network"]
    assert FIELDS["lofi"]["geometry"] == field["geometry"]
    overlay = yaml.safe_load((ROOT / "config/paper.yaml").read_text())["models"]["lofi_plain"]["training"]
    assert overlay["repeats"] == FIELD_STEPS
    assert overlay["microbatch"] == 0


def test_the_sky_fits_its_visibilities():
    term, truth = observed(48, torch.device("cpu"))
    assert float(term.chi2(truth)) == pytest.approx(1, abs=5 * (2 / (2 * term.visibilities)) ** 0.5)
    assert float(term.chi2(0.9 * truth)) > 2


def test_it_imports_what_a_bare_machine_has():
    code = "import sys, gpu; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "benchmarks", capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert not MISSING & set(run.stdout.split())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_what_to_do(capsys):
    with pytest.raises(SystemExit):
        gpu.main([])
    assert "--small runs everything at a small size" in capsys.readouterr().err
