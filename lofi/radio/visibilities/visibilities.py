"""Calibrated visibilities of total intensity with their noise (docs/conventions.md, Radio interferometry)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date as calendar_date
from pathlib import Path
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord

OPTIONAL = ("width", "time", "antenna1", "antenna2", "channel")
ARRAYS = ("u", "v", "w", "values", "sigma", "frequency", *OPTIONAL)
SAME_CENTRE = 0.1  # arcsec
DAY = 86400.0  # seconds


@dataclass(frozen=True, eq=False)
class Visibilities:
    """Good samples of Stokes I, each pair of antennas once, times, baselines and channels flattened into one axis.

    Attributes
    ----------
    u, v, w : (M,) in wavelengths, towards East, North and the source: `V = sum I exp(-2 pi i (u l + v m))`.
    values : complex (M,), Jy. sigma : (M,), Jy, standard deviation of the real part; finite and positive.
    frequency : (M,), Hz. width : (M,), Hz, of the channels, at least 0, or None where unknown.
    time : (M,), seconds from any zero point, or None. time_zero : that point, MJD in UTC, or None.
    antenna1, antenna2, channel : (M,) whole numbers, or None.
    centre : right ascension and declination of the phase centre in degrees, or None. pointing : of the dishes; None
        where it is not known to differ.
    object, telescope, date : words for headers, empty if unknown; the date is that of DATE-OBS, YYYY-MM-DD.
    simulated : whether the sky or the noise is simulated.
    notes : sentences on what was dropped or assumed on reading. warnings : on what may spoil an image.
    """

    u: np.ndarray
    v: np.ndarray
    w: np.ndarray
    values: np.ndarray
    sigma: np.ndarray
    frequency: np.ndarray
    width: np.ndarray | None = None
    time: np.ndarray | None = None
    antenna1: np.ndarray | None = None
    antenna2: np.ndarray | None = None
    channel: np.ndarray | None = None
    time_zero: float | None = None
    centre: tuple[float, float] | None = None
    pointing: tuple[float, float] | None = None
    object: str = ""
    telescope: str = ""
    date: str = ""
    simulated: bool = False
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self):
        for name in ARRAYS:
            array = getattr(self, name)
            if array is None and name in OPTIONAL:
                continue
            if np.shape(array) != (len(self),) or len(self) == 0:
                raise ValueError(
                    f"visibilities: {name} has shape {np.shape(array)}; expected ({len(self)},), not empty"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"visibilities: {name} contains NaN or inf")
            if name in ("sigma", "frequency") and not (array > 0).all():
                raise ValueError(f"visibilities: {name} must be positive")
        if self.time_zero is not None and not np.isfinite(self.time_zero):
            raise ValueError(f"visibilities: time_zero is {self.time_zero}; expected an MJD")
        if self.centre is not None and not (np.isfinite(self.centre).all() and abs(self.centre[1]) <= 90):
            raise ValueError(f"visibilities: phase centre {self.centre}; expected degrees, the declination within ±90")
        if self.date:
            try:
                calendar_date.fromisoformat(self.date)
            except ValueError:
                raise ValueError(f"visibilities: date is {self.date!r}; expected YYYY-MM-DD") from None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def edges(self) -> tuple[float, float] | None:
        """Lower edge of the lowest channel and upper edge of the highest that have samples, Hz; None if unknown."""
        if self.width is None:
            return None
        return float((self.frequency - self.width / 2).min()), float((self.frequency + self.width / 2).max())

    @property
    def bandwidth(self) -> float:
        """Hz, from edge to edge of the channels that have samples; 0 if unknown."""
        return 0.0 if self.edges is None else self.edges[1] - self.edges[0]

    @property
    def centre_frequency(self) -> float:
        """Middle of the lowest and the highest channel, Hz."""
        return float(self.frequency.min() + self.frequency.max()) / 2


def good_samples(
    path: str | Path,
    *,
    u: np.ndarray,
    v: np.ndarray,
    w: np.ndarray,
    values: np.ndarray,
    weights: np.ndarray,
    flags: np.ndarray,
    frequency: np.ndarray,
    width: np.ndarray | float | None = None,
    time: np.ndarray | None = None,
    antenna1: np.ndarray | None = None,
    antenna2: np.ndarray | None = None,
    channel: np.ndarray | None = None,
    notes: Iterable[str] = (),
    **header: Any,
) -> Visibilities:
    """Visibilities of the samples that are neither flagged nor autocorrelations.

    Parameters
    ----------
    path : named in errors.
    u, v, w, frequency : broadcast to the shape (rows, channels) of `values`; wavelengths, Hz.
    values : complex (rows, channels). weights : same shape, 1/sigma^2 of the real part; those that are not positive
        (0, negative or NaN) mean flagged.
    flags : bool (rows, channels), true where bad; values there may be NaN.
    width : of the channels, Hz, broadcast as `u`, or None. time, antenna1, antenna2 : (rows,) or None.
    channel : broadcast as `u`; the column's number if None.
    notes : sentences. header : further attributes of `Visibilities`.

    Raises ValueError where an unflagged sample or its weight is not finite, no sample is left, or the header is unfit.
    """
    shape = values.shape
    unweighted = ~(weights > 0)
    if unweighted.all():
        raise ValueError(f"{path} has no positive weight: expected 1/sigma^2 of the visibilities")
    good = ~(flags | unweighted)
    flagged = np.count_nonzero(~good)
    if flagged == good.size:
        raise ValueError(f"{path} has no good visibility: all {good.size} are flagged or without weight")
    notes = list(notes)
    if flagged:
        notes.append(f"{flagged} of {good.size} visibilities are flagged or have no positive weight, and are left out.")
    if antenna1 is not None and antenna2 is not None:
        auto = good & (antenna1 == antenna2)[:, None]
        if auto.any():
            good &= ~auto
            notes.append(f"{np.count_nonzero(auto)} autocorrelations are left out.")
        if not good.any():
            raise ValueError(f"{path} has no good visibility: all that are not flagged are autocorrelations")
    columns = {"u": u, "v": v, "w": w, "values": values, "weights": weights, "frequency": frequency}
    columns |= {} if width is None else {"width": width}
    columns = {name: np.broadcast_to(array, shape)[good] for name, array in columns.items()}
    for name, array in columns.items():
        bad = np.count_nonzero(~np.isfinite(array))
        if bad:
            raise ValueError(f"{path}: {bad} unflagged samples have NaN or inf in {name}; flag them or repair the file")
    rows, column = np.nonzero(good)
    try:
        return Visibilities(
            **{name: columns[name].astype(np.float64) for name in ("u", "v", "w", "frequency")},
            width=columns["width"].astype(np.float64) if "width" in columns else None,
            values=columns["values"].astype(np.complex128),
            sigma=1.0 / np.sqrt(columns["weights"].astype(np.float64)),
            time=None if time is None else np.asarray(time, np.float64)[rows],
            antenna1=None if antenna1 is None else np.asarray(antenna1)[rows],
            antenna2=None if antenna2 is None else np.asarray(antenna2)[rows],
            channel=column if channel is None else np.broadcast_to(channel, shape)[good],
            notes=tuple(notes),
            **header,
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def joined(path: str | Path, parts: Sequence[Visibilities]) -> Visibilities:
    """One set of visibilities of several of the same phase centre; words, centre and zero of time are of the first.

    Raises ValueError, which names `path`, where the phase centres differ by more than 0.1 arcsec.
    """
    first = parts[0]
    check_centres(path, {part.centre for part in parts})
    dated = None not in {part.time_zero for part in parts}
    parts = [_timed_from(part, first.time_zero) for part in parts] if dated else parts
    arrays = {name: [getattr(part, name) for part in parts] for name in ARRAYS}
    return replace(
        first,
        **{name: None if any(a is None for a in group) else np.concatenate(group) for name, group in arrays.items()},
        time_zero=first.time_zero if dated else None,
        simulated=any(part.simulated for part in parts),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def _timed_from(part, zero):
    if part.time is None or part.time_zero == zero:
        return part
    return replace(part, time=part.time + DAY * (part.time_zero - zero), time_zero=zero)


def check_centres(path: str | Path, centres: Collection[tuple[float, float] | None]) -> None:
    """ValueError, which names `path`, where phase centres differ by more than 0.1 arcsec, or only some are known."""
    if len(centres) > 1 and (None in centres or _spread_arcsec(centres) > SAME_CENTRE):
        raise ValueError(f"{path}: the phase centres differ, {sorted(centres, key=str)}; image one at a time")


def _spread_arcsec(centres):
    directions = SkyCoord(list(centres), unit="deg")
    return directions.separation(directions[0]).arcsec.max()
