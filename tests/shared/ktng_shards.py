"""A training split of three κTNG maps, one to a shard, one of them cut short."""

import shutil

import numpy as np
from ktng_cosmology import COSMOLOGY, SOURCE_REDSHIFT

from simulations.theory import compute_theory

OVERLAY = """
sources: {ktng: {folder: own}}
experiments: {mass: {splits: {train: {source: ktng, lens_planes: [1, 3], maps: 3, shards: 3, depth: null}}}}
models: {lofi: {training: {objects: 3}}, unet: {training: {objects: 3}}}
"""
RUN = "results/smoke"
SHARDS = [f"maps/mass/train/{number:04d}.h5" for number in range(3)]
MAPS = [f"own/LP{number:03d}/LP{number:03d}_run001.npy" for number in (1, 2, 3)]


def with_a_broken_map(folder, broken=1):
    """Give a copy of the project the maps and the `overlay.yaml` that asks for them; the folder."""
    (folder / "overlay.yaml").write_text(OVERLAY)
    rng = np.random.default_rng(2)
    for path in (folder / name for name in MAPS):
        path.parent.mkdir(parents=True)
        np.save(path, rng.normal(0, 0.02, (1024, 1024)).astype(np.float32))
    path = folder / MAPS[broken]
    shutil.copy(path, folder / "whole.npy")
    path.write_bytes(path.read_bytes()[:5000])
    (folder / RUN).mkdir(parents=True)
    compute_theory(COSMOLOGY, SOURCE_REDSHIFT).save(folder / RUN / "theory.h5")
    return folder


def mend(folder, broken=1):
    """Put the whole map in the broken one's place."""
    shutil.copy(folder / "whole.npy", folder / MAPS[broken])
