"""Full disks and damaged inputs, in processes of their own: one sentence that names the file, nothing half-written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEGINNING = """
import sys
from pathlib import Path
import numpy as np
from workflow.job import one_sentence
path = Path(sys.argv[1])
image = np.random.default_rng(0).standard_normal((512, 1024)).astype(np.float32)
"""
WRITERS = {  # of 2 MB or more
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


def python(*arguments):
    return subprocess.run([sys.executable, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)


def errors(done):
    """The one sentence on the error stream of a process that ended as it should."""
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    (sentence,) = (line for line in done.stderr.splitlines() if "error: " in line)
    return sentence


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_with_the_name_of_the_file(small_disk, name):
    folder = small_disk(1000)
    done = python("-c", f"{BEGINNING}{WRITERS[name]}\nwith one_sentence():\n    write()", folder / name)
    assert errors(done) == f"error: {folder / name} cannot be written: the disk is full, or the quota used up"
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_there_survives_a_full_disk(small_disk):
    path = small_disk(1000) / "stack.h5"
    path.write_bytes(b"as it was")
    python("-c", f"{BEGINNING}{WRITERS['stack.h5']}\nwith one_sentence():\n    write()", path)
    assert path.read_bytes() == b"as it was"


def damaged_copy(folder, to, name):
    """A copy of a checkpoint with one of its files cut short."""
    shutil.copytree(folder, to)
    (to / name).write_bytes((to / name).read_bytes()[:50])
    return to


def lofi(command, data, checkpoint, output, *more):
    return python("-m", "lofi.cli", command, data, "--prior", checkpoint, "--output", output, *more)


def test_map_refuses_damaged_inputs_by_name(catalogue_file, checkpoint_folder, tmp_path):
    model = damaged_copy(checkpoint_folder, tmp_path / "model", "model.safetensors")
    columns = ("--columns", "ra=RA,dec=DEC,e1=E1,e2=E2,weight=WEIGHT")
    output = tmp_path / "out/kappa.fits"
    assert "model.safetensors" in errors(lofi("map", catalogue_file, model, output, *columns))
    catalogue_file.write_bytes(catalogue_file.read_bytes()[:-5000])
    assert "shear.fits" in errors(lofi("map", catalogue_file, checkpoint_folder, output, *columns))
    assert not output.parent.exists()


def test_image_refuses_damaged_inputs_by_name(denoiser_folder, tmp_path):
    model = damaged_copy(denoiser_folder, tmp_path / "model", "model.json")
    data = tmp_path / "sky.uvfits"
    data.write_text("no FITS at all\n")
    output = tmp_path / "out/sky"
    assert "model.json" in errors(lofi("image", data, model, output, "--size", "32"))
    assert "sky.uvfits" in errors(lofi("image", data, denoiser_folder, output, "--size", "32"))
    assert not output.parent.exists()
