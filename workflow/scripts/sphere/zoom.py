"""A field of a sky in the tangent plane: FITS with WCS, every map evaluated at its pixel centres."""

import numpy as np

from lofi.io import hdf5
from lofi.io.fits import write_maps
from lofi.lensing.tangent_plane import tangent_wcs, unit_vectors, wcs_header
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import cut_out, linear_estimates, load_sphere_model
from lofi.sphere.pixels import CHANNELS, pixel_arcmin
from workflow.job import job


def zoom(*, sky, channels, folder, output, options, threads):
    record, truth = hdf5.read(sky, "kappa")
    _, alms, b_mode = hdf5.read(channels, "channels", "kappa_b")
    harmonics, shape = Harmonics(record["nside"], threads=threads), (options["pixels"],) * 2
    model, about = load_sphere_model(folder, record["nside"])
    pixel = pixel_arcmin(record["nside"])
    wcs = tangent_wcs(options["centre"], pixel, shape)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    ra, dec = wcs.all_pix2world(columns.ravel(), rows.ravel(), 0)
    vectors = unit_vectors(ra, dec)
    position = np.radians(90.0 - dec), np.radians(ra)
    linear = linear_estimates(harmonics, alms, b_mode)
    linear |= {"TRUTH": truth, "PRECISION": alms[CHANNELS.index("precision")]}
    values = dict(zip(linear, harmonics.at(np.stack(list(linear.values())), *position), strict=True))
    maps = {"KAPPA": cut_out(model, about, harmonics, alms, vectors)} | values
    images = {name: (image.reshape(shape), "") for name, image in maps.items()}
    history = [f"{record['description']}, seed {'/'.join(map(str, record['seed']))}", "evaluated at the pixel centres"]
    cards = {"PIXARCM": (pixel, "[arcmin] side of a pixel")}
    write_maps(output, images, wcs_header(wcs), simulated=record["simulated"], history=history, cards=cards)


with job(snakemake):
    zoom(
        sky=snakemake.input.sky,
        channels=snakemake.input.channels,
        folder=snakemake.params.folder,
        output=snakemake.output[0],
        options=snakemake.params.zoom,
        threads=snakemake.threads,
    )
