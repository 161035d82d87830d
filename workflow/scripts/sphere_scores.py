"""Errors and spectra of all maps of a sky."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.sphere import METHODS
from lofi.io import healpix
from lofi.io.atomic import replacing
from lofi.sphere.harmonics import Harmonics
from simulations.sphere.scores import errors, far_from_edges, spectra_of
from workflow.job import run


def sphere_scores(*, maps: Path, scores: Path, spectra: Path, threads: int) -> None:
    columns, seen, nside = healpix.read(maps)
    harmonics, truth = Harmonics(nside, threads=threads), columns["TRUTH"]
    far = far_from_edges(harmonics, seen)
    regions = {"all": seen, "far from edges": far, "near edges": seen & ~far}
    rows = [
        {"model": name, "region": region, "pixels": np.count_nonzero(pixels), **errors(columns[column], truth, pixels)}
        for column, name in METHODS.items()
        for region, pixels in regions.items()
        if pixels.any()
    ]
    with replacing(scores) as path:
        pd.DataFrame(rows).to_csv(path, index=False)
    named = {name: columns[column] for column, name in METHODS.items()}
    with replacing(spectra) as path:
        pd.DataFrame(spectra_of(harmonics, named, truth, seen)).to_csv(path, index=False)


if __name__ == "__main__":
    run(snakemake, sphere_scores)
