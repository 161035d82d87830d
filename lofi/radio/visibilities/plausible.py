"""What no interferometer measures, and samples that are in a file twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.constants import speed_of_light

from lofi.radio.visibilities.visibilities import ARRAYS, Visibilities

EARTH = 12_756e3  # metres, the diameter at the equator
FREQUENCIES = (1e6, 1e13)  # Hz
SAME = 1e-5  # relative difference of what is stored twice, perhaps in single precision


def check_plausible(path: str | Path, visibilities: Visibilities) -> None:
    """ValueError for frequencies beyond radio and baselines longer than the Earth, which have a wrong unit."""
    lowest, highest = visibilities.frequency.min(), visibilities.frequency.max()
    if lowest < FREQUENCIES[0] or highest > FREQUENCIES[1]:
        raise ValueError(
            f"{path}: the frequencies are {lowest:.6g} to {highest:.6g} Hz; expected {FREQUENCIES[0]:g} to "
            f"{FREQUENCIES[1]:g} Hz: are they in MHz or GHz?"
        )
    wavelengths = np.sqrt(visibilities.u**2 + visibilities.v**2 + visibilities.w**2)
    longest = float((wavelengths * speed_of_light / visibilities.frequency).max())
    if longest > EARTH:
        raise ValueError(
            f"{path}: the longest baseline is {longest / 1e3:.4g} km, longer than the Earth ({EARTH / 1e3:g} km): are "
            "u, v, w in another unit (seconds, metres, wavelengths) than the file says?"
        )


def without_repeats(visibilities: Visibilities) -> Visibilities:
    """Each sample once: copies, and conjugates of samples with their antennas in the other order, are left out.

    Samples are the same where antennas, time, frequency, u, v and value are. A note says how many were left out; with
    them the noise of an image would seem √2 times smaller than it is.
    """
    if visibilities.antenna1 is None or visibilities.antenna2 is None or visibilities.time is None:
        return visibilities
    first, second = visibilities.antenna1, visibilities.antenna2
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((first, high, low, visibilities.frequency, visibilities.time))
    keys = (low, high, visibilities.frequency, visibilities.time)
    same = np.all([np.diff(key[order]) == 0 for key in keys], axis=0)
    if not same.any():
        return visibilities
    a, b = order[:-1][same], order[1:][same]
    swapped = first[a] != first[b]
    sign = np.where(swapped, -1.0, 1.0)
    value = np.where(swapped, visibilities.values[b].conj(), visibilities.values[b])
    length = np.hypot(visibilities.u[a], visibilities.v[a])
    equal = np.abs(value - visibilities.values[a]) <= SAME * np.abs(value)
    for name in ("u", "v"):
        axis = getattr(visibilities, name)
        equal &= np.abs(axis[a] - sign * axis[b]) <= SAME * length
    keep = np.ones(len(visibilities), bool)
    keep[b[equal]] = False
    kept = {name: getattr(visibilities, name) for name in ARRAYS}
    conjugates, copies = np.count_nonzero(equal & swapped), np.count_nonzero(equal & ~swapped)
    notes = [f"{conjugates} conjugates of other samples are left out."] if conjugates else []
    notes += [f"{copies} copies of other samples are left out."] if copies else []
    if not notes:
        return visibilities
    arrays = {name: None if array is None else array[keep] for name, array in kept.items()}
    return replace(visibilities, **arrays, notes=(*visibilities.notes, *notes))
