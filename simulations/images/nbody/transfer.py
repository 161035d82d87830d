"""What a coarse N-body box lacks at small scales: two isotropic filters, fitted on the training boxes only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import scipy.fft

from simulations.hdf5 import reading
from simulations.images.nbody.planes import SLABS
from simulations.theory import Theory


def switch_on(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth in log x."""
    t = np.clip(np.log(np.maximum(x, 1e-12) / low) / np.log(high / low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def _filter(images, gain):
    """Multiply the modes of real images (…, H, W) by `gain`, an array in `rfft2` order."""
    shape = images.shape[-2:]
    spectrum = scipy.fft.rfft2(images, workers=1)
    return scipy.fft.irfft2(spectrum * gain.astype(np.float32), s=shape, workers=1, overwrite_x=True)


def _radius(shape):
    """|k| [cycles/pixel] in `rfft2` order."""
    return np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])


@dataclass(frozen=True)
class SlabTransfer:
    """Gain `T(k)` of the planes of each snapshot: k (K,) [h/Mpc], gain (snapshots, K); 1 at large scales."""

    k: np.ndarray
    gain: np.ndarray

    def __call__(self, planes: np.ndarray, snapshot: int, box_size: float) -> np.ndarray:
        """Filter periodic planes (…, n, n) of one snapshot; float32."""
        planes = np.asarray(planes, dtype=np.float32)
        k = _radius(planes.shape[-2:]) * 2 * np.pi * planes.shape[-1] / box_size
        return _filter(planes, np.interp(k, self.k, self.gain[snapshot]))


@dataclass(frozen=True)
class MapTransfer:
    """Gain `T(ℓ)` of maps: ell (L,) [1/rad], gain (Z, L) of sources at `redshift` (Z,); 1 at large scales."""

    ell: np.ndarray
    gain: np.ndarray
    redshift: np.ndarray

    def __call__(self, maps: np.ndarray, pixel_arcmin: float, redshift: float) -> np.ndarray:
        """Filter maps (…, H, W), taken as periodic, of sources at `redshift`; float32."""
        maps = np.asarray(maps, dtype=np.float32)
        ell = _radius(maps.shape[-2:]) * 2 * np.pi / np.deg2rad(pixel_arcmin / 60)
        gain = [np.interp(redshift, self.redshift, column) for column in self.gain.T]
        return _filter(maps, np.interp(ell, self.ell, gain))


def fit_slab_transfer(
    boxes: Iterable,
    theory: Theory,
    switch: tuple[float, float] = (0.2, 0.6),
    k_max: float = 6.0,
    smoothing: float = 0.1,
) -> SlabTransfer:
    """`T(k) = sqrt(P_halofit(k, z) / (thickness · P_2D(k)))` per snapshot, P_2D averaged over the training boxes.

    Parameters
    ----------
    boxes : training boxes of the same settings; their planes are not used.
    theory : `Theory`.
    switch : T is 1 below the first k [h/Mpc] and the ratio above the second.
    k_max : T is frozen beyond this k [h/Mpc].
    smoothing : standard deviation of the smoothing of the measured ratio, in ln k.

    # ASSUME: P_2D contains shot noise and the plane's pixel window and T brings the sum to halofit. Noise is never
    # raised above the matter power; the price is that T restores less of the clustering where noise takes a share.
    # ASSUME: at k above `switch` a slab is thick: P_2D = P / thickness.
    """
    boxes = list(boxes)
    if not boxes or any(box.settings != boxes[0].settings for box in boxes):
        raise ValueError("expected at least one training box, all of the same settings")
    first = boxes[0]
    thickness = first.settings.box_size / SLABS
    power = np.mean([box.power for box in boxes], axis=0)
    k = first.k
    target = theory.nonlinear_power(k[None, :], first.redshifts[:, None])
    # Rings are noisy: P_2D / target is smoothed by a Gaussian in ln k, a ring weighted by its modes (∝ k).
    near = k * np.exp(-0.5 * (np.log(k / k[:, None]) / smoothing) ** 2)
    ratio = 1 / np.sqrt((thickness * power / target) @ (near / near.sum(axis=1, keepdims=True)).T)
    last = min(np.searchsorted(k, k_max), len(k) - 1)
    ratio[:, last:] = ratio[:, last, None]
    return SlabTransfer(k, 1 + switch_on(k, *switch) * (ratio - 1))


