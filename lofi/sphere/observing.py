"""A user's shear on the sphere, mapped with a trained local field and written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lofi.drawing.labels import label
from lofi.drawing.sphere import draw_maps
from lofi.io.atomic import replacing
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.mapping import (
    assumed_redshift,
    checked_redshift,
    depth_warnings,
    pixel_warnings,
    redshift_notes,
    serves_redshifts,
)
from lofi.lensing.masking import footprint_of, open_galaxies
from lofi.lensing.products import error_maps, errors_of
from lofi.lensing.reduced_shear import iterate
from lofi.lensing.shear_file import HEALPIX_MAP, ShearFile
from lofi.messages import say_notes
from lofi.options import given
from lofi.priors.record import read_record
from lofi.priors.shipped import note
from lofi.sphere.channels import channels, spectrum_of
from lofi.sphere.eb_diagnostics import SMOOTHING, eb_check
from lofi.sphere.error_bars import sphere_features
from lofi.sphere.error_files import sphere_bars_of
from lofi.sphere.filters import wiener
from lofi.sphere.harmonics import Harmonics, check_nside
from lofi.sphere.mapping import corrections, load_sphere_model, tiling_of
from lofi.sphere.noise_check import check_sphere_noise
from lofi.sphere.pixels import CHANNELS
from lofi.sphere.plane_prior import load_plane_model
from lofi.sphere.products import linear_estimates, sky_maps, write_sky
from lofi.sphere.reduced_shear import sphere_convergence
from lofi.sphere.shear_map import SphereShear, bin_shear, masked, read_shear

TILE_SIDE = 128  # pixels, about: the result does not depend on it, memory does


def map_sphere(
    file: ShearFile,
    options: Mapping,
    *,
    prior: Path,
    output: Path,
    figure: Path | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Map a HEALPix shear map or a catalogue with the model of the folder `prior`, write a HEALPix table and a figure.

    options : as of `lofi.mapping.map_observation`. notes : of what was chosen before.

    Returns no options: another map is on the same pixels.
    """
    measured, model, record = _shear_and_model(file, options, prior)
    of_prior = note(prior, record)
    bars, of_bars = sphere_bars_of(prior, record, measured.nside, options.get("errors"))
    read = [*measured.notes, *notes]
    say_notes([*read, of_prior, *of_bars])
    harmonics = Harmonics(measured.nside, threads=torch.get_num_threads())
    simulated = bool(options.get("simulated")) or file.simulated
    reduced = options.get("reduced_shear", not simulated)
    shear, of_shear, outside = unreduced(measured, harmonics) if reduced else (measured, [], [])
    say_notes(of_shear)
    say_notes(outside, "warning")
    redshift = assumed_redshift(record, options.get("redshift"))
    alms, b_mode = survey_channels(harmonics, shear, record)
    found = [*of_shear, *outside, *_notes(harmonics, shear, alms, b_mode, record, options.get("redshift"))]
    maps = survey_maps(harmonics, shear, model, record, alms, b_mode, bars, redshift)
    write_sky(
        output,
        maps,
        shear.seen,
        harmonics,
        record,
        simulated=simulated,
        source=[f"shear: {file.label}", *read],
        notes=[of_prior, *of_bars, *found],
        shear=measured,
        redshift=redshift,
        reduced=reduced,
    )
    if figure is not None:
        with replacing(figure) as path:
            draw_maps(path, figure.suffix[1:], maps, shear.seen, shear.nside, label(record["model"]["class"]))
    return {}


def survey_channels(harmonics: Harmonics, shear: SphereShear, record: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the channels (3, n) that the prior of `record` reads of a survey, and of its B mode (n,)."""
    power = spectrum_of(record["data"]["spectrum"], harmonics.lmax)
    filtered = wiener(harmonics, shear.gamma, shear.noise_std, power)
    return channels(harmonics, shear.gamma, shear.noise_std, filtered, record["noise_std"])


def survey_maps(
    harmonics: Harmonics,
    shear: SphereShear,
    model: nn.Module,
    record: Mapping,
    alms: np.ndarray,
    b_mode: np.ndarray,
    bars: ErrorBars | None,
    redshift: float | None,
) -> dict[str, np.ndarray]:
    """KAPPA of a survey, its error bars where there are `bars`, and the linear maps, (pixels,) each, by column name.

    Parameters
    ----------
    alms, b_mode : as of `survey_channels`. redshift : of the sources, which the error bars read.
    """
    tiling = tiling_of(model, record, shear.nside, max(4, shear.nside // TILE_SIDE))
    tiles = corrections(model, harmonics, alms, tiling, shear.seen, range(len(tiling)))
    maps = sky_maps(harmonics, model, linear_estimates(harmonics, alms, b_mode), tiles, shear.seen)
    if bars is None:
        return maps
    power = spectrum_of(record["data"]["spectrum"], harmonics.lmax)
    features = sphere_features(harmonics, maps["KAPPA"], maps["KAPPA_WIENER"], shear.noise_std, power, redshift)
    return maps | error_maps(*errors_of(bars, *features), maps["KAPPA"], shear.seen)


def _shear_and_model(file, options, prior):
    """The shear, and model and record of a prior at its Nside; what can be judged is judged before anything is read."""
    redshift = checked_redshift(options.get("redshift"))
    if "nside" in options:
        check_nside(options["nside"], "--nside")
        load_model(prior, options["nside"], redshift)
    shear = _read(file, options)
    return shear, *load_model(prior, shear.nside, redshift)


def load_model(prior: Path, nside: int, redshift: float | None) -> tuple[nn.Module, dict]:
    """Model and record of a prior of the sphere, or of the plane, for maps of this Nside; ValueError for another one.

    redshift : of the sources, as given.
    """
    if serves_redshifts(read_record(prior)):
        return load_plane_model(prior, nside, redshift)
    return load_sphere_model(prior, nside)


def unreduced(measured: SphereShear, harmonics: Harmonics) -> tuple[SphereShear, list[str], list[str]]:
    """The shear of reduced shear, with notes and warnings on it."""
    found = iterate(measured.gamma, sphere_convergence(harmonics, measured.noise_std))
    shear = replace(measured, gamma=measured.gamma * found.factor, noise_std=measured.noise_std * found.factor)
    return shear, found.notes(), found.warnings()


def _notes(harmonics, shear, alms, b_mode, record, redshift):
    """What is noticed of ranges and signs, notes and warnings, which is printed, too."""
    spread = np.exp(record.get("observation", {}).get("depth_variation", 0.0))
    level, nominal = float(np.median(shear.noise_std[shear.seen])), record["noise_std"]
    low, high = record.get("depth", {}).get("relative_noise", (1 / spread, spread))
    warnings = pixel_warnings(record["pixel_arcmin"], record) if serves_redshifts(record) else []
    notes, outside = redshift_notes(record, redshift)
    warnings += [*outside, *depth_warnings(level, nominal * low, nominal * high)]
    modes = eb_check(harmonics, alms[CHANNELS.index("kappa_e")], b_mode, shear)
    notes += modes.notes(f"{SMOOTHING:g} pixels")
    say_notes(notes)
    noise = None if modes.suspicious else check_sphere_noise(harmonics, b_mode, shear)
    warnings += [] if noise is None else noise.warnings
    say_notes(warnings, "warning")
    return notes + warnings


def _read(file, options):
    if file.kind == HEALPIX_MAP:
        footprint = footprint_of(options)
        shear = read_shear(file, **given(read_shear, options))
        return shear if footprint is None else masked(shear, footprint)
    return bin_shear(open_galaxies(file, options), options["nside"])
