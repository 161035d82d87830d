"""Full disks and damaged inputs: one sentence that names the file, nothing half-written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lofi.cli import main

ROOT = Path(__file__).parents[2]
BEGINNING = """
import sys
from contextlib import suppress
from pathlib import Path
import numpy as np
from workflow.job import one_sentence
folder = Path(sys.argv[1])
image = np.random.default_rng(0).standard_normal((512, 1024)).astype(np.float32)
"""
WRITERS = {  # each writes `path`, of 2 MB or more
    "stack.h5": "from lofi.io import hdf5; write = lambda: hdf5.write(path, {}, images=image[None], levels=np.ones(3))",
    "many.h5": "from lofi.io import hdf5; write = lambda: hdf5.write(path, {}, images=image.reshape(512, 32, 32))",
    "theory.h5": """
import h5py
from lofi.io.atomic import replacing
def write():
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        for name in "abcdefgh":
            file[name] = image[:64]
""",
    "maps.fits": """
from lofi.io.fits import write_maps
write = lambda: write_maps(path, {"KAPPA": (image, "")}, {}, simulated=True, history=[])
""",
    "sky-dirty.fits": """
from lofi.io.radio_fits import write_radio_image
about = dict(cell_arcsec=1.0, centre=(0.0, 0.0), frequency_hz=1e9, bandwidth_hz=0.0, simulated=True)
write = lambda: write_radio_image(path, image, "Jy/beam", **about)
""",
    "scores.csv": """
import pandas as pd
from workflow.score_tables import write_tables
write = lambda: write_tables({path: ("Scores", pd.DataFrame(image))}, path.with_suffix(".html"), "Scores")
""",
    "model.safetensors": """
import torch
from lofi.io import checkpoint
from lofi.models.denoiser import CHANNELS
from lofi.models.registry import build
description = {"class": "dncnn_denoiser", "features": 128, "layers": 6}
model = build(description, CHANNELS, (32, 32))
write = lambda: checkpoint.save(path.parent, model, description, CHANNELS, (32, 32))
""",
}


EACH = """
path = folder / {name!r}
{writer}
with suppress(SystemExit), one_sentence():
    write()
"""


def test_full_disks_are_told_with_the_name_of_the_file_and_what_was_there_survives(small_disk):
    """One file after the other, in a process of its own, which HDF5 might leave with more to say."""
    folder = small_disk(1000)
    (folder / "stack.h5").write_bytes(b"as it was")
    program = BEGINNING + "".join(EACH.format(name=name, writer=writer) for name, writer in WRITERS.items())
    command = [sys.executable, "-c", program, str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    full = "cannot be written: the disk is full, or the quota used up"
    assert ended.stderr.splitlines() == [f"error: {folder / name} {full}" for name in WRITERS]
    assert ended.returncode == 0
    assert {path.name: path.read_bytes() for path in folder.rglob("*")} == {"stack.h5": b"as it was"}


def damaged_copy(folder, to, name):
    """A copy of a checkpoint with one of its files cut short."""
    shutil.copytree(folder, to)
    (to / name).write_bytes((to / name).read_bytes()[:50])
    return to


def refusal(capsys, command, data, prior, output, *more):
    """The one sentence of a command of `lofi` that refuses its input."""
    with pytest.raises(SystemExit) as end:
        main([command, str(data), "--prior", str(prior), "--output", str(output), *more])
    assert end.value.code == 1
    (sentence,) = (line for line in capsys.readouterr().err.splitlines() if "error: " in line)
    return sentence


def test_map_refuses_damaged_inputs_by_name(catalogue_file, checkpoint_folder, tmp_path, capsys):
    model = damaged_copy(checkpoint_folder, tmp_path / "model", "model.safetensors")
    columns = ("--columns", "ra=RA,dec=DEC,e1=E1,e2=E2,weight=WEIGHT")
    output = tmp_path / "out/kappa.fits"
    assert "model.safetensors" in refusal(capsys, "map", catalogue_file, model, output, *columns)
    catalogue_file.write_bytes(catalogue_file.read_bytes()[:-5000])
    assert "shear.fits" in refusal(capsys, "map", catalogue_file, checkpoint_folder, output, *columns)
    assert not output.parent.exists()


def test_image_refuses_damaged_inputs_by_name(denoiser_folder, tmp_path, capsys):
    model = damaged_copy(denoiser_folder, tmp_path / "model", "model.json")
    data = tmp_path / "sky.uvfits"
    data.write_text("no FITS at all\n")
    output = tmp_path / "out/sky"
    assert "model.json" in refusal(capsys, "image", data, model, output, "--size", "32")
    assert "sky.uvfits" in refusal(capsys, "image", data, denoiser_folder, output, "--size", "32")
    assert not output.parent.exists()
