"""Peaks of a file of `lofi map`, with the number of false ones, as a table on disk."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from astropy.table import Table, vstack

from lofi.io.targets import check_targets
from lofi.lensing.aperture_mass import FILTERS, SUPPORT, aperture_mass
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.map_file import MapFile, read_map_file
from lofi.lensing.mapping import convergence_maps, load_lensing_model
from lofi.lensing.peak_files import SUFFIXES, write_peaks
from lofi.lensing.peaks import Peaks, false_rate, find_peaks, turned
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.shear_map_files import read_shear_map
from lofi.messages import say_notes
from lofi.priors.shipped import find
from lofi.seeds import stream

Found = tuple[np.ndarray, np.ndarray]  # an image and its signal to noise


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
    file = read_map_file(path)
    shear = None
    if scales or rotations:
        file.image("GAMMA1", "map the shear again with `lofi map`, or leave the false peaks out with --rotations 0")
        shear = read_shear_map(open_shear(path), e2_sign=1)
    rng, tables, images = stream("peaks", seed), [], {}
    for number, scale in enumerate(scales, 1):
        _check_scale(scale, shape, file)
        found, again = _apertures(shear, shape, scale / file.pixel_arcmin, rng)
        table = _table(file, *found, again, least, rotations, scale)
        tables.append(table)
        images |= {f"MAP_{number}": found[0], f"MAP_SNR_{number}": found[1]}
    if not scales:
        found, again = _convergence(file, shear, prior, rng)
        tables.append(_table(file, *found, again, least, rotations))
    notes = [note for table in tables for note in table.meta.pop("notes")]
    say_notes(notes)
    table = vstack(tables, metadata_conflicts="silent")
    table.sort("snr" if scales else "kappa", reverse=True)  # a height finds more clusters (docs/peaks.md)
    write_peaks(output, table, images, file, notes)


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


def _apertures(shear: BinnedShear, shape: str, scale: float, rng) -> tuple[Found, Iterator[Found]]:
    """Aperture mass with its signal to noise, and those of turned shear without end."""

    def maps(gamma):
        mass, snr, _ = aperture_mass(gamma, shear.noise_std, shape, scale)
        return tuple(np.where(shear.mask, image, np.nan) for image in (mass, snr))

    return maps(shear.gamma), (maps(turned(shear.gamma, rng)) for _ in iter(int, 1))


def _convergence(file: MapFile, shear: BinnedShear | None, prior, rng) -> tuple[Found, Iterator[Found]]:
    """KAPPA with its signal to noise, and those of turned shear without end."""
    kappa = file.image("KAPPA", "expected a file of `lofi map`")
    way_out = "by which signal to noise is measured: map with --errors, or take --aperture-mass ARCMIN"
    found = kappa, kappa / file.image("KAPPA_STD", way_out)
    return found, iter(()) if shear is None else _turned_convergence(file, shear, prior, rng)


def _turned_convergence(file, shear, prior, rng):
    folder = find(prior, "lensing")
    model, record = load_lensing_model(folder)
    if f"weights {record['weights'][:16]}" not in " ".join(file.header.get("HISTORY", [])):
        raise ValueError(
            f"'{file.path}' was made by another prior than {folder.name}; name it with --prior, or leave the false "
            "peaks out with --rotations 0"
        )
    bars, _ = error_bars_of(folder, record, True)
    options = {"redshift": file.header.get("ZSOURCE"), "reduced": bool(file.header.get("REDSHEAR"))}
    while True:
        noise = BinnedShear(**(vars(shear) | {"gamma": turned(shear.gamma, rng)}))
        maps, _ = convergence_maps(noise, model, record, bars=bars, quiet=True, **options)
        yield maps["KAPPA"][0], maps["KAPPA"][0] / maps["KAPPA_STD"][0]


def _table(file, image, snr, again, least, rotations, scale=None):
    """The peaks of one map; `scale` of its aperture in arcmin, None for a convergence."""
    peaks = find_peaks(image, snr, least)
    false = [find_peaks(*next(again), least).snr for _ in range(rotations)]
    position = file.wcs.pixel_to_world(peaks.x, peaks.y).icrs
    kappa = file.images.get("KAPPA", np.full(image.shape, np.nan))[peaks.row, peaks.column]
    table = Table({"ra": position.ra.deg, "dec": position.dec.deg, "kappa": kappa, "snr": peaks.snr})
    table["scale"] = peaks.width * file.pixel_arcmin if scale is None else np.full(len(table), float(scale))
    if scale is not None:
        table["aperture_mass"] = image[peaks.row, peaks.column]
    if rotations:
        table["false"] = false_rate(peaks.snr, false)
    of = "KAPPA" if scale is None else f"aperture mass, {scale:g}'"
    table.meta["notes"] = [_sentence(of, peaks, least, [len(each) for each in false])]
    return table


def _sentence(of: str, peaks: Peaks, least: float, false: list[int]) -> str:
    said = f"{of}: {len(peaks.snr)} peaks with a signal to noise of {least:g} or more"
    if not false:
        return said
    error = np.sqrt(max(np.sum(false), 1)) / len(false)
    return f"{said}; randomly turned shear has {np.mean(false):.3g} +- {error:.2g}"
