"""FITS files of the test maps: reconstructions, Kaiser–Squires maps, noise, mask and truth."""

import json
import shutil
from pathlib import Path

from lofi.io import stack
from lofi.lensing.products import field_maps, write_field
from lofi.lensing.tangent_plane import tangent_wcs
from workflow.job import run

CENTRE = (180.0, 0.0)  # invented: a simulated field lies nowhere


def export(
    *, data: list[Path], reconstructions: list[Path], record: Path, folder: Path, model: str, split: str
) -> None:
    """`reconstructions`: HDF5 files; `model` becomes KAPPA, the Wiener filter's map goes beside it."""
    model_record = json.loads(record.read_text(encoding="utf-8"))
    sky, observed, truth = stack.read(data, "observed", "truth")
    parts = stack.by_folder(reconstructions)
    kappa, wiener = (stack.read(parts[name], split)[1][:, 0] if name in parts else None for name in (model, "wiener"))
    wcs = tangent_wcs(CENTRE, sky["pixel_arcmin"], truth.shape[-2:])
    partial = Path(f"{folder}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for index in range(len(truth)):
        filtered = None if wiener is None else wiener[index]
        maps = field_maps(observed[index], kappa[index], filtered, truth[index, 0])
        source = [
            f"sky: {sky['description']}, split {split}, map {index}, seed {'/'.join(map(str, sky['seed']))}",
            f"observation: {sky['observation']}",
        ]
        path = partial / f"map_{index:04d}.fits"
        write_field(path, maps, wcs, sky["pixel_arcmin"], model_record, simulated=True, source=source)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


if __name__ == "__main__":
    run(snakemake, export)
