"""FITS files of an inversion, as radio imagers write them: dirty, psf, model, residual, image; and the truth."""

import shutil
from pathlib import Path

import numpy as np

from lofi.io.stack import Stack
from lofi.radio.products import imaging, products, write_products
from simulations.radio_observation import RadioObservation, read_observation
from workflow.job import run

CELL, FREQUENCY = 1.0, 1.4e9  # arcsec and Hz, invented for coverages that are known in radians per pixel only
RIGHT_ASCENSION, DECLINATION = 0.0, 0.0  # invented; the declination where the coverage has none


def export_inversion(
    *, observation: Path, images: list[Path], folder: Path, inversion: str, method: str, number: int
) -> None:
    """The first noise seed of the first `number` skies."""
    observed = read_observation(observation)
    reconstructions = Stack(images, "images")
    problems = [observed.first_problem(image) for image in range(min(number, len(observed.truth)))]
    measurement = observed.measurement(problems)
    declination = DECLINATION if observed.declination_deg is None else observed.declination_deg
    partial = Path(f"{folder}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    imaged = imaging(measurement, **observed.inversion["weighting"])
    models = np.stack([reconstructions[problem] for problem in problems])
    (residuals,), chi2 = measurement.residual(models, imaged.weighting)
    for image, published in enumerate(products(measurement, imaged, models, residuals, chi2)):
        write_products(
            partial / f"image_{image:02d}",
            published,
            cell_arcsec=observed.cell_arcsec or CELL,
            centre=(RIGHT_ASCENSION, declination),
            frequency_hz=observed.frequency_hz or FREQUENCY,
            bandwidth_hz=observed.bandwidth_hz or 0.0,
            object=f"{inversion} {image}",
            telescope=observed.telescope if observed.cell_arcsec else "",
            simulated=True,
            data=_data_history(observed, image),
            model=method,
            weighting=observed.inversion["weighting"],
            results=published.results(),
            more={"truth": (observed.truth[image], "Jy/pixel")},
        )
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _data_history(observed: RadioObservation, image: int) -> list[str]:
    lines = [
        f"sky {image}: {observed.description} ({observed.kinds[image]}), peak {observed.truth[image].max():.4g} "
        "Jy/pixel, invented right ascension",
        f"simulated visibilities: {len(observed.x)}, seed {'/'.join(map(str, observed.seed))}/noise/{image}/0",
        f"configuration: {observed.inversion}",
    ]
    if not observed.cell_arcsec:
        lines.append(
            f"{observed.telescope}, in radians per pixel: the pixel of {CELL:g} arcsec, the beam in degrees, the "
            f"declination and the frequency of {FREQUENCY:g} Hz are invented"
        )
    return lines


if __name__ == "__main__":
    run(snakemake, export_inversion)
