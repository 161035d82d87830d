"""Convergence maps of one shard of a split."""

from pathlib import Path

import numpy as np

from lofi.data.sights import is_ranged, nominal_pixel, sights_of
from lofi.io import hdf5
from simulations.images.sources import analytic_maps, ktng_maps, nbody_maps
from simulations.theory import Theory
from workflow.job import run
from workflow.shards import boxes_of, maps_of, shard_record


def maps(
    *,
    theory: Path,
    maps: Path,
    source: dict,
    split: dict,
    shard: str,
    field: dict,
    margin: int,
    name: list,
    boxes: list[Path] = (),
    transfers: Path | None = None,
) -> None:
    pixel_arcmin = nominal_pixel(field)
    shape = (field["pixels"] + 2 * margin,) * 2
    numbers, box = maps_of(split, shard), None
    spectra = Theory.load(theory)
    sights = sights_of(field, split, spectra.source_redshift, numbers, name)
    if source["kind"] == "nbody":
        box = boxes_of(split, numbers)
        files = dict(zip(dict.fromkeys(box), boxes, strict=True))
        kappa = nbody_maps(files, box, transfers, spectra, shape, sights, numbers, name)
    elif source["kind"] == "ktng":
        if margin:
            raise ValueError("κTNG maps end at 5 degrees: cutout_margin must be 0 with a ktng source")
        chosen = split["lens_planes"], field["pixels"], pixel_arcmin, spectra.source_redshift
        kappa, box = ktng_maps(source, *chosen, numbers, split["maps"])
    else:
        kappa = analytic_maps(source["kind"], spectra, shape, pixel_arcmin, numbers, name)
    record = shard_record(source, split, numbers, name) | {
        "simulated": True,
        "description": "kappaTNG (Osato et al. 2021)"
        if source["kind"] == "ktng"
        else f"stand-in for kappaTNG: {source['kind']}",
        "pixel_arcmin": pixel_arcmin,
        "margin": margin,
        "box": box or [0] * len(numbers),
    }
    record["redshift"] = spectra.source_redshift
    if is_ranged(field):
        record |= {"sight": sights, "sky": spectra.convergence_table(*field["redshift"])}
    hdf5.write(maps, record, images=kappa.astype(np.float32))


if __name__ == "__main__":
    run(snakemake, maps)
