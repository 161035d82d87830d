"""Shear maps of the sphere and their FITS files (docs/conventions.md, The sphere)."""

import warnings
from dataclasses import dataclass

import healpy as hp
import numpy as np

from lofi.io.user_file import guarded
from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_map import ellipticity_dispersion
from lofi.lensing.tangent_plane import unit_vectors
from lofi.sphere.harmonics import check_nside
from lofi.sphere.tiles import local_axes

SHEAR_COLUMNS = (("GAMMA1", "GAMMA2"), ("G1", "G2"), ("E1", "E2"), ("Q_POLARISATION", "U_POLARISATION"))
CONVENTIONS = ("COSMO", "IAU")
ORDERINGS = ("RING", "NESTED")
EQUATORIAL = ("C", "CELESTIAL", "EQUATORIAL", "ICRS", "FK5", "J2000")
MASKED = -1e30  # HEALPix's UNSEEN is −1.6375e30


@dataclass(frozen=True)
class SphereShear:
    """A shear map of the sphere, equatorial, RING ordered.

    Attributes
    ----------
    gamma : complex (pixels,), against each pixel's own (West, North); 0 where masked.
    noise_std : (pixels,), standard deviation per component; inf where masked.
    nside : of the map. notes : sentences on what was read and how it was converted.
    """

    gamma: np.ndarray
    noise_std: np.ndarray
    nside: int
    notes: tuple[str, ...] = ()

    @property
    def seen(self) -> np.ndarray:
        return np.isfinite(self.noise_std)


@guarded
def read_shear(
    file: ShearFile, convention: str | None = None, ordering: str | None = None, sigma_e: float | None = None
) -> SphereShear:
    """A `SphereShear` from a FITS file with a HEALPix table.

    The table has a column for each component of the shear (GAMMA1 and GAMMA2, or G1, G2, or E1, E2, or
    Q_POLARISATION, U_POLARISATION) and NOISE_STD, or COUNT or WEIGHT with `sigma_e`: the noise is then
    `sigma_e / √value`. Pixels with UNSEEN, NaN or no weight are masked, and so are those with MASK 0. Partial maps have
    the column PIXEL. Galactic maps are refused.

    Parameters
    ----------
    convention : COSMO or IAU, the frame of the components, for files whose header lacks POLCCONV.
    ordering : RING or NESTED, for files whose header lacks ORDERING.
    sigma_e : ellipticity dispersion per component.
    """
    path = file.path
    header, columns = _table(file)
    nside = header.get("NSIDE", 0)
    nside = check_nside(nside if isinstance(nside, int) else 0, f"'{path}': NSIDE")
    kind = _stated(path, header, "POLCCONV", convention, CONVENTIONS, "the frame of the shear components")
    order = _stated(path, header, "ORDERING", ordering, ORDERINGS, "the order of the pixels")
    if "COORDSYS" not in header:
        warnings.warn(f"'{path}' has no COORDSYS; its positions are taken as equatorial", stacklevel=2)
    if str(header.get("COORDSYS", "C")).strip().upper() not in EQUATORIAL:
        raise ValueError(f"'{path}' has COORDSYS {header['COORDSYS']}; expected C, equatorial coordinates")
    place = _places(path, columns, nside, order)
    names = next((pair for pair in SHEAR_COLUMNS if set(pair) <= set(columns)), None)
    if names is None:
        raise ValueError(f"'{path}' has the columns {', '.join(columns)}; expected GAMMA1 and GAMMA2")
    first, second = (columns[name] for name in names)
    noise = _noise(path, columns, sigma_e)
    seen = (first > MASKED) & (second > MASKED) & np.isfinite(noise) & (noise > 0) & (columns.get("MASK", noise) > 0)
    if not seen.any():
        raise ValueError(f"'{path}' masks the whole sky: no pixel has a finite shear and noise")
    moduli = np.hypot(first[seen], second[seen])
    if not moduli.any():
        raise ValueError(f"'{path}' has a shear of zero in every pixel")
    if moduli.max() > 2.0:
        raise ValueError(f"'{path}' has shear moduli above 2; expected shear, not counts or percent")
    gamma, noise_std = np.zeros(12 * nside**2, dtype=complex), np.full(12 * nside**2, np.inf)
    gamma[place[seen]] = -first[seen] + 1j * second[seen] * (1 if kind == "COSMO" else -1)
    noise_std[place[seen]] = noise[seen]
    return SphereShear(gamma, noise_std, nside)


def _table(file):
    table = next(hdu for hdu in file.hdus if hdu.header.get("PIXTYPE") == "HEALPIX")
    try:
        names = table.columns.names
        return table.header, {n.upper(): np.asarray(table.data[n], dtype=np.float64).ravel() for n in names}
    except (AttributeError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"'{file.path}' cannot be read as a HEALPix map: {error}") from error


