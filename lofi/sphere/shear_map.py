"""Shear maps of the sphere and their FITS files (docs/conventions.md, The sphere)."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import healpy as hp
import numpy as np
from astropy.io import fits

from lofi.io.footprint import Footprint
from lofi.io.sky_frame import is_modern, stated_frame
from lofi.io.sky_frame import name as frame_name
from lofi.io.user_file import guarded
from lofi.lensing.catalogue import Galaxies
from lofi.lensing.galaxy_sums import GalaxySums, joined
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_frames import FRAMES, check_signs, frame_signs
from lofi.lensing.tables.implausible import check_moduli, marks
from lofi.lensing.tangent_plane import unit_vectors
from lofi.sphere.harmonics import check_nside
from lofi.sphere.healpix_table import read_table
from lofi.sphere.tiles import local_axes

SHEAR_COLUMNS = (("GAMMA1", "GAMMA2"), ("G1", "G2"), ("E1", "E2"), ("Q_POLARISATION", "U_POLARISATION"))
ORDERINGS = ("RING", "NESTED")
EQUATORIAL = ("C", "CELESTIAL", "EQUATORIAL", "ICRS", "FK5", "J2000")
SQUARES = ("W2SUM", "WEIGHT_SQ", "WEIGHT2", "SUM_W2")  # sums of squared weights, as WSUM and W2SUM on the plane


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
    file: ShearFile,
    convention: str | None = None,
    ordering: str | None = None,
    sigma_e: float | None = None,
    e1_sign: int = 1,
    e2_sign: int = 1,
    hdu: str | None = None,
) -> SphereShear:
    """A `SphereShear` from a FITS file with a HEALPix table.

    The table has a column for each component of the shear (GAMMA1 and GAMMA2, or G1, G2, or E1, E2, or
    Q_POLARISATION, U_POLARISATION) and its noise: NOISE_STD; or, with `sigma_e`, COUNT, or WEIGHT (or WSUM) with
    W2SUM, the sums of weights and of their squares. Pixels with UNSEEN, BAD_DATA, TNULL, NaN or no weight are masked,
    and so are those with MASK 0. Partial maps have the column PIXEL, or FIRSTPIX. Galactic maps are refused.

    Parameters
    ----------
    convention : COSMO, IAU or TREECORR, the frame of the components, for files whose header lacks POLCCONV.
    ordering : RING or NESTED, for files whose header lacks ORDERING.
    sigma_e : ellipticity dispersion per component.
    e1_sign, e2_sign : ±1, on top of the convention.
    hdu : number or name of the table, where there are several.
    """
    path = file.path
    header, columns, notes = read_table(file, SHEAR_COLUMNS, hdu)
    nside = header.get("NSIDE", 0)
    nside = check_nside(nside if isinstance(nside, int) else 0, f"'{path}': NSIDE")
    what = "the frame of the shear components (TREECORR for means of the e1, e2 of a catalogue of DES or KiDS)"
    kind = _stated(path, header, "POLCCONV", convention, tuple(FRAMES), what)
    order = _stated(path, header, "ORDERING", ordering, ORDERINGS, "the order of the pixels")
    check_coordinates(path, header)
    place = ring_pixels(path, header, columns, nside, order)
    names = next((pair for pair in SHEAR_COLUMNS if set(pair) <= set(columns)), None)
    if names is None:
        raise ValueError(f"'{path}' has the columns {', '.join(columns)}; expected GAMMA1 and GAMMA2")
    check_signs(path, e1_sign, e2_sign)
    first, second = (columns[name] for name in names)
    noise = _noise(path, columns, sigma_e)
    marked = marks("e1", first) | marks("e2", second)
    seen = np.isfinite(first) & np.isfinite(second) & ~marked & np.isfinite(noise) & (noise > 0)
    if "MASK" in columns:
        seen &= columns["MASK"] > 0
    if not seen.any():
        raise ValueError(f"'{path}' masks the whole sky: no pixel has a finite shear and noise")
    moduli = np.hypot(first[seen], second[seen])
    if not moduli.any():
        raise ValueError(f"'{path}' has a shear of zero in every pixel")
    check_moduli(path, moduli)
    if marked.any():
        notes.append(f"{np.count_nonzero(marked)} pixels with a shear such as {first[marked][0]:g} are masked")
    signs = frame_signs(path, kind)
    gamma, noise_std = np.zeros(12 * nside**2, dtype=complex), np.full(12 * nside**2, np.inf)
    gamma[place[seen]] = e1_sign * signs[0] * first[seen] + 1j * e2_sign * signs[1] * second[seen]
    noise_std[place[seen]] = noise[seen]
    return SphereShear(gamma, noise_std, nside, tuple(notes))


def _stated(path, header, key, argument, choices, what):
    """What header or argument say; ValueError where they contradict each other, or neither says anything."""
    stated = header.get(key)
    stated = None if stated is None else str(stated).strip().upper()
    stated = "NESTED" if stated == "NEST" else stated
    for value in (stated, argument):
        if value is not None and value not in choices:
            raise ValueError(f"'{path}': {key} is {value!r}; expected {' or '.join(choices)}")
    if stated and argument and stated != argument:
        raise ValueError(f"'{path}' says {key} = {stated}, but {argument} was asked for; {what} cannot be both")
    if not stated and not argument:
        option = "--convention" if key == "POLCCONV" else "--ordering"
        raise ValueError(f"'{path}' lacks {key}, {what}; give {option} {' or '.join(choices)}")
    return stated or argument


def check_coordinates(path: Path, header: fits.Header) -> None:
    """ValueError unless a HEALPix table is equatorial, ICRS or J2000."""
    if "COORDSYS" not in header:
        warnings.warn(f"'{path}' has no COORDSYS; its positions are taken as equatorial", stacklevel=3)
    system = str(header.get("COORDSYS", "C")).strip().upper()
    if system not in EQUATORIAL:
        raise ValueError(
            f"'{path}' has COORDSYS {system}; expected C, equatorial coordinates: turn the map with "
            "healpy.Rotator(coord=['G', 'C']).rotate_map_alms"
        )
    frame = stated_frame(path, header)
    if not is_modern(frame):
        raise ValueError(f"'{path}' is in {frame_name(frame)}; expected a HEALPix map in ICRS or J2000")


def ring_pixels(
    path: Path, header: fits.Header, columns: Mapping[str, np.ndarray], nside: int, order: str
) -> np.ndarray:
    """RING index (n,) of each row of a HEALPix table in the order RING or NESTED; ValueError where rows do not fit."""
    rows, pixels = len(next(iter(columns.values()))), 12 * nside**2
    scheme = str(header.get("INDXSCHM", "")).strip().upper()
    if "PIXEL" in columns:
        pixel = np.nan_to_num(columns["PIXEL"], nan=-1).astype(np.int64)
        if pixel.min() < 0 or pixel.max() >= pixels or len(np.unique(pixel)) != rows:
            raise ValueError(f"'{path}': PIXEL repeats or leaves 0 to {pixels - 1}, the pixels of NSIDE {nside}")
    elif scheme == "EXPLICIT":
        raise ValueError(f"'{path}' has INDXSCHM EXPLICIT but no column PIXEL")
    elif rows == pixels:
        pixel = np.arange(rows)
    elif header.get("FIRSTPIX", -1) >= 0 and header.get("LASTPIX", -1) - header["FIRSTPIX"] + 1 == rows:
        pixel = np.arange(header["FIRSTPIX"], header["LASTPIX"] + 1)
    else:
        raise ValueError(
            f"'{path}' has {rows} rows, NSIDE {nside} has {pixels} pixels; a partial map needs the column PIXEL, or "
            "FIRSTPIX and LASTPIX"
        )
    return hp.nest2ring(nside, pixel) if order == "NESTED" else pixel


def _noise(path, columns, sigma_e):
    if "NOISE_STD" in columns:
        return columns["NOISE_STD"]
    squares = next((columns[name] for name in SQUARES if name in columns), None)
    if "WSUM" in columns:  # as on the plane
        columns = {"WEIGHT": columns["WSUM"]} | columns
    if "WEIGHT" in columns and squares is None:
        raise ValueError(
            f"'{path}' has WEIGHT, the sum of weights, but not the sum of their squares, {SQUARES[0]}; expected it, or "
            "NOISE_STD, or COUNT for galaxies of equal weight"
        )
    if "WEIGHT" not in columns and "COUNT" not in columns:
        raise ValueError(f"'{path}' has no NOISE_STD; expected it, or with --sigma-e COUNT, or WEIGHT and {SQUARES[0]}")
    if sigma_e is None:
        raise ValueError(f"'{path}' gives its noise by WEIGHT or COUNT, which needs --sigma-e")
    with np.errstate(divide="ignore", invalid="ignore"):
        if "WEIGHT" in columns:
            return sigma_e * np.sqrt(squares) / np.where(columns["WEIGHT"] > 0, columns["WEIGHT"], np.nan)
        return sigma_e / np.sqrt(np.where(columns["COUNT"] > 0, columns["COUNT"], np.nan))


def bin_shear(catalogue: Galaxies, nside: int) -> SphereShear:
    """Weighted mean shear of the galaxies in each pixel of the sphere.

    Parameters
    ----------
    nside : a power of two from 1 to 8192.

    Returns
    -------
    SphereShear, its ellipticities turned from each galaxy's meridian to that of its pixel's centre; noise as of
    `lofi.lensing.shear_map.bin_shear`, and the same, to rounding, whatever the pieces of the catalogue.

    # ASSUME: the mean of a pixel stands for the shear at its centre; the window of a HEALPix pixel (about 0.96 at
    # ℓ = Nside, 0.84 at ℓ = 2 Nside) is not undone.
    """
    pixels = 12 * check_nside(nside) ** 2
    sums = joined(_sums(part, nside, pixels) for part in catalogue.parts())
    notes = catalogue.judge(sums.galaxies, sums.outside)
    return SphereShear(*sums.shear(f"'{catalogue.source}'"), nside, notes)


def _sums(catalogue, nside, pixels):
    """Sums over the galaxies of a catalogue, or of one of its files."""
    sums = GalaxySums(pixels)
    for piece in catalogue.pieces("binning"):
        sums.read(piece)
        pixel = hp.ang2pix(nside, piece.ra, piece.dec, lonlat=True)
        west, north = local_axes(np.stack(hp.pix2vec(nside, pixel), axis=-1))
        meridian = local_axes(unit_vectors(piece.ra, piece.dec))[1]
        angle = np.arctan2(-(meridian * west).sum(axis=1), (meridian * north).sum(axis=1))
        sums.add(pixel, piece.weight, (piece.e1 + 1j * piece.e2) * np.exp(2j * angle))
    return sums


def masked(shear: SphereShear, footprint: Footprint) -> SphereShear:
    """A map without the pixels that a footprint does not cover; ValueError where it covers some in part, or none."""
    inside = shear.seen & footprint.pixels(shear.nside)
    if not inside.any():
        raise ValueError(f"the mask '{footprint.path}' covers no pixel of the map that has data")
    note = f"mask {footprint.path.name}: {np.count_nonzero(inside)} of {np.count_nonzero(shear.seen)} pixels inside"
    gamma, noise_std = np.where(inside, shear.gamma, 0.0), np.where(inside, shear.noise_std, np.inf)
    return SphereShear(gamma, noise_std, shear.nside, (*shear.notes, note))


def shear_columns(shear: SphereShear) -> tuple[dict[str, tuple[np.ndarray, str]], dict[str, tuple[str, str]]]:
    """GAMMA1, GAMMA2 (COSMO) and NOISE_STD of a `SphereShear` with their units, and the card that says so."""
    gamma = shear.gamma
    columns = {"GAMMA1": (-gamma.real, ""), "GAMMA2": (gamma.imag, ""), "NOISE_STD": (shear.noise_std, "")}
    return columns, {"POLCCONV": ("COSMO", "GAMMA1, GAMMA2 against (South, East)")}
