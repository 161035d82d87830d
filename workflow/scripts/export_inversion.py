"""FITS files of an inversion, as radio imagers write them: dirty, psf, model, residual, image; and the truth."""

import shutil
from pathlib import Path

from lofi.io import hdf5
from lofi.io.radio_fits import write_radio_set
from lofi.io.stack import Stack
from lofi.radio.measurement import imaging_weights, measure, products
from workflow.job import job

CELL, FREQUENCY = 1.0, 1.4e9  # arcsec and Hz, invented for coverages that are known in radians per pixel only
RIGHT_ASCENSION, DECLINATION = 0.0, 0.0  # invented; the declination where the coverage has none


def export_inversion(*, observation, images, folder, inversion, method, number):
    """The first noise seed of the first `number` skies."""
    record, truth, image, x, y, sigma, scale, visibilities = hdf5.read(
        observation, "truth", "image", "x", "y", "sigma", "scale", "visibilities"
    )
    estimates = Stack(images, "images")
    chosen = [int((image == sky).argmax()) for sky in range(min(number, len(truth)))]
    measurement = measure(x, y, visibilities[chosen], sigma, truth.shape[1:], scale[chosen])
    weights = imaging_weights(measurement.operator, measurement.sigma, **record["weighting"])
    cell = record["cell_arcsec"] or CELL
    common = {
        "cell_arcsec": cell,
        "centre": (RIGHT_ASCENSION, DECLINATION if record["declination_deg"] is None else record["declination_deg"]),
        "frequency_hz": record["frequency_hz"] or FREQUENCY,
        "bandwidth_hz": record["bandwidth_hz"] or 0.0,
        "telescope": record["telescope"] if record["cell_arcsec"] else "",
        "simulated": True,
    }
    folder, partial = Path(folder), Path(f"{folder}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for index, problem in enumerate(chosen):
        made = products(measurement, estimates[problem], weights, index)
        sky = int(image[problem])
        write_radio_set(
            partial / f"image_{sky:02d}",
            made.images() | {"truth": (truth[sky], "Jy/pixel")},
            beam=(made.beam.bmaj * cell / 3600, made.beam.bmin * cell / 3600, made.beam.bpa),
            object=f"{inversion} {sky}",
            history=_history(record, sky, truth[sky].max(), method, made.noise),
            **common,
        )
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _history(record, sky, peak, method, noise):
    lines = [
        f"sky {sky}: {record['description']} ({record['kinds'][sky]}), peak {peak:.4g} Jy/pixel, "
        "invented right ascension",
        f"simulated visibilities: {record['visibilities']}, seed {'/'.join(map(str, record['seed']))}/noise/{sky}/0",
        f"configuration: {record['inversion']}",
        f"weighting of dirty, psf, residual and image: {record['weighting']}",
        f"model: {method}; image: model convolved with the beam, plus residual",
        f"theoretical noise of the dirty image: {noise:.4g} Jy/beam",
    ]
    if not record["cell_arcsec"]:
        lines.append(
            f"{record['telescope']}, in radians per pixel: the pixel of {CELL:g} arcsec, the beam in degrees, the "
            f"declination and the frequency of {FREQUENCY:g} Hz are invented"
        )
    return lines


with job(snakemake):
    export_inversion(
        observation=snakemake.input.observation,
        images=snakemake.input.images,
        folder=snakemake.output[0],
        inversion=snakemake.wildcards.inversion,
        method=snakemake.params.export["method"],
        number=snakemake.params.export["images"],
    )
