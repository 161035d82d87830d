"""The train rule's own script on a small data set, as Snakemake runs it: `python training_job.py OPTIONS.json`."""

import json
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from lofi.data.lensing import LensingObservation
from lofi.io import hdf5
from lofi.seeds import stream

ROOT = Path(__file__).parents[2]
EXPERIMENT = {
    "task": "lensing",
    "field": {"pixels": 16, "extent_arcmin": 37.5},
    "observation": {
        "galaxy_density": 30.0,
        "ellipticity_dispersion": {"value": 0.3, "of": "per_component"},
        "cutout_margin": 0,
    },
}
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "pixels": 32,
}


def simulate(folder):
    """Maps and validation pairs of white skies."""
    images = 0.02 * stream("maps").standard_normal((20, 16, 16)).astype(np.float32)
    observed, truth = LensingObservation(0.03).observe_all(images[:4], "validation")
    for name, arrays in (("maps", {"images": images}), ("validation", {"observed": observed, "truth": truth})):
        shard = {key: [0, len(array)] for key, array in arrays.items()}
        hdf5.write(folder / f"{name}.h5", {"description": "white skies", "shard": shard}, **arrays)


class Given(dict):
    """Files, params or wildcards of a job, by name."""

    def __iter__(self):
        return iter(self.values())


def train(folder, training, device="cpu", devices=1, nodes=1):
    folder = Path(folder)
    job = SimpleNamespace(
        rule="train",
        wildcards=Given(experiment="mass", model="lofi"),
        input=Given(training=[str(folder.parent / "maps.h5")], validation=[str(folder.parent / "validation.h5")]),
        output=Given(weights=str(folder / "model.safetensors"), history=str(folder / "history.csv")),
        log=[str(folder / "train.log")],
        threads=devices,
        params=Given(
            description=DESCRIPTION | {"training": training},
            experiment=EXPERIMENT,
            noise="fresh",
            depth={},
            device=device,
            name=["test", "mass", "lofi"],
            code="",
        ),
        config={"training": {"devices": devices, "nodes": nodes}},
    )
    program = str(ROOT / "workflow/scripts/train.py")
    runpy.run_path(program, init_globals={"snakemake": job}, run_name="__main__")


if __name__ == "__main__":
    train(**json.loads(sys.argv[1]))
