"""A convergence network for one survey, trained on simulated maps or on a folder of maps."""

import math
import shutil
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lofi.data.convergence_maps import fields, find_maps, read_convergence
from lofi.data.lensing import lensing_observation
from lofi.io.targets import check_room
from lofi.lensing.simulated_maps import check_simulations, simulated_maps
from lofi.lensing.survey_recipe import RECIPE
from lofi.messages import say_notes
from lofi.priors.ranges import ranges_of
from lofi.priors.shipped import spelled
from lofi.seeds import stream
from lofi.training.own_prior import train_prior
from lofi.training.prior_folder import PriorFolder, hashes

LARGEST = 300.0  # arcmin of a side of a field: the 5 degrees of the workflow's own
PIXELS = (32, 128)  # fewest and, unless a crop is given, most on a side of a field
VALIDATION = 48  # fields
BOXES = 1.3e9  # bytes of the boxes that are simulated
HELD_OUT = 10  # of so many independent maps one is kept for validation
SIMULATED = {"pixel": (0.3, 9.0), "redshift": (0.2, 3.0)}  # ASSUME: what boxes of 205 Mpc/h can show


def train_convergence(
    output: str | Path,
    *,
    pixel: float,
    galaxies: float,
    redshift: float,
    sigma_e: float = 0.37,
    maps: str | Path | None = None,
    map_pixel: float | None = None,
    crop: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> None:
    """Train a network for a survey; `output` is the folder of the prior. The same call goes on with what was stopped.

    Parameters
    ----------
    pixel : side of a pixel [arcmin]. galaxies : per arcmin². redshift : of the sources. sigma_e : ellipticity
        dispersion per component.
    maps : folder of convergence maps for such sources (`lofi.data.convergence_maps`), of pixels not larger than
        `pixel`; None simulates them, which needs a checkout of this project. map_pixel : of the maps, where files do
        not say. crop : pixels of a side of the fields (default: 128, or 5 degrees).
    steps : in place of the recipe's.

    Raises ValueError or OSError, one sentence, for what cannot be used; nothing is written then.
    """
    _check(pixel=pixel, galaxies=galaxies, redshift=redshift, sigma_e=sigma_e, map_pixel=map_pixel, steps=steps)
    if crop is not None and crop < PIXELS[0]:
        raise ValueError(f"--crop is {crop}; expected at least {PIXELS[0]} pixels")
    crop = min(PIXELS[1], int(LARGEST / pixel)) if crop is None else crop
    if crop < PIXELS[0]:
        raise ValueError(f"fields have {crop} pixels of {pixel:g}′ on a side; expected at least {PIXELS[0]} (--crop)")
    field, name = {"extent_arcmin": pixel * crop, "pixels": crop}, ("lofi train lensing", seed)
    recipe = RECIPE | {"field": field, "observation": _observation(galaxies, sigma_e)}
    if steps is not None:
        recipe["model"] = RECIPE["model"] | {"training": RECIPE["model"]["training"] | {"steps": steps}}
    options = {"pixel": pixel, "galaxies": galaxies, "redshift": redshift, "sigma_e": sigma_e, "crop": crop}
    options |= {"steps": recipe["model"]["training"]["steps"], "seed": seed, "map_pixel": map_pixel}
    options["maps"] = None if maps is None else Path(maps).name
    if maps is not None and Path(output).resolve().is_relative_to(Path(maps).resolve()):
        raise ValueError(f"--output {output} is within --maps {maps}; give a folder elsewhere")
    files = [] if maps is None else find_maps(maps, redshift)
    folder = PriorFolder(Path(output), options, hashes(files, maps or ""), recipe)
    ranges = ranges_of(recipe, recipe["depth"]) | {"redshift": [redshift, redshift]}
    said = train_prior(
        folder,
        examples=lambda: _given(maps, files, folder, name) if files else _simulated(folder, name),
        observe=lambda depth: lensing_observation(recipe["observation"], field, depth),
        about={"ranges": ranges},
        name=name,
        threads=threads,
    )
    shutil.rmtree(_boxes(folder), ignore_errors=True)
    say_notes([f"{said}: lofi map SHEAR --prior {spelled(output)}"])


def _check(**options):
    for name, value in options.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"--{name.replace('_', '-')} is {value}; expected a positive number")


def _observation(galaxies, sigma_e):
    dispersion = {"value": sigma_e, "of": "per_component"}
    return {"galaxy_density": galaxies, "ellipticity_dispersion": dispersion, "cutout_margin": 0, "mean": "remove"}


def _boxes(folder):
    return folder.path / "simulated"


def _simulated(folder, name):
    """Record, fields to train on and fields to validate with, of N-body boxes."""
    for key, (low, high) in SIMULATED.items():
        if not low <= folder.options[key] <= high:
            raise ValueError(
                f"--{key} is {folder.options[key]:g}; maps are simulated for {low:g} to {high:g}: give maps as --maps"
            )
    check_simulations()
    if folder.recipe["field"]["extent_arcmin"] > LARGEST:
        raise ValueError(f"--crop {folder.options['crop']} is more than {LARGEST:g}′; simulated fields are smaller")
    if not _boxes(folder).exists():
        check_room(folder.path, BOXES)
    folder.begin()
    counts = {"training": folder.recipe["images"], "validation": VALIDATION}
    options = {"field": folder.recipe["field"], "redshift": folder.options["redshift"]}
    return simulated_maps(_boxes(folder), counts=counts, name=name, **options)


def _given(path, files, folder, name):
    """Record, fields to train on and fields to validate with, of a folder of maps; no origin has both."""
    pixel, crop, redshift = (folder.options[key] for key in ("pixel", "crop", "redshift"))
    maps = []
    for file in tqdm(files, desc="maps", unit="file", mininterval=5):
        maps.append(read_convergence(file, redshift, folder.options["map_pixel"]))
        maps[-1].check_holds(crop, pixel)
    origins = sorted({found.origin for found in maps}, key=str)
    if len(origins) < 2:
        raise ValueError(f"'{path}' holds one independent map; training needs at least two, one for validation")
    order = stream(*name, "split").permutation(len(origins))[: max(1, len(origins) // HELD_OUT)]
    held_out = {origins[i] for i in order}
    parts = {
        part: [m for m in maps if (m.origin in held_out) == (part == "validation")]
        for part in ("training", "validation")
    }
    say_notes([f"{len(parts['training'])} maps are trained on, {len(parts['validation'])} kept for validation"])
    counts = {"training": folder.recipe["images"], "validation": VALIDATION}
    drawn = [np.stack(list(fields(parts[p], crop, pixel, counts[p], *name, p))) for p in counts]
    record = {
        "source": {"kind": "maps", "path": Path(path).name, "files": folder.inputs},
        "split": {"maps": counts["training"]},
        "validation": [found.name for found in parts["validation"]],
        "simulated": True,
        "description": f"{len(maps)} convergence maps of {Path(path).name}",
        "pixel_arcmin": pixel,
        "margin": 0,
        "redshift": redshift,
    }
    return record, *drawn
