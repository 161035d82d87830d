"""A convergence network for one survey, trained on simulated maps or on a folder of maps."""

import math
import shutil
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lofi.data.convergence_maps import fields, find_maps, read_convergence
from lofi.data.lensing import lensing_observation
from lofi.io.targets import check_room
from lofi.lensing.simulated_maps import check_simulations, simulated_maps
from lofi.messages import say_notes
from lofi.priors.ranges import ranges_of
from lofi.priors.recipe import shipped_recipe
from lofi.priors.shipped import spelled
from lofi.training.own_prior import held_out, train_prior
from lofi.training.prior_folder import PriorFolder, hashes

LARGEST = 300.0  # arcmin of a side of a field: the 5 degrees of the workflow's own
PIXELS = (32, 128)  # fewest and, unless a crop is given, most on a side of a field
VALIDATION = 48  # fields
BOXES = 1.3e9  # bytes of the boxes that are simulated
BORDER = 8  # of a side of fields of given maps, whose edges do not fit together, so many parts are masked at each end
RESOLVED = 2.4  # ASSUME: arcmin × redshift: 3′ at 0.8, where boxes of 192³ particles show 2′ (card of convergence)
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
    observation = _observation(galaxies, sigma_e, 0 if maps is None else crop // BORDER)
    recipe = _recipe(steps) | {"field": field, "observation": observation}
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


def _recipe(steps):
    """That of the prior that ships, for pixels of one size: the spectrum is measured on maps, a patch has pixels."""
    recipe = shipped_recipe("lensing", steps)
    inputs = {key: value for key, value in recipe["model"]["inputs"].items() if key != "length_arcmin"}
    return recipe | {"model": recipe["model"] | {"inputs": inputs}}


def _observation(galaxies, sigma_e, border):
    dispersion = {"value": sigma_e, "of": "per_component"}
    return {"galaxy_density": galaxies, "ellipticity_dispersion": dispersion, "border": border, "mean": "remove"}


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
    resolved = RESOLVED / folder.options["redshift"]
    if folder.options["pixel"] < resolved:
        say_notes(
            [
                f"simulated boxes have structure of their own down to about {resolved:.2g}′ for sources at redshift "
                f"{folder.options['redshift']:g}; below, only their power is that of theory: trust the shape of "
                "smaller peaks less, or give maps as --maps"
            ]
        )
    if not _boxes(folder).exists():
        check_room(folder.path, BOXES)
    folder.begin()
    counts = {"training": folder.recipe["images"], "validation": VALIDATION}
    options = {"field": folder.recipe["field"], "redshift": folder.options["redshift"]}
    return simulated_maps(_boxes(folder), counts=counts, name=name, **options)


def _given(path, files, folder, name):
    """Record, fields to train on and fields to validate with, of a folder of maps; no origin has both."""
    pixel, crop, redshift = (folder.options[key] for key in ("pixel", "crop", "redshift"))
    readers, of = [partial(read_convergence, file, redshift, folder.options["map_pixel"]) for file in files], []
    for read in tqdm(readers, desc="maps", unit="file", mininterval=5):
        found = read()
        found.check_holds(crop, pixel)
        of.append(found.origin)
        del found  # one map in memory at a time
    origins = sorted(set(of), key=str)
    if len(origins) < 2:
        raise ValueError(f"'{path}' holds one independent map; training needs at least two, one for validation")
    kept = {origins[i] for i in held_out(len(origins), name)}
    parts = {
        part: [i for i, origin in enumerate(of) if (origin in kept) == (part == "validation")]
        for part in ("training", "validation")
    }
    say_notes([f"{len(parts['training'])} maps are trained on, {len(parts['validation'])} kept for validation"])
    counts = {"training": folder.recipe["images"], "validation": VALIDATION}
    drawn = [np.stack(list(fields([readers[i] for i in parts[p]], crop, pixel, counts[p], *name, p))) for p in counts]
    record = {
        "source": {"kind": "maps", "path": Path(path).name, "files": folder.inputs},
        "split": {"maps": counts["training"]},
        "validation": [files[i].name for i in parts["validation"]],
        "simulated": True,
        "description": f"{len(files)} convergence maps of {Path(path).name}",
        "pixel_arcmin": pixel,
        "margin": 0,
        "redshift": redshift,
    }
    return record, *drawn
