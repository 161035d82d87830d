"""The maps of a field of the tangent plane and their FITS file: names, masks, means, smoothing, provenance."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from astropy.wcs import WCS

from lofi.io.fits import write_maps
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.kaiser_squires import CHANNELS
from lofi.lensing.tangent_plane import wcs_header
from lofi.solvers.smoothing import smooth

ERROR_BARS = {"KAPPA_STD": 0, "KAPPA_LO68": 2, "KAPPA_HI68": 4, "KAPPA_LO90": 1, "KAPPA_HI90": 5}  # std, then quantiles
REDUCED = (True, "GAMMA1, GAMMA2 are g, the maps of g (1 - kappa)")  # card REDSHEAR
PIXELS_AT_A_TIME = 1 << 20
SMOOTHING_PIXELS = 1.5  # ASSUME: of KAPPA_SMOOTHED; at the default depth validation chooses 1.4 (model `gaussian`)


def field_maps(
    observed: np.ndarray,
    kappa: np.ndarray,
    wiener: np.ndarray | None = None,
    truth: np.ndarray | None = None,
    margin: int = 0,
    joint: Mapping[str, np.ndarray] | None = None,
) -> dict[str, tuple[np.ndarray, str]]:
    """The maps of a field by HDU name, each with its unit, NaN where masked.

    Estimates and TRUTH have the mean 0 over the unmasked pixels, because the mean of a convergence map is unobservable.
    KAPPA_KS_E and KAPPA_KS_B are the channels as observed. NOISE_STD is the noise per shear component, MASK is True
    where there are data.

    Parameters
    ----------
    observed : channels (3, H, W) `lofi.lensing.kaiser_squires.CHANNELS`, float32; the noise is inf where masked.
    kappa : reconstruction (H, W) of a model. wiener : Wiener map (H, W). truth : true convergence (H, W).
    margin : pixels around the field that are cut off each side of all of them.
    joint : estimates (H, W) that bins of redshift make together, by HDU name.
    """
    kappa_e, kappa_b, noise_std = (observed[CHANNELS.index(name)] for name in CHANNELS)
    smoothed = smooth(torch.from_numpy(kappa_e)[None], torch.from_numpy(noise_std)[None], SMOOTHING_PIXELS)[0].numpy()
    inside = (slice(margin, -margin or None),) * 2
    mask = np.isfinite(noise_std[inside])

    def masked(image: np.ndarray) -> np.ndarray:
        return np.where(mask, image[inside], np.nan)

    def centred(image: np.ndarray) -> np.ndarray:
        image = masked(image)
        return image - np.nanmean(image)

    maps = {"KAPPA": centred(kappa)}
    if wiener is not None:
        maps["KAPPA_WIENER"] = centred(wiener)
    maps |= {name: centred(image) for name, image in (joint or {}).items()}
    maps |= {"KAPPA_SMOOTHED": centred(smoothed), "KAPPA_KS_E": masked(kappa_e), "KAPPA_KS_B": masked(kappa_b)}
    if truth is not None:
        maps["TRUTH"] = centred(truth)
    maps |= {"NOISE_STD": masked(noise_std), "MASK": mask}
    return {name: (image, "") for name, image in maps.items()}


def errors_of(bars: ErrorBars, features: torch.Tensor, scale: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Quantiles (P, 5) and standard deviation (P,) of the errors of the pixels that are seen.

    features, scale : (P, F) and (P,), of `lofi.lensing.error_features`.
    """
    parts = []
    for columns, unit in zip(*(each.split(PIXELS_AT_A_TIME) for each in (features, scale)), strict=True):
        quantiles, std = bars(columns)
        parts.append((unit[:, None] * quantiles, unit * std))
    quantiles, std = zip(*parts, strict=True)
    return torch.cat(quantiles), torch.cat(std)


def error_maps(
    quantiles: torch.Tensor, std: torch.Tensor, kappa: np.ndarray, seen: np.ndarray
) -> dict[str, np.ndarray]:
    """The error bars of a map by HDU name, NaN where not `seen`.

    KAPPA_STD is the standard deviation of truth less KAPPA in each pixel. Between KAPPA_LO68 and KAPPA_HI68 lies the
    truth of 68 % of the pixels, between KAPPA_LO90 and KAPPA_HI90 of 90 %: fewer lie below than above
    (`lofi.lensing.error_bars.QUANTILES`).

    Parameters
    ----------
    quantiles, std : as of `errors_of`. kappa : KAPPA. seen : bool, of the shape of `kappa`.
    """
    maps = {name: np.full(kappa.shape, np.nan, dtype=np.float32) for name in ERROR_BARS}
    table = torch.cat([std[:, None], quantiles], dim=1).numpy()
    for name, column in ERROR_BARS.items():
        maps[name][seen] = table[:, column] + (kappa[seen] if column else 0)
    return maps


def provenance(record: Mapping) -> list[str]:
    """Lines of HISTORY on the model of a checkpoint's `record` and on the smoothing."""
    return [
        f"KAPPA: {record['model']['class']}, trained on {record['data']['description']}",
        f"seed of the training: {'/'.join(map(str, record['seed']))}",
        f"KAPPA_SMOOTHED: Kaiser-Squires E, Gaussian of {SMOOTHING_PIXELS} pixels",
    ]


def write_field(
    path: str | Path,
    maps: Mapping[str, tuple[np.ndarray, str]],
    wcs: WCS,
    pixel_arcmin: float,
    record: Mapping,
    *,
    simulated: bool,
    source: Iterable[str],
    notes: Iterable[str] = (),
    sigma_e: float = float("nan"),
    redshift: float | None = None,
    reduced: bool = False,
) -> None:
    """Write the maps of a field to one FITS file.

    Parameters
    ----------
    maps : {HDU name: (image (H, W), unit)}, as of `field_maps`. wcs : plane of `lofi.lensing.tangent_plane`.
    record : of the checkpoint that made KAPPA.
    source, notes : lines of HISTORY on the data, before those on the model, and on what was noticed, after them.
    sigma_e : ellipticity dispersion per component; NaN where unknown. redshift : of the sources, as given or assumed.
    reduced : whether GAMMA1 and GAMMA2 are taken for reduced shear; the maps of convergence are of the shear.
    """
    cards = {"PIXARCM": (pixel_arcmin, "[arcmin] side of a pixel")}
    if np.isfinite(sigma_e):
        cards["SIGMA_E"] = (sigma_e, "ellipticity dispersion per component")
    if reduced:
        cards["REDSHEAR"] = REDUCED
    if redshift is not None:
        cards["ZSOURCE"] = (redshift, "redshift of the sources, as given or assumed")
    history = [*source, *provenance(record), *notes]
    write_maps(path, maps, wcs_header(wcs), simulated=simulated, history=history, cards=cards)
