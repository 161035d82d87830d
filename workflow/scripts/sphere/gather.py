"""The maps of a sky: local field, Wiener, smoothed, Kaiser–Squires, truth, in one HEALPix table."""

import numpy as np

from lofi.io import checkpoint, hdf5, healpix
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import base_map, linear_estimates
from workflow.job import job


def gather(*, sky, channels, parts, folder, output, threads):
    record, truth = hdf5.read(sky, "kappa")
    _, alms, b_mode, seen = hdf5.read(channels, "channels", "kappa_b", "seen")
    harmonics = Harmonics(record["nside"], threads=threads)
    model, about = checkpoint.load(folder)
    linear = linear_estimates(harmonics, alms, b_mode) | {"TRUTH": truth}
    others = {name: harmonics.synthesis(alm)[0] for name, alm in linear.items()}
    kappa = base_map(model, others["KAPPA_WIENER"])
    missing = seen.copy()
    for path in parts:
        _, pixels, values = hdf5.read(path, "pixels", "values")
        kappa[pixels] += values
        missing[pixels] = False
    if missing.any():
        raise ValueError(f"{np.count_nonzero(missing)} pixels are in no tile of {', '.join(map(str, parts))}")
    columns = {name: (values, "") for name, values in {"KAPPA": kappa, **others}.items()}
    history = [
        f"{record['description']}, seed {'/'.join(map(str, record['seed']))}",
        f"KAPPA: {about['model']['class']}, trained with seed {'/'.join(map(str, about['seed']))}",
        f"all maps hold multipoles from 2 to {harmonics.lmax}, without pixel window, but KAPPA, which holds more",
    ]
    healpix.write(output, columns, seen, simulated=record["simulated"], history=history)


with job(snakemake):
    gather(
        sky=snakemake.input.sky,
        channels=snakemake.input.channels,
        parts=snakemake.input.parts,
        folder=snakemake.params.folder,
        output=snakemake.output[0],
        threads=snakemake.threads,
    )
