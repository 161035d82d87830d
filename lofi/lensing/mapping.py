"""A binned shear map, mapped with a trained model."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from lofi.io import checkpoint
from lofi.lensing.eb_diagnostics import eb_check
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_features import plane_features
from lofi.lensing.kaiser_squires import CHANNELS, SIGHT, channels, with_sight
from lofi.lensing.noise_check import check_shear_noise
from lofi.lensing.posterior_samples import check_samples, draw_samples
from lofi.lensing.products import error_maps, errors_of, field_maps
from lofi.lensing.reduced_shear import ReducedShear, iterate, plane_convergence
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.shear_map_files import shear_images
from lofi.lensing.sky_check import check_sky
from lofi.messages import say_notes
from lofi.models.precision import with_precision
from lofi.options import given
from lofi.priors.record import check_record, read_record

PIXEL_TOLERANCE, PIXEL_LIMIT = 0.02, 0.15  # relative difference from the training's pixels: warn above, refuse above
REDSHIFT_TOLERANCE = 0.02  # relative difference from the training's redshift: warn above
SMALLEST_MARGIN = 32  # pixels; a smaller one changes the maps of small fields by several percent


class JointView(NamedTuple):
    """What all bins of redshift say of one, with the margin of `observed_field`.

    observed : channels (5, H, W) of a single observation of the bin that would say as much. wiener : (H, W), its Wiener
    map from the shear of all bins.
    """

    observed: torch.Tensor
    wiener: torch.Tensor


def load_lensing_model(folder: str | Path) -> tuple[nn.Module, dict]:
    """Model and record of a checkpoint that was trained on the channels of the plane, with or without the sight."""
    told = serves_redshifts(read_record(folder))
    model, record = checkpoint.load(folder, CHANNELS + SIGHT if told else CHANNELS)
    check_record(folder, record, "data.description", "data.pixel_arcmin", "noise_std", "depth", "seed")
    if told:
        check_record(folder, record, *(f"ranges.{name}" for name in SIGHT))
    return model, record


def map_shear(
    binned: BinnedShear,
    model: nn.Module,
    record: Mapping,
    *,
    redshift: float | None = None,
    samples: int | None = None,
    **options: Any,
) -> tuple[dict[str, tuple[np.ndarray, str]], list[str]]:
    """Convergence maps of an observed field, and what is noticed of it, which is printed, too.

    Parameters and maps are those of `convergence_maps`.

    Returns
    -------
    the maps and the shear as measured by HDU name; list of notes for the header.
    """
    if samples is not None:
        check_samples(samples, binned.shape)
    notes = check_fit(binned, record, redshift)
    maps, found = convergence_maps(binned, model, record, redshift=redshift, samples=samples, **options)
    return maps | shear_images(binned), notes + found


def convergence_maps(
    binned: BinnedShear,
    model: nn.Module,
    record: Mapping,
    *,
    redshift: float | None = None,
    precision: str | None = None,
    periodic: bool = False,
    bars: ErrorBars | None = None,
    reduced: bool = False,
    samples: int | None = None,
    joint: JointView | None = None,
    quiet: bool = False,
) -> tuple[dict[str, tuple[np.ndarray, str]], list[str]]:
    """Convergence maps of an observed field.

    Parameters
    ----------
    model, record : a trained reconstructor and its record (`lofi.io.checkpoint.load`).
    redshift : of the sources; None: the middle of those that the model was trained for (`assumed_redshift`).
    precision : exact, fast or int8, calibrated on this observation (`lofi.models.precision`); None: the model's own.
    periodic : whether opposite edges of the field meet.
    bars : error bars of this model (`lofi.lensing.error_files`); None: the maps have none.
    reduced : whether `binned` is reduced shear (`lofi.lensing.reduced_shear`).
    samples : number of maps KAPPA_SAMPLES (samples, H, W), which need the error bars; None: no such HDU.
    joint : what all bins of redshift say of this one (`lofi.lensing.joint_bins`), of a model that can begin with a
        given Wiener map; None: no maps of that.
    quiet : whether nothing is printed.

    Returns
    -------
    the maps of `lofi.lensing.products.field_maps` by HDU name; list of notes for the header.
    """
    observed, margin, found = observed_field(binned, record, redshift=redshift, periodic=periodic, reduced=reduced)
    notes = [] if found is None else _said(found.notes(), quiet) + _said(found.warnings(), quiet, "warning")
    batch = torch.from_numpy(observed)[None]
    model, computed = with_precision(model, precision, batch)
    notes += _said(computed, quiet)
    with torch.no_grad():
        wiener = model.wiener(batch) if hasattr(model, "wiener") else None
        known = given(model.reconstruct, {"margin": margin, "filtered": wiener})  # of a field: where, and from what on
        kappa = model.reconstruct(batch, **known)[0, 0]
        together = {}
        if joint is not None:
            known |= {"filtered": joint.wiener[None]}
            of_all = model.reconstruct(joint.observed[None], **known)[0, 0]
            together = {"KAPPA_WIENER_JOINT": joint.wiener, "KAPPA_JOINT": of_all}
    filtered = None if wiener is None else wiener[0].numpy()
    images = {name: image.numpy() for name, image in together.items()}
    maps = field_maps(observed, kappa.numpy(), filtered, margin=margin, joint=images)
    if bars is not None:
        signal = model.wiener.sky.pixelised(kappa.shape, *batch[:, 3:, 0, 0].T)[0]
        noise, sight, estimate, seen = batch[0, 2], batch[0, 3:, 0, 0].tolist(), maps["KAPPA"][0], maps["MASK"][0]
        columns, scale = plane_features(kappa, wiener[0], noise, *sight, signal)
        area = float(seen.sum()) * binned.pixel_arcmin**2 / 3600
        notes += _said(check_sky(columns, area).warnings, quiet, "warning")
        errors = errors_of(bars, columns, scale)
        maps |= {name: (image, "") for name, image in error_maps(*errors, estimate, seen).items()}
        if "KAPPA_JOINT" in maps:
            as_one = plane_features(together["KAPPA_JOINT"], joint.wiener, joint.observed[2], *sight, signal)
            of_joint = error_maps(*errors_of(bars, *as_one), maps["KAPPA_JOINT"][0], seen)
            maps |= {name.replace("KAPPA", "KAPPA_JOINT"): (image, "") for name, image in of_joint.items()}
        if samples is not None:
            name, pixel = stream_of(binned), binned.pixel_arcmin
            cube = np.full((samples, *binned.shape), np.nan, dtype=np.float32)
            cube[:, seen] = draw_samples(estimate[seen], errors, scale, signal, noise, pixel, samples, name)
            maps["KAPPA_SAMPLES"] = (cube, "")
            notes.append(f"KAPPA_SAMPLES: random streams {'/'.join(name)}/0 to {samples - 1}")
    return maps, notes


def observed_field(
    binned: BinnedShear,
    record: Mapping,
    *,
    redshift: float | None = None,
    periodic: bool = False,
    reduced: bool = False,
) -> tuple[np.ndarray, int, ReducedShear | None]:
    """What a model sees of a field.

    A survey is surrounded by masked pixels, half its size on each side, so that opposite edges do not meet. A simulated
    periodic field has no edges and needs none: its shear is the shear of its own mass alone.

    Parameters are those of `convergence_maps`.

    Returns
    -------
    channels (3 or 5, H, W) of the model, float32; pixels around the field on each side; what the correction of reduced
    shear came to.
    """
    margin = 0 if periodic else max(max(binned.shape) // 2, SMALLEST_MARGIN)
    gamma = np.pad(np.where(binned.mask, binned.gamma, 0.0), margin)
    noise_std = np.pad(binned.noise_std, margin, constant_values=np.inf)
    found = iterate(gamma, plane_convergence(noise_std)) if reduced else None
    if found is not None:
        gamma, noise_std = gamma * found.factor, noise_std * found.factor
    observed = channels(gamma, noise_std)
    if serves_redshifts(record):
        observed = with_sight(observed, binned.pixel_arcmin, assumed_redshift(record, redshift))
    return observed.astype(np.float32), margin, found


def _said(notes, quiet, kind="note"):
    """The notes, printed unless `quiet`."""
    if not quiet:
        say_notes(notes, kind)
    return notes


def stream_of(binned: BinnedShear) -> tuple[str, ...]:
    """The name of a shear map's own random streams: the same data have the same samples, other data have others."""
    shear = np.where(binned.mask, binned.gamma, 0.0).astype(np.complex64)
    return "posterior samples", hashlib.sha256(shear.tobytes()).hexdigest()[:16]


