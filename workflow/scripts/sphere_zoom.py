"""A field of a sky in the tangent plane: FITS with WCS, every map evaluated at its pixel centres."""

from pathlib import Path

from lofi.io import hdf5
from lofi.lensing.products import write_field
from lofi.lensing.tangent_plane import tangent_wcs
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import load_sphere_model
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.products import field_of_sky, linear_estimates
from workflow.job import run


def sphere_zoom(*, sky: Path, channels: Path, weights: Path, fits: Path, options: dict, threads: int) -> None:
    record, truth = hdf5.read(sky, "kappa")
    _, alms, b_mode = hdf5.read(channels, "channels", "kappa_b")
    harmonics, pixel = Harmonics(record["nside"], threads=threads), pixel_arcmin(record["nside"])
    model, model_record = load_sphere_model(weights.parent, record["nside"])
    wcs = tangent_wcs(options["centre"], pixel, (options["pixels"],) * 2)
    maps = field_of_sky(harmonics, model, model_record, alms, linear_estimates(harmonics, alms, b_mode, truth), wcs)
    seed = "/".join(map(str, record["seed"]))
    source = [f"{record['description']}, seed {seed}", "evaluated at the pixel centres"]
    write_field(fits, maps, wcs, pixel, model_record, simulated=record["simulated"], source=source)


if __name__ == "__main__":
    run(snakemake, sphere_zoom)
