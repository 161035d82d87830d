"""Maps of a field whose peaks are found, with those of randomly turned shear, whose peaks are false."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from lofi.lensing.aperture_mass import aperture_mass
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.map_file import MapFile
from lofi.lensing.mapping import convergence_maps, load_lensing_model
from lofi.lensing.peaks import turned
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.shear_map_files import read_shear_map
from lofi.priors.shipped import find

Found = tuple[np.ndarray, np.ndarray]  # an image and its signal to noise


def without_end(maps: Callable[[], Found]) -> Iterator[Found]:
    """What `maps` makes, which differs each time."""
    while True:
        yield maps()


def apertures(shear: BinnedShear, shape: str, scale: float, rng: np.random.Generator) -> tuple[Found, Iterator[Found]]:
    """Aperture mass (H, W) with its signal to noise, NaN where masked, and those of turned shear without end.

    shape : of `lofi.lensing.aperture_mass.FILTERS`. scale : in pixels.
    """

    def maps(gamma):
        mass, snr, _ = aperture_mass(gamma, shear.noise_std, shape, scale)
        return tuple(np.where(shear.mask, image, np.nan) for image in (mass, snr))

    return maps(shear.gamma), without_end(lambda: maps(turned(shear.gamma, rng)))


def turned_convergence(file: MapFile, prior: str | Path | None, rng: np.random.Generator) -> Iterator[Found]:
    """KAPPA (H, W) and its signal to noise of turned shear of a file, through the prior that made it, without end."""
    shear = read_shear_map(file.file, e2_sign=1)
    folder = find(prior, "lensing")
    model, record = load_lensing_model(folder)
    check_maker(file.path, file.header, folder, record)
    bars, _ = error_bars_of(folder, record, True)
    options = {"redshift": file.header.get("ZSOURCE"), "reduced": bool(file.header.get("REDSHEAR"))}

    def maps():
        noise = BinnedShear(**(vars(shear) | {"gamma": turned(shear.gamma, rng)}))
        found, _ = convergence_maps(noise, model, record, bars=bars, quiet=True, **options)
        return found["KAPPA"][0], found["KAPPA"][0] / found["KAPPA_STD"][0]

    return without_end(maps)


def check_maker(path: Path, header: Mapping, folder: Path, record: Mapping) -> None:
    """ValueError unless the HISTORY of a file of `lofi map` names the weights of a prior, its folder and record."""
    if f"weights {record['weights'][:16]}" not in " ".join(header.get("HISTORY", [])):
        raise ValueError(
            f"'{path}' was made by another prior than {folder.name}; name it with --prior, or leave the false "
            "peaks out with --rotations 0"
        )
