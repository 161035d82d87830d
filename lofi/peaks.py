"""Peaks of a file of `lofi map`, with the number of false ones, as a table on disk."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import vstack

from lofi.io.targets import check_targets
from lofi.lensing.aperture_mass import FILTERS, SUPPORT
from lofi.lensing.map_file import MapFile
from lofi.lensing.peak_files import SUFFIXES, write_peaks
from lofi.lensing.peak_finding import Found, apertures, turned_convergence
from lofi.lensing.peak_tables import peak_table, said
from lofi.lensing.shear_map_files import read_shear_map
from lofi.maps import read_maps
from lofi.messages import say_notes
from lofi.seeds import stream

SHEAR = "map the shear again with `lofi map`, or leave the false peaks out with --rotations 0"
ERRORS = "by which signal to noise is measured: map with --errors, or take --aperture-mass ARCMIN"


def peaks_of_map(
    path: str | Path,
    *,
    output: str | Path,
    scales: Sequence[float] = (),
    shape: str = "schirmer",
    least: float = 3.0,
    rotations: int = 20,
    prior: str | Path | None = None,
    seed: int = 0,
) -> None:
    """Find peaks of KAPPA over KAPPA_STD, or of aperture mass, count those that noise makes, and write them, the
    highest KAPPA first, of aperture mass the largest signal to noise.

    Parameters
    ----------
    path, output : file of `lofi map`; table to write, FITS or CSV.
    scales : of apertures [arcmin]; none: peaks of KAPPA. shape : of the apertures, of `FILTERS`.
    least : signal to noise. rotations : maps of randomly turned shear, in which all peaks are false.
    prior : that of KAPPA, which maps the turned shear; as of `lofi.priors.shipped.find`.

    Raises ValueError or OSError, one sentence, for input that cannot be used; nothing is written then.
    """
    path, output = Path(path), Path(output)
    _check(output, scales, shape, least, rotations)
    check_targets([path], [output])
    file, rng = read_maps(path), stream("peaks", seed)
    if scales or rotations:
        file.image("GAMMA1", SHEAR)
    if scales:
        table, images, notes = _of_apertures(file, scales, shape, least, rotations, rng)
    else:
        kappa = file.image("KAPPA", "expected a file of `lofi map`")
        snr = kappa / file.image("KAPPA_STD", ERRORS)
        again = _timed(_turned(file, prior, rng), rotations) if rotations else iter(())
        peaks, false = _found(file, kappa, snr, again, least, rotations)
        table, images = peak_table(peaks, kappa.flat[peaks.pixel], false), []
        notes = [said("KAPPA", peaks, least, false)]
    say_notes(notes)
    table.sort("snr" if scales else "kappa", reverse=True)  # a height finds more clusters (docs/peaks.md)
    history = [f"map: {path.name}", *notes]
    write_peaks(output, table, images, simulated=bool(file.header.get("SIMULATD", False)), history=history)


def _of_apertures(file, scales, shape, least, rotations, rng):
    """One table of all apertures, the HDUs of their maps, and notes."""
    if not isinstance(file, MapFile):
        raise ValueError(f"'{file.path}' is a HEALPix map; --aperture-mass is of a field on a plane")
    shear = read_shear_map(file.file, e2_sign=1)
    kappa = file.images.get("KAPPA", np.full(shear.shape, np.nan))
    tables, images, notes = [], [], []
    for number, scale in enumerate(scales, 1):
        _check_scale(scale, shape, file)
        (mass, snr), again = apertures(shear, shape, scale / file.pixel_arcmin, rng)
        peaks, false = _found(file, mass, snr, again, least, rotations)
        peaks = replace(peaks, scale=np.full(len(peaks), float(scale)))
        table = peak_table(peaks, kappa.flat[peaks.pixel], false)
        table.add_column(mass.flat[peaks.pixel], name="aperture_mass", index=table.index_column("scale") + 1)
        tables.append(table)
        notes.append(said(f"aperture mass, {scale:g}'", peaks, least, false))
        for name, image in ((f"MAP_{number}", mass), (f"MAP_SNR_{number}", snr)):
            images.append(fits.ImageHDU(image.astype(np.float32), file.wcs.to_header(), name=name))
    return vstack(tables, metadata_conflicts="silent"), images, notes


def _turned(file, prior, rng):
    """KAPPA and its signal to noise of turned shear through the same prior, without end."""
    if isinstance(file, MapFile):
        return turned_convergence(file, prior, rng)
    from lofi.sphere.turned_shear import turned_sky  # loads healpy, which the plane need not wait for

    return turned_sky(file, prior, rng)


def _timed(maps: Iterator[Found], count: int) -> Iterator[Found]:
    """The maps; after the first a note says how long so many of them take."""
    started = time.perf_counter()
    first = next(maps)
    minutes = count * (time.perf_counter() - started) / 60
    say_notes([f"{count} {'map' if count == 1 else 'maps'} of turned shear: about {minutes:.2g} minutes"])
    yield first
    yield from maps


def _found(file, image, snr, again, least, rotations):
    """Peaks of a map, and the signal to noise of those of each map of turned shear."""
    false = [file.peaks(*next(again), least).snr for _ in range(rotations)]
    return file.peaks(image, snr, least), false


def _check(output, scales, shape, least, rotations):
    if output.suffix not in SUFFIXES:
        raise ValueError(f"the output {output} is a table; its name must end in {' or '.join(SUFFIXES)}")
    if shape not in FILTERS:
        raise ValueError(f"--filter is {shape}; expected one of {', '.join(FILTERS)}")
    if not np.isfinite(least):
        raise ValueError(f"--min-snr is {least:g}; expected a number")
    if rotations < 0:
        raise ValueError(f"--rotations is {rotations}; expected 0 or more")
    if len(set(scales)) < len(scales):
        raise ValueError("--aperture-mass has a scale twice; expected different ones")


def _check_scale(scale, shape, file):
    pixel, side = file.pixel_arcmin, min(next(iter(file.images.values())).shape)
    high = side * pixel / 2 / SUPPORT[shape]
    if not 2 * pixel <= scale <= high:
        raise ValueError(
            f"--aperture-mass is {scale:g}; expected 2 pixels to half the field, {2 * pixel:.3g} to {high:.3g} arcmin"
        )
