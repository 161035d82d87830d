"""docs/extending.md: its three additions, made from the blocks of the document as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch.testing import assert_close

from lofi.solvers.admm import Schedule, admm

TEXT = (Path(__file__).parents[2] / "docs/extending.md").read_text()
SMALL = """
experiments:
  ldct: {splits: {train: {maps: 8, shards: 1}, validation: {maps: 1}, chest: {maps: 1, shards: 1}, brain: {maps: 1}}}
models: {lofi_denoiser: {training: {steps: 10, validate_every: 5, save_every: 5}}}
"""
SECTIONS = dict(re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))


def blocks(section, language):
    return re.findall(rf"```{language}\n(.+?)```", SECTIONS[section], flags=re.DOTALL)


def ask(project, section, *overlays):
    """Run the command that the section ends with, at smoke scale."""
    target, cores = re.search(r"^    snakemake (\S+) --cores (\d+)", SECTIONS[section], flags=re.MULTILINE).groups()
    (project / "small.yaml").write_text(SMALL)
    overlays = ["config/smoke.yaml", "small.yaml", *overlays]
    command = [sys.executable, "-m", "snakemake", target, "--cores", cores, "--configfile", *overlays]
    run = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return pd.read_csv(project / "results/smoke" / target)


def test_a_model(project):
    file, name = blocks("A model", "python")
    (project / "lofi/models/baselines/plain.py").write_text(file)
    with (project / "lofi/models/registry.py").open("a") as models:
        models.write(name)
    (project / "own.yaml").write_text(blocks("A model", "yaml")[0])  # over the smoke scale's list of models
    scores = ask(project, "A model", "own.yaml")
    assert set(scores["model"]) == {"plain"}
    assert scores["psnr"].between(5, 60).all()


def test_an_experiment(project):
    (project / "config/experiments/faint.yaml").write_text(blocks("An experiment", "yaml")[0])
    scores = ask(project, "An experiment")
    assert len(scores) == 3 * 2  # images and levels
    assert scores["level"].unique() == pytest.approx([0.01, 0.1])


def test_an_operator():
    space = {}
    exec(blocks("An operator", "python")[0], space)
    generator = torch.Generator().manual_seed(0)
    truth = torch.rand(2, 16, 16, generator=generator, dtype=torch.float64)
    kernel = torch.rand(16, 16, generator=generator, dtype=torch.float64)
    transfer = torch.fft.rfft2(kernel).abs() / 16 + 0.5
    blurred = torch.fft.irfft2(torch.fft.rfft2(truth) * transfer, s=(16, 16))
    term = space["Blurred"](blurred, transfer, [1e-3, 1e-3])
    assert_close(term.gradient(truth), torch.zeros_like(truth))
    z, alpha = truth + 0.3, torch.tensor([0.2, 0.7], dtype=torch.float64)
    x, _ = term.prox(z, alpha)
    assert_close(term.gradient(x) + alpha[:, None, None] * (x - z), torch.zeros_like(x))  # where the prox is
    image, trace = admm(term, lambda images, sigma: images, blurred.clamp(min=0), Schedule(), seed=0)
    assert_close(image, truth, rtol=0, atol=0.02)
    assert 2 * Schedule().annealing < len(trace) <= 2 * Schedule().iterations
