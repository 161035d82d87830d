"""Image a Measurement Set with WSClean."""

import shlex
import shutil
from pathlib import Path

from workflow.imagers import KINDS, image_with
from workflow.job import run

ITERATIONS = 1_000_000  # thresholds end the cleaning before


def wsclean_image(
    *, visibilities: Path, image: Path, model: Path, residual: Path, cost: Path, options: dict, threshold: str
) -> None:
    """`options`: the comparison's entry of the configuration. `threshold`: of `-auto-threshold`."""
    if shutil.which("wsclean") is None:
        raise ValueError("the command wsclean is missing; install WSClean (Debian, Ubuntu: apt-get install wsclean)")
    pixels = str(options["pixels"])
    image_with(
        [
            *["wsclean", "-j", "1", "-no-update-model-required", "-quiet", "-name", "PREFIX", "-size", pixels, pixels],
            *["-scale", f"{options['cell_arcsec']}asec", "-niter", str(ITERATIONS), "-auto-threshold", threshold],
            *shlex.split(options["wsclean"]),
            "VISIBILITIES",
        ],
        visibilities,
        dict(zip(KINDS, (image, model, residual), strict=True)),
        cost,
    )


if __name__ == "__main__":
    run(snakemake, wsclean_image)