def depth_warnings(level: float, low: float, high: float) -> list[str]:
    """A warning of a median noise outside those that a model was trained at: a list of a sentence or none."""
    if 0.9 * low <= level <= 1.1 * high:
        return []
    return [f"median noise {level:.3g} per pixel, outside the trained range {low:.3g} to {high:.3g}"]


def serves_redshifts(record: Mapping) -> bool:
    """Whether a model is told the redshift of the sources, and the pixel size."""
    return SIGHT[1] in record.get("channels", ())


def trained_redshifts(record: Mapping) -> tuple[float, float] | None:
    """The lowest and highest source redshift of the training; None where the record does not say."""
    low = high = record["data"].get("redshift")
    low, high = record.get("ranges", {}).get("redshift", (low, high))
    return None if low is None else (low, high)


def assumed_redshift(record: Mapping, given: float | None) -> float | None:
    """The redshift of the sources: as given, else the middle of the training's; None where neither says it."""
    if given is not None:
        return given
    trained = trained_redshifts(record)
    return None if trained is None else sum(trained) / 2  # ASSUME: the middle of the range where the user does not say


def checked_redshift(redshift: float | None) -> float | None:
    """The option of this name; ValueError, one sentence, if no source can be there."""
    if redshift is not None and not 0 < redshift < 20:
        raise ValueError(f"--redshift is {redshift:g}; expected the redshift of the sources, between 0 and 20")
    return redshift


