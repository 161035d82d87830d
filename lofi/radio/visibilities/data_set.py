"""The visibilities of one field as a data set that is read piece by piece, so that memory does not grow with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from lofi.radio.visibilities.visibilities import ARRAYS, Visibilities, check_centres, joined

GROUP = (8, 600.0)  # channels and seconds that a sample takes together
SAMPLE = 500_000  # visibilities that checks of the noise look at


class NoVisibilities(ValueError):
    """There is no good visibility in what was to be read."""


class Source(Protocol):
    """A file of visibilities: its pieces, again and again, each of one phase centre."""

    def __iter__(self) -> Iterator[Visibilities]:
        """Pieces that fit in memory."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences on what was dropped or assumed; complete after the first pass."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """The visibilities of several sources, one piece after the other, their noise times `sigma_scale`."""

    sources: Sequence[Source]
    sigma_scale: float = 1.0

    def __iter__(self) -> Iterator[Visibilities]:
        for source in self.sources:
            for piece in source:
                yield replace(piece, sigma=self.sigma_scale * piece.sigma)


@dataclass(frozen=True, eq=False)
class Unchanged:
    """Pieces whose number of visibilities is known; ValueError, which names `path`, where they have another one."""

    path: str | Path
    pieces: Pieces
    count: int

    def __iter__(self) -> Iterator[Visibilities]:
        count = 0
        for piece in self.pieces:
            count += len(piece)
            yield piece
        if count != self.count:
            raise ValueError(
                f"{self.path} changed while it was imaged: {self.count} good visibilities at first, {count} now; image "
                "it when nothing else writes to it"
            )


@dataclass(frozen=True, eq=False)
class DataSet:
    """Visibilities of one field.

    Attributes
    ----------
    pieces : `Visibilities`, in every pass the same.
    count : of all. sample : some of them, for checks. every : the sample is that of `in_sample`.
    longest_u, longest_v, longest, shortest, longest_w : largest |u|, |v|, √(u² + v²), its least, largest |w|;
        wavelengths.
    frequency : mean by weight 1/sigma², Hz. lowest, highest : frequencies, Hz.
    pointings : of the pieces, each once.
    bandwidth, centre, object, telescope, date, simulated, notes, warnings : as of `Visibilities`.
    largest : |V|, Jy. least_noise : smallest sigma, Jy.
    """

    pieces: Iterable[Visibilities]
    count: int
    sample: Visibilities
    every: int
    longest_u: float
    longest_v: float
    longest: float
    shortest: float
    longest_w: float
    frequency: float
    lowest: float
    highest: float
    bandwidth: float
    centre: tuple[float, float] | None
    pointings: tuple[tuple[float, float] | None, ...]
    object: str
    telescope: str
    date: str
    simulated: bool
    largest: float
    least_noise: float
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def gather(path: str | Path, sources: Sequence[Source], limit: int, sigma_scale: float = 1.0) -> DataSet:
    """The `DataSet` of sources, after one pass over them; `path` is named in errors.

    Up to `limit` visibilities stay in memory; more are read again in every pass. NoVisibilities where there are none.
    """
    pieces = Pieces(sources, sigma_scale)
    scan, kept = _Scan(), []
    for piece in pieces:
        scan.add(piece)
        if kept is not None:
            kept.append(piece)
            if scan.count > limit:
                kept = None
    if not scan.count:
        raise NoVisibilities(f"{path} has no good visibility: all are flagged or without weight")
    check_centres(path, scan.centres)
    notes = tuple(dict.fromkeys(note for source in sources for note in source.notes))
    if kept is not None:
        whole = joined(path, kept) if len(kept) > 1 else kept[0]
        return scan.data_set([whole], chosen(whole, in_sample(whole, scan.every)), notes)
    return scan.data_set(Unchanged(path, pieces, scan.count), scan.sample(), notes)


