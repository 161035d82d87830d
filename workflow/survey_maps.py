"""Convergence maps for the training of one survey's network: the rules of the N-body skies, one after the other."""

from pathlib import Path

from tqdm import tqdm

from lofi.io import hdf5
from workflow.configuration import load
from workflow.scripts.maps import maps
from workflow.scripts.nbody_box import nbody_box
from workflow.scripts.theory import theory
from workflow.scripts.transfer import transfer

CONFIG = Path(__file__).parents[1] / "config/config.yaml"
BOXES = {"training": range(8), "validation": range(8, 9)}  # as in config/experiments/mass.yaml
FITTED = 160  # maps of the transfer function, as in workflow/rules/skies.smk


def survey_maps(folder, *, field, redshift, counts, name):
    """Maps of N-body boxes with the cosmology of the configuration.

    folder : where steps are kept until all is there, so that they are not repeated; removed by the caller. field : as
    of an experiment. redshift : of the sources. counts : {training: maps, validation: maps}. name : of random streams.

    Returns a record and the maps (N, H, W) of both.
    """
    config, folder = load(CONFIG), Path(folder)
    source = config["sources"]["nbody"]
    spectra, transfers = folder / "theory.h5", folder / "transfers.h5"
    boxes = {number: folder / f"box{number}.h5" for part in BOXES.values() for number in part}
    chosen = {part: [boxes[number] for number in numbers] for part, numbers in BOXES.items()}
    steps = [(spectra, lambda: theory(spectra=spectra, cosmology=config["cosmology"], source_redshift=redshift))]
    for number, path in boxes.items():
        options = {"settings": source["box"], "name": [*name, "box", str(number)]}
        steps.append((path, lambda path=path, options=options: nbody_box(theory=spectra, planes=path, **options)))
    fit = {"boxes": chosen["training"], "field": field, "margin": 0, "maps": FITTED, "name": list(name)}
    steps.append((transfers, lambda: transfer(theory=spectra, transfers=transfers, **fit)))
    for part, numbers in BOXES.items():
        split = {"source": "nbody", "boxes": list(numbers), "maps": counts[part]}
        options = {"source": source, "split": split, "shard": "0", "field": field, "margin": 0}
        options |= {"name": [*name, part], "boxes": chosen[part], "transfers": transfers}
        path = folder / f"{part}.h5"
        steps.append((path, lambda path=path, options=options: maps(theory=spectra, maps=path, **options)))
    for path, make in tqdm(steps, desc="simulations", unit="step"):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            make()
    record, training = hdf5.read(folder / "training.h5", "images")
    kept = ("source", "split", "seed", "simulated", "description", "pixel_arcmin", "margin", "redshift")
    return {key: record[key] for key in kept}, training, hdf5.read(folder / "validation.h5", "images")[1]
