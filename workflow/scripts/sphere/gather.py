"""The maps of a sky: local field, Wiener, smoothed, Kaiser–Squires, truth, in one HEALPix table."""

from lofi.io import hdf5
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import load_sphere_model
from lofi.sphere.products import linear_estimates, sky_maps, write_sky
from workflow.job import job


def gather(*, sky, channels, parts, folder, output, threads):
    record, truth = hdf5.read(sky, "kappa")
    _, alms, b_mode, seen = hdf5.read(channels, "channels", "kappa_b", "seen")
    harmonics = Harmonics(record["nside"], threads=threads)
    model, model_record = load_sphere_model(folder, record["nside"])
    tiles = (hdf5.read(path, "pixels", "values")[1:] for path in parts)
    maps = sky_maps(harmonics, model, linear_estimates(harmonics, alms, b_mode, truth), tiles, seen)
    source = [f"{record['description']}, seed {'/'.join(map(str, record['seed']))}"]
    write_sky(output, maps, seen, harmonics, model_record, simulated=record["simulated"], source=source)


with job(snakemake):
    gather(
        sky=snakemake.input.sky,
        channels=snakemake.input.channels,
        parts=snakemake.input.parts,
        folder=snakemake.params.folder,
        output=snakemake.output[0],
        threads=snakemake.threads,
    )
