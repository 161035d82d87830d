"""Visibilities of an inversion: its true skies, its coverage, its noise."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from lofi.radio.beam import fit_beam
from lofi.radio.coverage import check_field, radians_per_pixel, read_coverage, synthesis, w_phase
from lofi.radio.operator import VisibilityOperator
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.weighting import imaging_weights
from lofi.seeds import stream
from simulations.radio_observation import RadioObservation
from simulations.receiver_noise import add_noise, sigma_from_sefd, sigma_from_snr
from simulations.skies import skies

W_PHASE_LIMIT = 0.3  # rad


def simulate_visibilities(inversion: Mapping, name: Sequence[str], seed: str) -> RadioObservation:
    """The observation that an inversion's entry of the configuration describes.

    `name` is that of the random stream of the noise, the inversion's own name last; `seed` is that of the skies.
    """
    pixels, noise = inversion["pixels"], inversion["noise"]
    truth, kinds, simulated, description = skies(inversion["sky"], pixels, seed)
    truth *= noise.get("peak_jy", 1.0)
    x, y, telescope_record = coverage(inversion["coverage"], inversion.get("cell_arcsec"), pixels)
    operator = VisibilityOperator(x, y, (pixels, pixels))
    visibilities, scale = [], []
    for image, sky in enumerate(truth):
        noiseless = operator.forward(sky)
        sigma = (
            sigma_from_snr(noiseless, noise["snr_db"]) if "snr_db" in noise else receiver_noise(inversion["coverage"])
        )
        for noise_seed in range(inversion["noise_seeds"]):
            visibilities.append(add_noise(noiseless, sigma, stream(*name, "noise", image, noise_seed)))
            scale.append(sigma)
    relative_sigma = np.ones(len(x))
    weights = imaging_weights(x, y, operator.shape, relative_sigma, **inversion["weighting"])
    beam = fit_beam(operator.psf(weights))
    image, noise_seed = np.divmod(np.arange(len(visibilities)), inversion["noise_seeds"])
    return RadioObservation(
        inversion=inversion,
        name=name[-1],
        seed=list(name),
        simulated=simulated,
        description=description,
        kinds=kinds,
        beam=(beam.bmaj, beam.bmin, beam.bpa),
        **telescope_record,
        truth=truth.astype(np.float32),
        image=image,
        noise_seed=noise_seed,
        x=x,
        y=y,
        sigma=relative_sigma,
        scale=np.array(scale, dtype=float),
        visibilities=np.stack(visibilities).astype(np.complex64),
    )


def coverage(options: Mapping, cell_arcsec: float | None, pixels: int) -> tuple[np.ndarray, np.ndarray, dict]:
    """x, y (M,) in radians per pixel of a coverage file or of a telescope's synthesis, and what headers say of it."""
    if "file" in options:
        x, y = read_coverage(options["file"])
        unknown = {"declination_deg": None, "frequency_hz": None, "bandwidth_hz": None, "w_phase": None}
        return x, y, {"telescope": f"coverage {options['file']}", **unknown}
    array = telescope(options["telescope"])
    tracked = {key: value for key, value in options.items() if key not in ("telescope", "bandwidth_hz")}
    uvw = synthesis(array, **tracked)
    check_field(uvw, (pixels, pixels), cell_arcsec)
    phase = w_phase(uvw, (pixels, pixels), cell_arcsec)
    if phase > W_PHASE_LIMIT:
        warnings.warn(
            f"the w-term, which the simulation neglects, reaches {phase:.2f} rad in the corners of the image, more "
            f"than {W_PHASE_LIMIT}; take a smaller field or a source nearer to the zenith",
            stacklevel=2,
        )
    channels = len(options["frequencies_hz"])
    record = {
        "telescope": array.name,
        "declination_deg": options["declination_deg"],
        "frequency_hz": float(np.mean(options["frequencies_hz"])),
        "bandwidth_hz": options["bandwidth_hz"] * channels if "bandwidth_hz" in options else None,
        "w_phase": phase,
    }
    return *radians_per_pixel(uvw, cell_arcsec), record


def receiver_noise(options: Mapping) -> float:
    """Noise of a visibility, Jy, from the telescope's SEFD, the width of a channel and the time of a dump."""
    return sigma_from_sefd(telescope(options["telescope"]).sefd_jy, options["bandwidth_hz"], options["dump_seconds"])
