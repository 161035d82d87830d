"""Where an interferometer samples the Fourier plane (docs/conventions.md, Radio interferometry)."""

import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import speed_of_light

from lofi.radio.telescopes.telescope import Telescope

ARCSEC = np.pi / (180 * 3600)


@dataclass(frozen=True)
class Coverage:
    """Baselines of M visibilities, and what is known of the observation.

    Attributes
    ----------
    u, v, w : float64 (M,), in wavelengths, towards East, North and the source.
    telescope, declination_deg, frequencies_hz, dump_seconds : of a synthesis; None where unknown.
    """

    u: np.ndarray
    v: np.ndarray
    w: np.ndarray
    telescope: Telescope | None = None
    declination_deg: float | None = None
    frequencies_hz: tuple[float, ...] | None = None
    dump_seconds: float | None = None


def elevation_deg(latitude_deg: float, declination_deg: float, hour_angle: ArrayLike) -> np.ndarray:
    """Elevation of a source, in degrees, at hour angles in hours."""
    phi, delta, hour = np.deg2rad(latitude_deg), np.deg2rad(declination_deg), np.deg2rad(15.0 * np.asarray(hour_angle))
    return np.rad2deg(np.arcsin(np.sin(phi) * np.sin(delta) + np.cos(phi) * np.cos(delta) * np.cos(hour)))


def dump_hour_angles(hour_angles: tuple[float, float], dump_seconds: float) -> np.ndarray:
    """Hour angles, in hours, of the middles of the whole dumps that fit a range, centred in it.

    # ASSUME: seconds of sidereal time, 0.3 % shorter than those of a clock.
    """
    start, stop = hour_angles
    if not -12 <= start < stop <= 12:
        raise ValueError(f"hour_angles are {start} to {stop}; expected start < stop, from -12 to 12 hours")
    seconds = (stop - start) * 3600
    if not 0 < dump_seconds <= seconds * (1 + 1e-6):
        raise ValueError(f"dump_seconds is {dump_seconds}; expected more than 0, at most {seconds:g}")
    dumps = int(seconds / dump_seconds * (1 + 1e-6))
    return (start + stop) / 2 + (np.arange(dumps) - (dumps - 1) / 2) * dump_seconds / 3600


def synthesis(
    telescope: Telescope,
    declination_deg: float,
    hour_angles: tuple[float, float],
    dump_seconds: float,
    frequencies_hz: ArrayLike,
    min_elevation_deg: float = 15.0,
) -> Coverage:
    """Coverage of one source tracked by a telescope; antennas do not shadow each other.

    Parameters
    ----------
    telescope : see `lofi.radio.telescopes.telescope`.
    declination_deg : of the phase centre.
    hour_angles : (start, stop) in hours.
    dump_seconds : integration time; (u, v, w) are those of its middle (no time smearing).
    frequencies_hz : middles of the channels (no bandwidth smearing), all > 0.
    min_elevation_deg : a source lower than this at any time of the range raises a ValueError.

    Returns
    -------
    Coverage of channels × dumps × baselines visibilities, baselines fastest (Thompson, Moran & Swenson, eq. 4.1).
    """
    frequencies = np.atleast_1d(np.asarray(frequencies_hz, dtype=np.float64))
    if not (np.isfinite(frequencies).all() and (frequencies > 0).all() and frequencies.size):
        raise ValueError(f"frequencies_hz are {frequencies_hz}; expected positive numbers")
    if not -90 <= declination_deg <= 90:
        raise ValueError(f"declination_deg is {declination_deg}; expected -90 to 90")
    hours = np.deg2rad(15.0 * dump_hour_angles(hour_angles, dump_seconds))[:, None]
    lowest = elevation_deg(telescope.latitude_deg, declination_deg, hour_angles).min()
    if not lowest >= min_elevation_deg:
        raise ValueError(
            f"declination_deg {declination_deg:g}: the source is at {lowest:.1f} degrees elevation at the lowest of "
            f"hour angles {hour_angles[0]:g} to {hour_angles[1]:g} h at {telescope.name}; "
            f"expected at least {min_elevation_deg:g}"
        )
    phi, delta = np.deg2rad(telescope.latitude_deg), np.deg2rad(declination_deg)
    east, north, up = telescope.baselines().T
    # Equatorial frame: X towards the meridian, Y = East, Z towards the pole.
    x, z = np.cos(phi) * up - np.sin(phi) * north, np.cos(phi) * north + np.sin(phi) * up
    outward = np.cos(hours) * x - np.sin(hours) * east
    metres = np.stack(
        [
            np.sin(hours) * x + np.cos(hours) * east,
            np.cos(delta) * z - np.sin(delta) * outward,
            np.sin(delta) * z + np.cos(delta) * outward,
        ]
    )  # (3, dumps, baselines)
    u, v, w = (metres[:, None] * (frequencies / speed_of_light)[:, None, None]).reshape(3, -1)
    return Coverage(u, v, w, telescope, float(declination_deg), tuple(frequencies), float(dump_seconds))


