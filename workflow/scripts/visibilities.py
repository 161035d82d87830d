"""Simulate the visibilities of an inversion: its skies, its coverage, its noise."""

import numpy as np

from lofi.io import hdf5
from lofi.radio.beam import fit_beam
from lofi.radio.coverage import check_field, radians_per_pixel, read_coverage, synthesis, w_phase
from lofi.radio.measurement import imaging_weights
from lofi.radio.operator import VisibilityOperator
from lofi.radio.telescopes.telescope import telescope
from lofi.seeds import stream
from simulations.receiver_noise import add_noise, sigma_from_sefd, sigma_from_snr
from simulations.skies import skies
from workflow.job import job


def visibilities(*, output, inversion, name, seed):
    pixels, noise = inversion["pixels"], inversion["noise"]
    truth, kinds, simulated, description = skies(inversion["sky"], pixels, seed)
    truth *= noise.get("peak_jy", 1.0)
    x, y, about = coverage(inversion["coverage"], inversion.get("cell_arcsec"), pixels)
    operator = VisibilityOperator(x, y, (pixels, pixels))
    noisy, scale = [], []
    for index, image in enumerate(truth):
        clean = operator.forward(image)
        sigma = sigma_from_snr(clean, noise["snr_db"]) if "snr_db" in noise else receiver_noise(inversion["coverage"])
        for number in range(inversion["noise_seeds"]):
            noisy.append(add_noise(clean, sigma, stream(*name, "noise", index, number)))
            scale.append(sigma)
    relative = np.ones(len(x))  # noise of a visibility, up to the scale of its sky
    beam = fit_beam(operator.psf(imaging_weights(operator, relative, **inversion["weighting"])))
    record = {
        "inversion": inversion,
        "name": name[-1],
        "simulated": simulated,
        "description": description,
        "pixels": pixels,
        "cell_arcsec": inversion.get("cell_arcsec"),
        "visibilities": len(x),
        "kinds": kinds,
        "seed": list(name),
        "weighting": inversion["weighting"],
        "beam": [beam.bmaj, beam.bmin, beam.bpa],
        **about,
    }
    image, noise_seed = np.divmod(np.arange(len(noisy)), inversion["noise_seeds"])
    hdf5.write(
        output,
        record,
        truth=truth.astype(np.float32),
        image=image,
        noise_seed=noise_seed,
        x=x,
        y=y,
        sigma=relative,
        scale=np.array(scale, dtype=float),
        visibilities=np.stack(noisy).astype(np.complex64),
    )


def coverage(options, cell_arcsec, pixels):
    """Radians per pixel of a coverage file or of a telescope's synthesis, and what headers say of it."""
    if "file" in options:
        x, y = read_coverage(options["file"])
        unknown = {"declination_deg": None, "frequency_hz": None, "bandwidth_hz": None, "w_phase": None}
        return x, y, {"telescope": f"coverage {options['file']}", **unknown}
    array = telescope(options["telescope"])
    tracked = {key: value for key, value in options.items() if key not in ("telescope", "bandwidth_hz")}
    uvw = synthesis(array, **tracked)
    check_field(uvw, (pixels, pixels), cell_arcsec)
    about = {
        "telescope": array.name,
        "declination_deg": options["declination_deg"],
        "frequency_hz": float(np.mean(options["frequencies_hz"])),
        "bandwidth_hz": options["bandwidth_hz"] * len(options["frequencies_hz"]) if "bandwidth_hz" in options else None,
        "w_phase": w_phase(uvw, (pixels, pixels), cell_arcsec),
    }
    return *radians_per_pixel(uvw, cell_arcsec), about


def receiver_noise(options):
    """Noise of a visibility, Jy, from the telescope's SEFD, the width of a channel and the time of a dump."""
    return sigma_from_sefd(telescope(options["telescope"]).sefd_jy, options["bandwidth_hz"], options["dump_seconds"])


with job(snakemake):
    visibilities(
        output=snakemake.output[0],
        inversion=snakemake.params.inversion,
        name=snakemake.params.name,
        seed=snakemake.params.seed,
    )
