"""FITS files of the test maps: reconstructions, Kaiser–Squires maps, noise, mask and truth."""

import shutil
from pathlib import Path

import numpy as np

from lofi.io import stack
from lofi.io.fits import write_maps
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from workflow.job import job

CENTRE = (180.0, 0.0)  # invented: a simulated field lies nowhere
HDUS = {"wiener": "KAPPA_WIENER", "gaussian": "KAPPA_SMOOTHED"}


def export(*, data, reconstructions, folder, model, split):
    """`reconstructions`: {model name: HDF5 files}; `model` becomes KAPPA, Wiener and smoothed maps go beside it."""
    record, observed, truth = stack.read(data, "observed", "truth")
    kappa_e, kappa_b, noise = (observed[:, record["channels"].index(n)] for n in ("kappa_e", "kappa_b", "noise_std"))
    images = {"KAPPA": stack.read(reconstructions[model], split)[1][:, 0]}
    images |= {
        hdu: stack.read(reconstructions[name], split)[1][:, 0] for name, hdu in HDUS.items() if name in reconstructions
    }
    images |= {"KAPPA_KS_E": kappa_e, "KAPPA_KS_B": kappa_b, "NOISE_STD": noise, "TRUTH": truth[:, 0]}
    header = wcs_header(tangent_wcs(CENTRE, record["pixel_arcmin"], truth.shape[-2:]))
    folder, partial = Path(folder), Path(f"{folder}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for index in range(len(truth)):
        mask = np.isfinite(noise[index])
        maps = {name: (np.where(mask, values[index], np.nan), "") for name, values in images.items()}
        history = [
            f"sky: {record['description']}, split {split}, map {index}, seed {'/'.join(map(str, record['seed']))}",
            f"observation: {record['observation']}",
            f"KAPPA: model {model}",
        ]
        cards = {"PIXARCM": (record["pixel_arcmin"], "[arcmin] side of a pixel")}
        maps["MASK"] = (mask, "")
        write_maps(partial / f"map_{index:04d}.fits", maps, header, simulated=True, history=history, cards=cards)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


with job(snakemake):
    export(
        data=snakemake.input.data,
        reconstructions=stack.by_folder(snakemake.input.reconstructions),
        folder=snakemake.output[0],
        model=snakemake.params.export["model"],
        split=snakemake.params.export["split"],
    )
