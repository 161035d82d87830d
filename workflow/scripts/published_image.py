"""Image a published sky through published baselines, and score it."""

from pathlib import Path

import pandas as pd

from lofi.device import choose
from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.models.precision import with_precision
from lofi.radio.coverage import read_coverage
from lofi.seeds import seed as seed_of
from workflow.job import run
from workflow.radio_case import RadioCase, read_sky, score


def published_image(
    *,
    sky_file: Path,
    coverage_file: Path,
    weights: Path,
    scores: Path,
    sky: str,
    coverage: str,
    draw: int,
    snr_db: float,
    precision: str,
    seed: str,
    threads: int,
) -> None:
    """`draw`: number of the draw of the noise. Writes one row. Runs on the processor."""
    choose("cpu", threads)
    name = (seed, "scoreboard", sky, coverage, draw)
    case = RadioCase(read_sky(sky_file), *read_coverage(coverage_file), snr_db, name)
    denoiser, _ = with_precision(load_denoiser(weights.parent)[0], precision)
    row = {"case": f"{sky}.{coverage}", "draw": draw} | score(case, denoiser, seed_of(*name) % 2**32)
    with replacing(scores) as path:
        pd.DataFrame([row]).to_csv(path, index=False)


if __name__ == "__main__":
    run(snakemake, published_image)
