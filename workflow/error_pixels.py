"""What a prior gets wrong on a simulated sky of the sphere, pixel by pixel, and what its error bars read there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from lofi.seeds import stream
from lofi.sphere.channels import spectrum_of
from lofi.sphere.error_bars import sphere_features
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.observing import load_model, survey_channels, survey_maps
from lofi.sphere.shear_map import SphereShear
from simulations.sphere.observation import observed_shear
from simulations.sphere.survey import SphereSurvey


def error_pixels(
    harmonics: Harmonics, alm: np.ndarray, survey: SphereSurvey, prior: Path, redshift: float, name: Sequence[str | int]
) -> dict[str, torch.Tensor | np.ndarray]:
    """A survey of a sky, mapped as `lofi map` does it.

    Parameters
    ----------
    alm : coefficients (n,) of the convergence. prior : folder of one of the plane. redshift : of the sources.
    name : of the random streams of survey and noise.

    Returns
    -------
    `seen`, bool (pixels,), RING; of the pixels (P,) seen `features` (P, F) and `scale` of
    `lofi.lensing.error_features`; `error`, truth less estimate in units of the scale; `estimate` and `noise`.
    """
    noise = survey.noise_std(harmonics.nside, stream(*name, "survey"))
    gamma = observed_shear(harmonics, alm, noise, stream(*name, "noise"))
    shear = SphereShear(gamma, noise, harmonics.nside)
    model, record = load_model(prior, harmonics.nside, redshift)
    alms, b_mode = survey_channels(harmonics, shear, record)
    maps = survey_maps(harmonics, shear, model, record, alms, b_mode, None, redshift)
    power = spectrum_of(record["data"]["spectrum"], harmonics.lmax)
    features, scale = sphere_features(harmonics, maps["KAPPA"], maps["KAPPA_WIENER"], noise, power, redshift)
    missed = (harmonics.synthesis(alm)[0] - maps["KAPPA"])[shear.seen]
    return {
        "seen": shear.seen,
        "features": features,
        "scale": scale,
        "error": torch.from_numpy(missed).float() / scale,
        "estimate": maps["KAPPA"][shear.seen],
        "noise": noise[shear.seen],
    }