def floored(number: float, digits: int = 3) -> float:
    """A positive number rounded down to so many significant digits."""
    unit = 10.0 ** (np.floor(np.log10(number)) - digits + 1)
    return float(f"{np.floor(number / unit) * unit:.{digits}g}")


def radians_per_pixel(coverage: Coverage, cell_arcsec: float) -> tuple[np.ndarray, np.ndarray]:
    """The coverage on an image of this pixel size: `x = −2π u cell` along columns, `y = 2π v cell` along rows.

    Raises a ValueError where a baseline exceeds half a turn per pixel (Nyquist).
    """
    if not (np.isfinite(cell_arcsec) and cell_arcsec > 0):
        raise ValueError(f"cell_arcsec is {cell_arcsec}; expected a positive number")
    longest = max(np.abs(coverage.u).max(), np.abs(coverage.v).max())
    largest = 0.5 / longest / ARCSEC
    if cell_arcsec > largest:
        raise ValueError(
            f"cell {cell_arcsec:g} arcsec: the longest baseline, {longest:.0f} wavelengths along u or v, needs at most "
            f"{floored(largest):g} arcsec"
        )
    return -2 * np.pi * coverage.u * cell_arcsec * ARCSEC, 2 * np.pi * coverage.v * cell_arcsec * ARCSEC


def w_phase(coverage: Coverage, shape: tuple[int, int], cell_arcsec: float) -> float:
    """Largest phase of the w-term in a corner of the image: `2π |w| (1 − √(1 − l² − m²))`, in rad.

    Raises a ValueError where the image reaches beyond the horizon.
    """
    squared = sum((size // 2 * cell_arcsec * ARCSEC) ** 2 for size in shape)
    if squared > 1:
        raise ValueError(f"an image of {shape} pixels of {cell_arcsec:g} arcsec reaches beyond the horizon")
    return float(2 * np.pi * np.abs(coverage.w).max() * squared / (1 + np.sqrt(1 - squared)))


def primary_beam_arcsec(coverage: Coverage) -> float:
    """Full width at half maximum of the primary beam at the highest frequency, `1.2 λ / D`."""
    # ASSUME: 1.2 for the taper of the dish's illumination; MeerKAT's measured width is some 1.2 λ / D at L band.
    wavelength = speed_of_light / max(coverage.frequencies_hz)
    return 1.2 * wavelength / coverage.telescope.diameter_m / ARCSEC


def check_field(coverage: Coverage, shape: tuple[int, int], cell_arcsec: float) -> None:
    """Warns where the field is wider than the primary beam, which is neglected; for a coverage of `synthesis`."""
    field, beam = max(shape) * cell_arcsec, primary_beam_arcsec(coverage)
    if field > beam:
        warnings.warn(
            f"the field, {field / 60:.1f} arcmin, is wider than the primary beam, {beam / 60:.1f} arcmin, which is "
            "neglected",
            stacklevel=2,
        )


def read_coverage(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """A coverage already in radians per pixel: `x` (`u` of the file, along columns) and `y` (`v`, along rows).

    The file is an npz with `u` and `v` (M,), finite and from −π to π. The MeerKAT coverages published with the paper's
    experiments have this form; they are **not** physical: u and v were stretched to ±π each by its own factor, and
    the zero spacing lies off (0, 0), so pixel sizes and beams from them have no meaning on the sky.
    """
    with Path(path).open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(f"{path}: not a whole npz file")
    with np.load(path, allow_pickle=False) as archive:
        missing = [key for key in ("u", "v") if key not in archive]
        if missing:
            raise ValueError(f"{path}: no array {' and '.join(missing)}; found {', '.join(archive.files)}")
        u, v = archive["u"], archive["v"]
    for key, values in (("u", u), ("v", v)):
        if values.ndim != 1 or not values.size or values.shape != u.shape or values.dtype.kind not in "fiu":
            raise ValueError(f"{path}: {key} is {values.dtype} {values.shape}; expected real (M,), the same in u and v")
        if not np.isfinite(values).all():
            raise ValueError(f"{path}: {key} contains NaN or inf")
        if np.abs(values).max() > np.pi * (1 + 1e-6):  # π in single precision is larger than π
            raise ValueError(f"{path}: {key} reaches {np.abs(values).max():g}; expected radians per pixel, at most π")
    return u.astype(np.float64), v.astype(np.float64)
