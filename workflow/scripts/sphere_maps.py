"""The maps of a sky: local field, Wiener, smoothed, Kaiser–Squires, truth, in one HEALPix table."""

from pathlib import Path

from lofi.io import hdf5
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import load_sphere_model
from lofi.sphere.products import linear_estimates, sky_maps, write_sky
from workflow.job import run


def sphere_maps(*, sky: Path, channels: Path, parts: list[Path], weights: Path, maps: Path, threads: int) -> None:
    record, truth = hdf5.read(sky, "kappa")
    _, alms, b_mode, seen = hdf5.read(channels, "channels", "kappa_b", "seen")
    harmonics = Harmonics(record["nside"], threads=threads)
    model, model_record = load_sphere_model(weights.parent, record["nside"])
    tiles = (hdf5.read(path, "pixels", "values")[1:] for path in parts)
    columns = sky_maps(harmonics, model, linear_estimates(harmonics, alms, b_mode, truth), tiles, seen)
    source = [f"{record['description']}, seed {'/'.join(map(str, record['seed']))}"]
    write_sky(maps, columns, seen, harmonics, model_record, simulated=record["simulated"], source=source)


if __name__ == "__main__":
    run(snakemake, sphere_maps)