def redshift_notes(record: Mapping, given: float | None) -> tuple[list[str], list[str]]:
    """Notes and warnings on the redshift of the sources."""
    trained, told = trained_redshifts(record), serves_redshifts(record)
    if trained is None:
        unknown = "the prior does not say for which source redshift it was trained"
        return [] if given is None else [f"{unknown}; --redshift {given:g} does not change the map"], []
    if given is None:
        assumed = f"sources at redshift {assumed_redshift(record, given):.3g} assumed"
        return [f"{assumed}; --redshift says where they are" if told else f"{assumed}, the prior's own"], []
    low, high = trained
    if told and low <= given <= high:
        return [f"sources at redshift {given:.3g}"], []
    if told:
        return [], [f"sources at redshift {given:.3g}, outside the trained range {low:.3g} to {high:.3g}"]
    if (1 - REDSHIFT_TOLERANCE) * low <= given <= (1 + REDSHIFT_TOLERANCE) * high:
        return [f"sources at redshift {given:.3g}, the prior's own"], []
    span = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    return [], [
        f"sources at redshift {given:.3g}, but the prior was trained for {span} alone: the amplitude of the map may be "
        "wrong; use a prior for all redshifts (`lofi priors`)"
    ]


def pixel_warnings(pixel_arcmin: float, record: Mapping) -> list[str]:
    """A warning of a pixel size outside the training's; ValueError where the model cannot map it."""
    trained = record["data"]["pixel_arcmin"]
    low, high = record["ranges"][SIGHT[0]] if serves_redshifts(record) else (trained, trained)
    if (1 - PIXEL_TOLERANCE) * low <= pixel_arcmin <= (1 + PIXEL_TOLERANCE) * high:
        return []
    if low == high and abs(pixel_arcmin / trained - 1) > PIXEL_LIMIT:
        raise ValueError(
            f"the shear map has pixels of {pixel_arcmin:.3g}′, the model was trained on {trained:.3g}′; bin the "
            f"catalogue with that pixel size, rebin the map by a whole factor to within {PIXEL_LIMIT:.0%} of it, or "
            "use a prior for all pixel sizes (`lofi priors`)"
        )
    span = f"{low:.3g}'" if low == high else f"{low:.3g}' to {high:.3g}'"
    return [f"pixels of {pixel_arcmin:.3g}' where the model was trained on {span}"]


def check_fit(binned: BinnedShear, record: Mapping, redshift: float | None = None) -> list[str]:
    """Compare an observation with what a model was trained on: refuses other pixels, prints notes and warnings, returns
    them.
    """
    warnings = pixel_warnings(binned.pixel_arcmin, record)
    notes, outside = redshift_notes(record, redshift)
    level = float(np.median(binned.noise_std[binned.mask]))
    scale = record["data"]["pixel_arcmin"] / binned.pixel_arcmin if serves_redshifts(record) else 1.0
    nominal, depth = record["noise_std"] * scale, record["depth"].get("relative_noise", (1.0, 1.0))
    low, high = (nominal * factor for factor in depth)
    warnings += [*outside, *depth_warnings(level, low, high)]
    modes = eb_check(binned)
    notes += modes.notes("2'")
    say_notes(notes)
    noise = None if modes.suspicious else check_shear_noise(binned)  # in a wrong frame the B mode is the signal
    warnings += [] if noise is None else noise.warnings
    say_notes(warnings, "warning")
    return notes + warnings
