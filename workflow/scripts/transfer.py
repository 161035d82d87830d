"""The small-scale power that a particle mesh lacks, fitted on the boxes of the training split alone."""

import itertools
from pathlib import Path

import numpy as np

from lofi.data.sights import Sight, is_ranged, nominal_pixel
from lofi.io.atomic import replacing
from lofi.seeds import stream
from simulations.images.nbody.born import draw_map, lens_planes
from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import (
    fit_map_transfer,
    fit_map_transfers,
    fit_slab_transfer,
    write_transfers,
)
from simulations.theory import Theory
from workflow.job import run

SIZES, REDSHIFTS = 5, 4  # of a field with ranges


def transfer(
    *, theory: Path, boxes: list[Path], transfers: Path, field: dict, margin: int, maps: int, name: list
) -> None:
    """`maps`: how many of a pixel size the second transfer function is fitted on, evenly of all boxes and redshifts."""
    spectra = Theory.load(theory)
    shape = (field["pixels"] + 2 * margin,) * 2
    slab = fit_slab_transfer([read_box(path, planes=False) for path in boxes], spectra)
    sights = _nodes(field, spectra.source_redshift)
    each = -(-maps // (len(boxes) * len({sight.redshift for sight in sights})))
    drawn = {sight: [] for sight in sights}
    for index, path in enumerate(boxes):
        planes = lens_planes(read_box(path), slab)
        for sight in sights:
            seen = planes.towards(float(spectra.comoving_distance(sight.redshift)))
            for number in range(each):
                rng = stream(*name, "transfer", index, number)
                drawn[sight].append(draw_map(seen, shape, sight.pixel_arcmin, rng))
    samples = {sight: np.stack(images) for sight, images in drawn.items()}
    if is_ranged(field):
        fitted = fit_map_transfers(samples, spectra)
    else:
        fitted = fit_map_transfer(samples[sights[0]], sights[0].pixel_arcmin, spectra)
    with replacing(transfers) as path:
        write_transfers(path, slab, fitted)


def _nodes(field, redshift):
    """The sights whose maps are compared with theory; between them the transfer function is interpolated."""
    if not is_ranged(field):
        return [Sight(nominal_pixel(field), redshift)]
    sizes, redshifts = np.geomspace(*field["pixel_arcmin"], SIZES), np.linspace(*field["redshift"], REDSHIFTS)
    return [Sight(float(size), float(z)) for size, z in itertools.product(sizes, redshifts)]


if __name__ == "__main__":
    run(snakemake, transfer)