def in_sample(visibilities: Visibilities, every: int) -> np.ndarray:
    """Which visibilities (M,) bool belong to one group in `every`, a power of 2: neighbours, so that noise shows.

    A group is of one pair of antennas, `GROUP[0]` channels and `GROUP[1]` seconds. Without antennas: any samples.
    """
    v = visibilities
    if v.antenna1 is None or v.antenna2 is None:
        numbers = [np.ascontiguousarray(axis).view(np.uint64) >> 20 for axis in (v.u, v.v)]
    else:
        numbers = [np.asarray(antenna, dtype=np.uint64) for antenna in (v.antenna1, v.antenna2)]
        groups = zip((v.channel, v.time), GROUP, strict=True)
        numbers += [
            np.floor_divide(axis, size).astype(np.int64).view(np.uint64) for axis, size in groups if axis is not None
        ]
    mixed = np.zeros(len(v), dtype=np.uint64)
    for number in numbers:
        mixed = (mixed ^ number) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed % np.uint64(every) == 0


def chosen(visibilities: Visibilities, mask: np.ndarray | slice) -> Visibilities:
    """The visibilities where `mask` (M,) is true, or of a slice."""
    arrays = ((name, getattr(visibilities, name)) for name in ARRAYS)
    return replace(visibilities, **{name: None if array is None else array[mask] for name, array in arrays})


@dataclass
class _Scan:
    """What a pass over pieces finds."""

    count: int = 0
    every: int = 1
    first: Visibilities | None = None
    centres: dict = field(default_factory=dict)
    pointings: dict = field(default_factory=dict)
    warnings: dict = field(default_factory=dict)
    extremes: list = field(default_factory=list)  # of each piece: largest values, the negative of least ones
    weight: float = 0.0
    offset: float = 0.0  # sum of weights times the frequency's distance from the first
    wide: bool = True  # whether all widths of channels are known
    simulated: bool = False
    sampled: list = field(default_factory=list)

    def add(self, piece):
        if self.first is None:
            self.first = chosen(piece, slice(1))
        self.count += len(piece)
        self.centres[piece.centre] = None
        self.pointings[piece.pointing or piece.centre] = None
        self.warnings |= dict.fromkeys(piece.warnings)
        distance = np.hypot(piece.u, piece.v)
        lowest, highest = piece.frequency.min(), piece.frequency.max()
        lower, upper = piece.edges or (lowest, highest)
        largest = [np.abs(piece.u).max(), np.abs(piece.v).max(), distance.max(), np.abs(piece.w).max(), highest]
        largest += [np.abs(piece.values).max(), upper]
        self.extremes.append([*largest, -distance.min(), -lowest, -piece.sigma.min(), -lower])
        weights = (self.first.sigma[0] / piece.sigma) ** 2
        self.weight += weights.sum()
        self.offset += (weights * (piece.frequency - self.first.frequency[0])).sum()
        self.wide &= piece.width is not None
        self.simulated |= piece.simulated
        mask = in_sample(piece, self.every)
        if mask.any():
            self.sampled.append(chosen(piece, mask))
        while sum(map(len, self.sampled)) > SAMPLE:
            thinned = [(part, in_sample(part, 2 * self.every)) for part in self.sampled]
            rest = [chosen(part, mask) for part, mask in thinned if mask.any()]
            if not rest:
                break
            self.every, self.sampled = 2 * self.every, rest

    def sample(self):
        return joined("", self.sampled)

    def data_set(self, pieces, sample, notes):
        u, v, longest, w, highest, value, upper, shortest, lowest, sigma, lower = np.max(self.extremes, axis=0).tolist()
        return DataSet(
            pieces=pieces,
            count=self.count,
            sample=sample,
            every=self.every,
            longest_u=u,
            longest_v=v,
            longest=longest,
            shortest=-shortest,
            longest_w=w,
            frequency=float(self.first.frequency[0] + self.offset / self.weight),
            lowest=-lowest,
            highest=highest,
            bandwidth=upper + lower if self.wide else 0.0,
            centre=self.first.centre,
            pointings=tuple(self.pointings),
            object=self.first.object,
            telescope=self.first.telescope,
            date=self.first.date,
            simulated=self.simulated,
            largest=value,
            least_noise=-sigma,
            notes=notes,
            warnings=tuple(self.warnings),
        )