def ring_power(power: np.ndarray, pixel_arcmin: float, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of a spectrum (H, W) in `fft2` order over rings of `width` [1/rad], all modes but the mean.

    Returns
    -------
    ell, power, modes : (rings,) mean multipole, mean power, number of modes; empty rings are left out.
    """
    frequencies = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in power.shape), indexing="ij"))
    ell = (frequencies * 2 * np.pi / np.deg2rad(pixel_arcmin / 60)).ravel()[1:]
    ring = np.floor(ell / width).astype(int)
    modes = np.bincount(ring)
    kept = modes > 0
    sums = (np.bincount(ring, values)[kept] / modes[kept] for values in (ell, power.ravel()[1:]))
    return (*sums, modes[kept])


def map_power(maps: np.ndarray, pixel_arcmin: float) -> np.ndarray:
    """Mean spectrum [sr] of maps (N, H, W) in `fft2` order: `|FFT(κ)|² (pixel area)² / (survey area)`."""
    shape = maps.shape[-2:]
    pixel_area = np.deg2rad(pixel_arcmin / 60) ** 2
    total = sum(np.abs(scipy.fft.fft2(np.asarray(kappa, np.float64), workers=1)) ** 2 for kappa in maps)
    return total / len(maps) * pixel_area / (shape[0] * shape[1])


def fit_map_transfer(
    maps: np.ndarray,
    pixel_arcmin: float,
    theory: Theory,
    redshift: float | None = None,
    switch: tuple[float, float] = (300.0, 450.0),
) -> MapTransfer:
    """`T(ℓ) = sqrt(C_ℓ^theory / C_ℓ^maps)` of training maps (N, H, W), both pixelised and averaged over rings.

    redshift : of the sources; None takes the theory's. switch : T is 1 below the first ℓ, the ratio above the second.
    """
    ell, ratio, _ = _rings(maps, pixel_arcmin, theory, redshift)
    gain = 1 + switch_on(ell, *switch) * (np.sqrt(ratio) - 1)
    return MapTransfer(ell, gain[None], np.array([theory.source_redshift if redshift is None else redshift]))


def _rings(maps, pixel_arcmin, theory, redshift):
    """Multipoles of rings, `C_ℓ^theory / C_ℓ^maps`, modes."""
    shape = maps.shape[-2:]
    width = 2 * 2 * np.pi / (np.deg2rad(pixel_arcmin / 60) * min(shape))  # two fundamental modes
    ell, measured, modes = ring_power(map_power(maps, pixel_arcmin), pixel_arcmin, width)
    target = ring_power(theory.pixelised_power(shape, pixel_arcmin, redshift=redshift), pixel_arcmin, width)[1]
    return ell, target / measured, modes


def fit_map_transfers(
    samples: Mapping[tuple[float, float], np.ndarray],
    theory: Theory,
    switch: tuple[float, float] = (300.0, 450.0),
    smoothing: float = 0.1,
) -> MapTransfer:
    """`fit_map_transfer` for maps of any pixel size and source redshift.

    samples : {(pixel_arcmin, redshift): maps (N, H, W)}. T belongs to the sky, not to its pixels: the rings of all
    pixel sizes are averaged, in ln ℓ with a Gaussian of standard deviation `smoothing`, a ring weighted by its modes.
    It reaches to the Nyquist multipole of the smallest pixels; rings beyond 0.8 of their own are left out.
    """
    redshifts = sorted({redshift for _, redshift in samples})
    smallest = min(pixel for pixel, _ in samples)
    nodes = np.geomspace(switch[0] / 2, _nyquist(smallest), 80)
    gains = []
    for redshift in redshifts:
        fits = [(pixel, _rings(maps, pixel, theory, redshift)) for (pixel, z), maps in samples.items() if z == redshift]
        kept = [[part[rings[0] < 0.8 * _nyquist(pixel)] for part in rings] for pixel, rings in fits]
        ell, ratio, modes = (np.concatenate(part) for part in zip(*kept, strict=True))
        near = modes * np.exp(-0.5 * (np.log(ell / nodes[:, None]) / smoothing) ** 2)
        mean = near @ np.log(ratio) / near.sum(axis=1)
        gains.append(1 + switch_on(nodes, *switch) * (np.exp(mean / 2) - 1))
    return MapTransfer(nodes, np.stack(gains), np.array(redshifts))


def _nyquist(pixel_arcmin):
    return np.pi / np.deg2rad(pixel_arcmin / 60)


def write_transfers(path: str | Path, slab: SlabTransfer, maps: MapTransfer | None = None) -> None:
    """Write a `SlabTransfer` and, once fitted, a `MapTransfer` to one HDF5 file."""
    with h5py.File(path, "w") as file:
        file["slab/k"], file["slab/gain"] = slab.k, slab.gain
        if maps is not None:
            file["map/ell"], file["map/gain"], file["map/redshift"] = maps.ell, maps.gain, maps.redshift


def read_transfers(path: str | Path) -> tuple[SlabTransfer, MapTransfer | None]:
    """The `SlabTransfer` and the `MapTransfer` (None when there is none) of a file of `write_transfers`."""
    with reading(path) as file:
        slab = SlabTransfer(file["slab/k"][()], file["slab/gain"][()])
        fields = ("ell", "gain", "redshift")
        maps = MapTransfer(*(file[f"map/{field}"][()] for field in fields)) if "map" in file else None
    return slab, maps