def _stated(path, header, key, argument, choices, what):
    """What header or argument say; ValueError where they contradict each other, or neither says anything."""
    stated = header.get(key)
    stated = None if stated is None else str(stated).strip().upper()
    for value in (stated, argument):
        if value is not None and value not in choices:
            raise ValueError(f"'{path}': {key} is {value!r}; expected {' or '.join(choices)}")
    if stated and argument and stated != argument:
        raise ValueError(f"'{path}' says {key} = {stated}, but {argument} was asked for; {what} cannot be both")
    if not stated and not argument:
        option = "--convention" if key == "POLCCONV" else "--ordering"
        raise ValueError(f"'{path}' lacks {key}, {what}; give {option} {' or '.join(choices)}")
    return stated or argument


def _places(path, columns, nside, order):
    """RING index of each row."""
    rows = len(next(iter(columns.values())))
    if "PIXEL" in columns:
        pixel = columns["PIXEL"].astype(np.int64)
        if pixel.min() < 0 or pixel.max() >= 12 * nside**2 or len(np.unique(pixel)) != rows:
            raise ValueError(f"'{path}': PIXEL repeats or leaves 0 to {12 * nside**2 - 1}, the pixels of NSIDE {nside}")
    elif rows == 12 * nside**2:
        pixel = np.arange(rows)
    else:
        raise ValueError(
            f"'{path}' has {rows} rows, NSIDE {nside} has {12 * nside**2} pixels; a partial map needs the column PIXEL"
        )
    return hp.nest2ring(nside, pixel) if order == "NESTED" else pixel


def _noise(path, columns, sigma_e):
    if "NOISE_STD" in columns:
        return np.where(columns["NOISE_STD"] > MASKED, columns["NOISE_STD"], np.inf)
    weight = next((columns[name] for name in ("COUNT", "WEIGHT") if name in columns), None)
    if weight is None or sigma_e is None:
        raise ValueError(f"'{path}' has no NOISE_STD; expected it, or COUNT or WEIGHT together with --sigma-e")
    weight = np.where(weight > MASKED, weight, 0.0)
    return sigma_e / np.sqrt(np.where(weight > 0, weight, np.nan))


def bin_shear(catalogue: ShearCatalogue, nside: int) -> SphereShear:
    """Weighted mean shear of the galaxies in each pixel of the sphere.

    Parameters
    ----------
    nside : a power of two from 1 to 8192.

    Returns
    -------
    SphereShear, its ellipticities turned from each galaxy's meridian to that of its pixel's centre; noise as of
    `lofi.lensing.shear_map.bin_shear`.

    # ASSUME: the mean of a pixel stands for the shear at its centre; the window of a HEALPix pixel (about 0.96 at
    # ℓ = Nside, 0.84 at ℓ = 2 Nside) is not undone.
    """
    pixels = 12 * check_nside(nside) ** 2
    pixel = hp.ang2pix(nside, catalogue.ra, catalogue.dec, lonlat=True)
    west, north = local_axes(np.stack(hp.pix2vec(nside, pixel), axis=-1))
    meridian = local_axes(unit_vectors(catalogue.ra, catalogue.dec))[1]
    angle = np.arctan2(-(meridian * west).sum(axis=1), (meridian * north).sum(axis=1))
    ellipticity = (catalogue.e1 + 1j * catalogue.e2) * np.exp(2j * angle)
    sigma_e = ellipticity_dispersion(catalogue.e1, catalogue.e2, catalogue.weight)
    if not sigma_e > 0:
        raise ValueError(f"all ellipticities of '{catalogue.source}' are zero")

    def total(values):
        return np.bincount(pixel, values, minlength=pixels)

    weights = total(catalogue.weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [total(catalogue.weight * part) / weights for part in (ellipticity.real, ellipticity.imag)]
        noise = sigma_e * np.sqrt(total(catalogue.weight**2)) / weights
    seen = weights > 0
    gamma, noise_std = np.where(seen, parts[0] + 1j * parts[1], 0.0), np.where(seen, noise, np.inf)
    return SphereShear(gamma, noise_std, nside, catalogue.notes)


def shear_columns(shear: SphereShear) -> tuple[dict[str, tuple[np.ndarray, str]], dict[str, tuple[str, str]]]:
    """GAMMA1, GAMMA2 (COSMO) and NOISE_STD of a `SphereShear` with their units, and the card that says so."""
    gamma = shear.gamma
    columns = {"GAMMA1": (-gamma.real, ""), "GAMMA2": (gamma.imag, ""), "NOISE_STD": (shear.noise_std, "")}
    return columns, {"POLCCONV": ("COSMO", "GAMMA1, GAMMA2 against (South, East)")}
