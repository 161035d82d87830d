"""Image a Measurement Set with `lofi image`."""

import shlex
import sys
from pathlib import Path

from workflow.imagers import KINDS, image_with
from workflow.job import run


def lofi_image(
    *, visibilities: Path, weights: Path, image: Path, model: Path, residual: Path, cost: Path, options: dict
) -> None:
    """`options`: the comparison's entry of the configuration. `weights`: of the denoiser's checkpoint."""
    image_with(
        [
            *[sys.executable, "-m", "lofi.cli", "image", "VISIBILITIES", "--output", "PREFIX", "--simulated"],
            *["--prior", str(weights.parent), "--size", str(options["pixels"])],
            *["--cell", str(options["cell_arcsec"]), *shlex.split(options.get("lofi", ""))],
        ],
        visibilities,
        dict(zip(KINDS, (image, model, residual), strict=True)),
        cost,
    )


if __name__ == "__main__":
    run(snakemake, lofi_image)
