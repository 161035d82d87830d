"""Are maps of redshift bins better where the bins are filtered together? RMSE of each bin, field by field; JSON.

PYTHONPATH=. python benchmarks/joint_bins.py THEORY.h5 TRANSFERS.h5 BOX.h5… [--fields N] [--density N,N,N] [--width W]

The files are those of the rules `source_theory`, `transfer` and `nbody_box`; boxes should have trained nothing. Each
field is one light cone, seen by the sources of each bin: n(z) is a Gaussian about `--redshifts`, `--width` (1 + z)
wide, cut off where the boxes end. Shear of a wider field is cut out, with holes and a depth that varies; all bins have
the same holes.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from lofi.data.depth import Depth
from lofi.data.noise import complex_noise
from lofi.lensing.bin_correlations import plane
from lofi.lensing.error_files import load_errors
from lofi.lensing.joint_bins import correlations_of, joint_views
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.mapping import convergence_maps, load_lensing_model, observed_field
from lofi.lensing.redshift_distribution import Distribution, plane_power
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tangent_plane import tangent_wcs
from lofi.priors.shipped import find
from lofi.seeds import stream
from simulations.images.nbody.born import LensPlanes, draw_map, lens_planes
from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import read_transfers
from simulations.theory import Theory

PIXEL, SIDE, WIDER = 2.34375, 128, 192  # arcmin; pixels of a field, and of the map that its shear is cut from
SIGMA_E = 0.37  # per component
DEPTH = Depth(nominal_fraction=0.0, gradient=0.2, holes=(10, 10), hole_radius=(1.0, 4.0))
BARRED = ("KAPPA", "KAPPA_JOINT")  # maps that have error bars
AGAINST = ("Wiener", "LoFi", "joint Wiener")
NEAREST = 0.1  # redshift of the nearest sources
METHODS = {  # name: (maps of the command, HDU)
    "Wiener": ("bins", "KAPPA_WIENER"),
    "LoFi": ("bins", "KAPPA"),
    "joint Wiener": ("bins", "KAPPA_WIENER_JOINT"),
    "joint LoFi": ("bins", "KAPPA_JOINT"),
    "joint Wiener, bins taken for planes": ("planes", "KAPPA_WIENER_JOINT"),
    "joint LoFi, bins taken for planes": ("planes", "KAPPA_JOINT"),
}


def sources_of(redshift: float, width: float, farthest: float) -> Distribution:
    """n(z) of a bin."""
    if width == 0:
        return plane(redshift)
    z = np.linspace(NEAREST, farthest, 281)
    return Distribution(f"{redshift:g}", z, np.exp(-0.5 * ((z - redshift) / (width * (1 + redshift))) ** 2))


def before(planes: LensPlanes, theory: Theory, sources: Distribution) -> LensPlanes:
    """Lens planes with the mean of their weights for the sources of a bin."""
    z, share = sources.nodes()
    distances = theory.comoving_distance(np.minimum(z, theory.source_redshift))
    weights = sum(part * planes.towards(float(chi)).weights for chi, part in zip(distances, share, strict=True))
    return replace(planes, weights=weights)


def cone(cones, transfer, redshifts, noise, name) -> Iterator[tuple[np.ndarray, BinnedShear]]:
    """Truth and binned shear of each bin of one field: the same light cone, other noise."""
    start = (WIDER - SIDE) // 2
    inside = (slice(start, start + SIDE),) * 2
    for number, (planes, redshift, nominal) in enumerate(zip(cones, redshifts, noise, strict=True)):
        kappa = draw_map(planes, (WIDER, WIDER), PIXEL, stream(*name, "map"))
        kappa = transfer(kappa, PIXEL, redshift)
        level = DEPTH.noise_map(nominal, (SIDE, SIDE), stream(*name, "depth"))
        mask = np.isfinite(level)
        gamma = shear_from_convergence(kappa)[inside] + complex_noise(level, stream(*name, "noise", number))
        wcs = tangent_wcs((180.0, 0.0), PIXEL, (SIDE, SIDE))
        yield kappa[inside], BinnedShear(np.where(mask, gamma, 0.0), level, mask, None, None, PIXEL, wcs)


def errors(truths, bins, redshifts, correlations, model, record, bars) -> tuple[dict[str, list], dict[str, list]]:
    """RMSE (bins,) of each method in one field; shares (bins, 2) of truths inside the intervals of each map."""
    observed = np.stack([observed_field(each, record, redshift=z)[0] for each, z in zip(bins, redshifts, strict=True)])
    joint = {name: joint_views(observed, model.wiener.sky, each) for name, each in correlations.items()}
    found, held = {name: [] for name in METHODS}, {name: [] for name in BARRED}
    for number, (truth, each, redshift) in enumerate(zip(truths, bins, redshifts, strict=True)):
        maps = {
            name: convergence_maps(each, model, record, redshift=redshift, bars=bars, joint=views[number], quiet=True)[
                0
            ]
            for name, views in joint.items()
        }
        centred = truth[each.mask] - truth[each.mask].mean()
        for name, (which, hdu) in METHODS.items():
            found[name].append(np.sqrt(np.mean((maps[which][hdu][0][each.mask] - centred) ** 2)))
        for name in BARRED:
            held[name].append([_share(maps["bins"], name, bound, truth, each.mask) for bound in (68, 90)])
    return found, held


def _share(maps, name, bound, truth, mask):
    """Share of the pixels whose truth lies between the bounds of a map."""
    low, high = (maps[f"{name}_{end}{bound}"][0][mask] for end in ("LO", "HI"))
    centred = truth[mask] - truth[mask].mean()
    return np.mean((low <= centred) & (centred <= high))


def compared(rmse: np.ndarray, other: np.ndarray) -> dict[str, list]:
    """RMSE (fields, bins) over that of another method, less 1, in per cent: mean, standard error, fields below 0."""
    change = 100 * (rmse / other - 1)
    return {
        "mean": change.mean(0).round(2).tolist(),
        "error": (change.std(0, ddof=1) / len(change) ** 0.5).round(2).tolist(),
        "better in": (change < 0).sum(0).tolist(),
    }


def _percent(shares):
    """Mean and standard error over fields of shares (fields, bins, 2): one row for each bin."""
    mean, error = 100 * shares.mean(0), 100 * shares.std(0, ddof=1) / len(shares) ** 0.5
    return [[f"{m:.1f} ± {e:.1f}" for m, e in zip(*row, strict=True)] for row in zip(mean, error, strict=True)]


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("theory")
    parser.add_argument("transfers")
    parser.add_argument("boxes", nargs="+")
    parser.add_argument("--prior")
    parser.add_argument("--fields", type=int, default=12, help="of each box")
    parser.add_argument("--redshifts", type=numbers, default=[0.5, 0.9, 1.3])
    parser.add_argument("--density", type=numbers, default=[10.0, 10.0, 10.0], help="galaxies per square arcmin")
    parser.add_argument("--width", type=float, default=0.05, help="of n(z), in units of 1 + z; 0: planes")
    options = parser.parse_args()
    theory, (slab, transfer) = Theory.load(options.theory), read_transfers(options.transfers)
    folder = find(options.prior, "lensing")
    model, record = load_lensing_model(folder)
    bars, _ = load_errors(folder, record)
    sky = model.wiener.sky
    tables = [table.double().numpy() for table in (sky.redshifts, sky.multipoles, sky.power)]
    sources = [sources_of(z, options.width, theory.source_redshift) for z in options.redshifts]
    redshifts = [plane_power(*tables).effective_redshift(each) for each in sources]
    correlations = {
        "bins": correlations_of(sky, sources),
        "planes": correlations_of(sky, [plane(each.mean) for each in sources]),
    }
    noise = [SIGMA_E / np.sqrt(density * PIXEL**2) for density in options.density]
    rmse, shares = ({name: [] for name in names} for names in (METHODS, BARRED))
    for path in options.boxes:
        planes = lens_planes(read_box(path), slab)
        cones = [before(planes, theory, each) for each in sources]
        for number in range(options.fields):
            print(f"{path}: field {number + 1} of {options.fields}", file=sys.stderr, flush=True)
            name = ("benchmark", "joint bins", path.rpartition("/")[2], number)
            truths, bins = zip(*cone(cones, transfer, redshifts, noise, name), strict=True)
            with torch.no_grad():
                found, held = errors(truths, bins, redshifts, correlations, model, record, bars)
            for table, each in ((rmse, found), (shares, held)):
                for key, values in each.items():
                    table[key].append(values)
    rmse = {name: np.array(values, dtype=float) for name, values in rmse.items()}
    table = {
        name: {"rmse": values.mean(0).round(5).tolist()}
        | {f"against {other}, %": compared(values, rmse[other]) for other in AGAINST if other != name}
        for name, values in rmse.items()
    }
    shown = correlations["bins"].matrices[np.abs(np.log(tables[1] / 1000)).argmin()]
    about = {"fields": len(rmse["LoFi"]), "redshifts": np.round(redshifts, 3).tolist(), "density": options.density}
    about |= {"correlations at l = 1000": shown.round(3).tolist()}
    about |= {f"inside 68 and 90 % of {key}": _percent(np.array(values)) for key, values in shares.items()}
    print(json.dumps(about | {"methods": table}, indent=1))


if __name__ == "__main__":
    main()
