"""A catalogue of several files binned file by file, by jobs that need not run at the same time or place.

`lofi map` of the files does the same in one process and in the same order: the map is the same bit for bit.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.wcs import WCS

from lofi.io.atomic import replacing
from lofi.io.user_file import guarded
from lofi.lensing.census import Census, census_of
from lofi.lensing.extent import field_of
from lofi.lensing.galaxy_sums import GalaxySums
from lofi.lensing.masking import open_galaxies
from lofi.lensing.shear_file import CATALOGUE, open_shear
from lofi.lensing.shear_map import field_sums
from lofi.lensing.surveys import with_survey
from lofi.lensing.tangent_plane import tangent_wcs


@dataclass(frozen=True)
class Plan:
    """What each file of a catalogue must know of all: their `Census`, the plane and the shape (H, W) of the field.

    files : names of the files of the catalogue, without their folders: jobs may find them in others.
    digest : SHA-256 of its file, which also names the files of the catalogue and the options.
    """

    files: tuple[str, ...]
    census: Census
    wcs: WCS
    shape: tuple[int, int]
    digest: str


def write_plan(path: str | Path, files: Sequence[str | Path], options: Mapping[str, Any], pixel_arcmin: float) -> None:
    """Read a catalogue, all but its binning, and write its `Plan` as JSON.

    Parameters
    ----------
    files : of the catalogue. options : as of `lofi.mapping.map_observation`. pixel_arcmin : unless options say it.

    Raises ValueError or OSError, one sentence, for files that cannot be used.
    """
    options = with_survey(options)
    file = open_shear(files)
    if file.kind != CATALOGUE:
        raise ValueError(f"'{file.path}' is a {file.kind}; only catalogues are binned file by file")
    galaxies, pixel = open_galaxies(file, options), options.get("pixel_arcmin", pixel_arcmin)
    wcs, shape = field_of(galaxies, pixel, options.get("centre"), options.get("shape"))
    field = {"centre": wcs.wcs.crval.tolist(), "pixel_arcmin": pixel, "shape": list(shape)}
    record = {"census": galaxies.census.record(), "field": field, "files": files, "options": options}
    with replacing(path) as written:
        written.write_text(json.dumps(record, default=str), encoding="utf-8")


def read_plan(path: str | Path) -> Plan:
    """The `Plan` of a file of `write_plan`."""
    content = Path(path).read_bytes()
    record = json.loads(content)
    field = record["field"]
    shape = tuple(field["shape"])
    wcs = tangent_wcs(field["centre"], field["pixel_arcmin"], shape)
    files = tuple(Path(file).name for file in record["files"])
    return Plan(files, census_of(record["census"]), wcs, shape, hashlib.sha256(content).hexdigest())


def write_sums(path: str | Path, plan: str | Path, file: str | Path, options: Mapping[str, Any]) -> None:
    """Bin one file of a catalogue, and write the sums of the pixels that have galaxies, as npz.

    plan : file of `write_plan`, of the whole catalogue and the same `options`.
    """
    found = read_plan(plan)
    galaxies = open_galaxies(replace(open_shear(file), more=()), with_survey(options), found.census)
    sums = field_sums(galaxies, found.wcs, found.shape)
    seen = np.flatnonzero(sums.of_pixels["count"])
    arrays = {f"of_pixels {name}": values[seen] for name, values in sums.of_pixels.items()}
    arrays |= {f"of_all {name}": values for name, values in sums.of_all.items()}
    with replacing(path) as written, written.open("wb") as stream:
        counts = {"galaxies": sums.galaxies, "outside": sums.outside, "extent": sums.extent}
        np.savez(stream, seen=seen, plan=found.digest, name=Path(file).name, **counts, **arrays)


@guarded
def read_sums(path: str | Path, plan: Plan, file: str) -> GalaxySums:
    """The sums of a file of `write_sums`; ValueError, one sentence, where it was binned by another plan.

    file : name of that file of the catalogue whose sums they must be.
    """
    sums = GalaxySums(plan.shape[0] * plan.shape[1])
    with np.load(path) as arrays:
        if str(arrays.get("plan")) != plan.digest:
            raise ValueError(
                f"'{path}' was binned by another plan than it is joined by; bin the files of the catalogue again"
            )
        if (binned := str(arrays.get("name"))) != file:
            raise ValueError(f"'{path}' holds the galaxies of {binned} where those of {file} belong")
        sums.galaxies, sums.outside, sums.extent = int(arrays["galaxies"]), int(arrays["outside"]), arrays["extent"]
        for key in arrays.files:
            of, _, name = key.partition(" ")
            if of == "of_pixels":
                sums.of_pixels[name][arrays["seen"]] = arrays[key]
            elif of == "of_all":
                sums.of_all[name][:] = arrays[key]
    return sums


@dataclass(frozen=True)
class Parts:
    """What jobs have found of a catalogue: files of `write_plan` and, in the order of its files, of `write_sums`."""

    plan: Path
    sums: Sequence[Path]

    def read(self) -> tuple[Plan, Iterator[GalaxySums]]:
        """The plan, and the sums of one file after another.

        Raises ValueError, one sentence, where those of a file are missing, or others are in their place.
        """
        plan = read_plan(self.plan)
        if len(self.sums) != len(plan.files):
            raise ValueError(
                f"'{self.plan}' is of a catalogue of {len(plan.files)} files and is joined with the sums of "
                f"{len(self.sums)}; bin each of its files, and join all"
            )
        return plan, (read_sums(path, plan, file) for path, file in zip(self.sums, plan.files, strict=True))
