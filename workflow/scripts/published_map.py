"""Map a published sky of κTNG as COSMOS would see it, and score it."""

from pathlib import Path

import pandas as pd

from lofi.device import choose
from lofi.io.atomic import replacing
from lofi.lensing.mapping import load_lensing_model, map_shear
from lofi.seeds import stream
from workflow.cosmos_case import observe, scores_of
from workflow.job import run


def published_map(
    *,
    kappa: Path,
    noise_1: Path,
    noise_2: Path,
    mask: Path,
    weights: Path,
    scores: Path,
    draw: int,
    seed: str,
    threads: int,
) -> None:
    """`draw`: number of the draw of the noise. Writes a row for the network and one for its Wiener filter."""
    choose("cpu", threads)
    binned, truth = observe(kappa, noise_1, noise_2, mask, stream(seed, "scoreboard", "cosmos", draw))
    maps, _ = map_shear(binned, *load_lensing_model(weights.parent), periodic=True)
    network, wiener = (scores_of(maps[name][0], truth, binned.mask) for name in ("KAPPA", "KAPPA_WIENER"))
    network["gain"] = 100 * (1 - network["rmse"] / wiener["rmse"])
    rows = [{"case": "cosmos", "draw": draw} | network, {"case": "cosmos.wiener", "draw": draw} | wiener]
    with replacing(scores) as path:
        pd.DataFrame(rows).to_csv(path, index=False)


if __name__ == "__main__":
    run(snakemake, published_map)
