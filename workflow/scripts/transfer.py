"""The small-scale power that a particle mesh lacks, fitted on the boxes of the training split alone."""

from pathlib import Path

import numpy as np

from lofi.io.atomic import replacing
from lofi.seeds import stream
from simulations.images.nbody.born import draw_map, lens_planes
from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import fit_map_transfer, fit_slab_transfer, write_transfers
from simulations.theory import Theory
from workflow.job import run


def transfer(
    *, theory: Path, boxes: list[Path], transfers: Path, field: dict, margin: int, maps: int, name: list
) -> None:
    """`maps`: how many maps the second transfer function is fitted on, spread evenly over the boxes."""
    spectra = Theory.load(theory)
    pixel_arcmin = field["extent_arcmin"] / field["pixels"]
    shape = (field["pixels"] + 2 * margin,) * 2
    slab = fit_slab_transfer([read_box(path, planes=False) for path in boxes], spectra)
    drawn = []
    for index, path in enumerate(boxes):
        planes = lens_planes(read_box(path), slab)
        for number in range(-(-maps // len(boxes))):
            rng = stream(*name, "transfer", index, number)
            drawn.append(draw_map(planes, shape, pixel_arcmin, rng))
    with replacing(transfers) as path:
        write_transfers(path, slab, fit_map_transfer(np.stack(drawn), pixel_arcmin, spectra))


if __name__ == "__main__":
    run(snakemake, transfer)
