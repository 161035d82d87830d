"""The maps of a sky and their HEALPix table, and the same maps in a field: names, means, smoothing, provenance."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from astropy.wcs import WCS
from torch import nn

from lofi.io import healpix, healsparse_map
from lofi.lensing.products import REDUCED, SMOOTHING_PIXELS, provenance
from lofi.lensing.tangent_plane import unit_vectors
from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import base_map, cut_out
from lofi.sphere.pixels import CHANNELS, pixel_arcmin
from lofi.sphere.shear_map import SphereShear, shear_columns


def linear_estimates(
    harmonics: Harmonics, alms: np.ndarray, b_mode: np.ndarray, truth: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Coefficients (n,) of the maps beside that of the local field, by their names in files.

    None has a mean, as monopole and dipole of a convergence are unobservable (`lofi.sphere.lensing`).

    Parameters
    ----------
    alms : of the channels (3, n). b_mode : of the B mode (n,). truth : of the true convergence (n,).
    """
    e_mode = alms[CHANNELS.index("kappa_e")]
    beam = gaussian_beam(harmonics.lmax, SMOOTHING_PIXELS * pixel_arcmin(harmonics.nside))
    estimates = {
        "KAPPA_WIENER": alms[CHANNELS.index("kappa_wiener")],
        "KAPPA_SMOOTHED": harmonics.filtered(e_mode, beam),
        "KAPPA_KS_E": e_mode,
        "KAPPA_KS_B": b_mode,
    }
    return estimates if truth is None else estimates | {"TRUTH": truth}


def sky_maps(
    harmonics: Harmonics,
    model: nn.Module,
    estimates: Mapping[str, np.ndarray],
    corrections: Iterable[tuple[np.ndarray, np.ndarray]],
    seen: np.ndarray,
) -> dict[str, np.ndarray]:
    """KAPPA, the map of a local field, and the maps of `estimates`, (pixels,) each, RING.

    Parameters
    ----------
    estimates : as of `linear_estimates`.
    corrections : pixels and values of the tiles of `lofi.sphere.mapping.corrections`.
    seen : bool (pixels,), the pixels that are not masked. ValueError where tiles leave some of them out.
    """
    maps = {name: harmonics.synthesis(alm)[0] for name, alm in estimates.items()}
    kappa, missing = base_map(model, maps["KAPPA_WIENER"]), seen.copy()
    for pixels, values in corrections:
        kappa[pixels] += values
        missing[pixels] = False
    if missing.any():
        raise ValueError(f"{np.count_nonzero(missing)} of {np.count_nonzero(seen)} unmasked pixels are in no tile")
    return {"KAPPA": kappa} | maps


def field_of_sky(
    harmonics: Harmonics,
    model: nn.Module,
    record: Mapping,
    alms: np.ndarray,
    estimates: Mapping[str, np.ndarray],
    wcs: WCS,
) -> dict[str, tuple[np.ndarray, str]]:
    """The maps of a sky at the pixel centres of a tangent plane: {HDU name: (image (H, W), unit)}, nothing masked.

    KAPPA, those of `estimates`, and PRECISION, the third channel.
    """
    rows, columns = np.mgrid[: wcs.array_shape[0], : wcs.array_shape[1]]
    ra, dec = wcs.all_pix2world(columns.ravel(), rows.ravel(), 0)
    coefficients = {**estimates, "PRECISION": alms[CHANNELS.index("precision")]}
    values = harmonics.at(np.stack(list(coefficients.values())), np.radians(90.0 - dec), np.radians(ra))
    kappa = cut_out(model, record, harmonics, alms, unit_vectors(ra, dec))
    images = {"KAPPA": kappa} | dict(zip(coefficients, values, strict=True))
    return {name: (image.reshape(wcs.array_shape), "") for name, image in images.items()}


def write_sky(
    path: str | Path,
    maps: Mapping[str, np.ndarray],
    seen: np.ndarray,
    harmonics: Harmonics,
    record: Mapping,
    *,
    simulated: bool,
    source: Iterable[str],
    notes: Iterable[str] = (),
    shear: SphereShear | None = None,
    redshift: float | None = None,
    reduced: bool = False,
) -> None:
    """Write the maps of a sky as the columns of one HEALPix table, UNSEEN where not `seen`, or as healsparse (.hsp).

    Parameters
    ----------
    maps : as of `sky_maps`. record : of the checkpoint that made KAPPA.
    source, notes, redshift, reduced : as of `lofi.lensing.products.write_field`. shear : is written beside the maps.
    """
    columns, cards = {name: (values, "") for name, values in maps.items()}, {}
    if shear is not None:
        read, cards = shear_columns(shear)
        columns |= read
    if redshift is not None:
        cards = dict(cards or {}) | {"ZSOURCE": (redshift, "redshift of the sources, as given or assumed")}
    if reduced:
        cards = dict(cards or {}) | {"REDSHEAR": REDUCED}
    contents = f"all maps hold multipoles from 2 to {harmonics.lmax}, without pixel window, but KAPPA, which holds more"
    history = [*source, *provenance(record), contents, *notes]
    write = healsparse_map.write if Path(path).suffix in healsparse_map.SUFFIXES else healpix.write
    write(path, columns, seen, simulated=simulated, history=history, cards=cards)
