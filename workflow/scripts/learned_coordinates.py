"""The change of coordinates that a model has learned, and how far it is from that of the observation."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io import checkpoint, hdf5
from lofi.io.atomic import replacing
from simulations.tasks import observation_of
from workflow.job import run


def learned_coordinates(*, weights: Path, experiment: dict, name: str, model: str, maps: Path, errors: Path) -> None:
    """`maps`: (H, W, 2) of (x, y) in pixels, `learned` and `true`, and (H, W) of what is `visible`. `errors`: one row,
    distances in pixels over visible ones; `identity_rms` is that of x itself, where the training starts.
    """
    reconstructor, about = checkpoint.load(weights.parent)
    shape = (experiment["field"]["pixels"],) * 2
    observation = observation_of(experiment)
    learned = reconstructor.moved(shape).reshape(*shape, 2).numpy()
    true, visible = observation.places(shape), observation.visible(shape)
    centres = np.stack(np.indices(shape)[::-1], axis=-1)
    distance, start = (np.linalg.norm(places - true, axis=-1)[visible] for places in (learned, centres))
    row = {
        "experiment": name,
        "model": model,
        "rms": np.sqrt(np.mean(distance**2)),
        "median": np.median(distance),
        "largest": distance.max(),
        "identity_rms": np.sqrt(np.mean(start**2)),
        "pixels": int(visible.sum()),
    }
    record = {"model": about["model"], "observation": about["observation"]}
    hdf5.write(maps, record, learned=learned, true=true, visible=visible)
    with replacing(errors) as temporary:
        pd.DataFrame([row]).to_csv(temporary, index=False)


if __name__ == "__main__":
    run(snakemake, learned_coordinates)
