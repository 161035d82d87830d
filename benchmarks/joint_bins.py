"""Are maps of redshift bins better where the bins are filtered together? RMSE of each bin, field by field; JSON.

PYTHONPATH=.:tests/shared python benchmarks/joint_bins.py THEORY.h5 TRANSFERS.h5 BOX.h5… [--fields N] [--density N,N,N]
    [--width W] [--planes] [--halo Z]

The files are those of the rules `source_theory`, `transfer` and `nbody_box`; boxes should have trained nothing. Each
field is one light cone, seen by the sources of each bin: n(z) is a Gaussian about `--redshifts`, `--width` (1 + z)
wide, cut off where the boxes end. Shear of a wider field is cut out, with holes and a depth that varies; all bins have
the same holes.

--halo Z adds a halo of NFW at this redshift to the middle of each field, and prints what it changes there in the maps
of each bin instead: mass behind the galaxies of a bin is none of its convergence.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

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
BARRED, BOUNDS = ("KAPPA", "KAPPA_JOINT"), (68, 90)  # maps that have error bars, and of which intervals
AGAINST = ("Wiener", "LoFi", "joint Wiener")
MASS, STAMP = 1e15, 33  # of a halo, solar masses; pixels that it covers
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


def halo_maps(lens: float, redshifts: list[float]) -> list[np.ndarray]:
    """Convergence (WIDER, WIDER) of a halo in the middle, for the sources of each bin; 0 where it is behind them."""
    from nfw_halo import Halo, pixel_means

    around = (WIDER + 1 - STAMP) // 2
    stamps = [
        pixel_means(Halo(MASS, lens=lens, source=z).convergence, STAMP, PIXEL, 8)
        if z > lens
        else np.zeros((STAMP, STAMP))
        for z in redshifts
    ]
    return [np.pad(stamp, ((around, WIDER - STAMP - around),) * 2) for stamp in stamps]


def cone(cones, transfer, redshifts, noise, name, added) -> Iterator[tuple[np.ndarray, BinnedShear]]:
    """Truth and binned shear of each bin of one field: the same light cone, other noise. `added` : to each truth."""
    start = (WIDER - SIDE) // 2
    inside = (slice(start, start + SIDE),) * 2
    for number, (planes, redshift, nominal) in enumerate(zip(cones, redshifts, noise, strict=True)):
        kappa = draw_map(planes, (WIDER, WIDER), PIXEL, stream(*name, "map"))
        kappa = transfer(kappa, PIXEL, redshift) + added[number]
        level = DEPTH.noise_map(nominal, (SIDE, SIDE), stream(*name, "depth"))
        mask = np.isfinite(level)
        gamma = shear_from_convergence(kappa)[inside] + complex_noise(level, stream(*name, "noise", number))
        wcs = tangent_wcs((180.0, 0.0), PIXEL, (SIDE, SIDE))
        yield kappa[inside], BinnedShear(np.where(mask, gamma, 0.0), level, mask, None, None, PIXEL, wcs)


def maps_of(bins, redshifts, correlations, model, record, bars) -> list[dict[str, dict]]:
    """The maps of each bin of a field, by what was told of the bins and by HDU name."""
    observed = np.stack([observed_field(each, record, redshift=z)[0] for each, z in zip(bins, redshifts, strict=True)])
    joint = {name: joint_views(observed, model.wiener.sky, each) for name, each in correlations.items()}
    found = []
    for number, (each, redshift) in enumerate(zip(bins, redshifts, strict=True)):
        known = {"redshift": redshift, "bars": bars, "quiet": True}
        made = {
            name: convergence_maps(each, model, record, joint=views[number], **known) for name, views in joint.items()
        }
        found.append({name: maps for name, (maps, _) in made.items()})
    return found


def errors(truths, bins, all_maps) -> tuple[dict[str, list], dict[str, list]]:
    """RMSE (bins,) of each method in one field; shares (bins, 2) of truths inside the intervals of each map."""
    found, held = defaultdict(list), defaultdict(list)
    for truth, each, maps in zip(truths, bins, all_maps, strict=True):
        centred = truth[each.mask] - truth[each.mask].mean()
        for name, (which, hdu) in _known(maps):
            found[name].append(np.sqrt(np.mean((maps[which][hdu][0][each.mask] - centred) ** 2)))
        for name in BARRED:
            held[name].append([_share(maps["bins"], name, bound, truth, each.mask) for bound in BOUNDS])
    return found, held


def _known(maps):
    """The methods whose maps were made."""
    return [(name, place) for name, place in METHODS.items() if place[0] in maps]


def _share(maps, name, bound, truth, mask):
    """Share of the pixels whose truth lies between the bounds of a map."""
    low, high = (maps[f"{name}_{end}{bound}"][0][mask] for end in ("LO", "HI"))
    centred = truth[mask] - truth[mask].mean()
    return np.mean((low <= centred) & (centred <= high))


def response(truths, all_maps, others, other_maps) -> dict[str, list]:
    """What maps (bins,) of a field with a halo have more in its middle than without, and the truth."""
    middle = (slice(SIDE // 2 - 1, SIDE // 2 + 2),) * 2
    found = {"truth": [np.mean((a - b)[middle]) for a, b in zip(truths, others, strict=True)]}
    for name, (which, hdu) in _known(all_maps[0]):
        pairs = zip(all_maps, other_maps, strict=True)
        found[name] = [np.nanmean((a[which][hdu][0] - b[which][hdu][0])[middle]) for a, b in pairs]
    return found


def compared(rmse: np.ndarray, other: np.ndarray) -> dict[str, list]:
    """RMSE (fields, bins) over that of another method, less 1, in per cent: mean, standard error, fields below 0."""
    change = 100 * (rmse / other - 1)
    return {
        "mean": change.mean(0).round(2).tolist(),
        "error": (change.std(0, ddof=1) / len(change) ** 0.5).round(2).tolist(),
        "better in": (change < 0).sum(0).tolist(),
    }


def _spread(values):
    """Mean ± standard error over fields of values (fields, bins), as text."""
    mean, error = values.mean(0), values.std(0, ddof=1) / len(values) ** 0.5
    return [f"{m:.1f} ± {e:.1f}" for m, e in zip(mean, error, strict=True)]


def _append(table, found):
    for key, values in found.items():
        table[key].append(values)


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
    parser.add_argument(
        "--halo", type=float, metavar="Z", help="redshift of a halo in each field; values are 10⁻⁴ of κ"
    )
    parser.add_argument("--planes", action="store_true", help="also filter as if each bin were a plane at its mean")
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
    correlations = {"bins": correlations_of(sky, sources)}
    if options.planes:
        correlations["planes"] = correlations_of(sky, [plane(each.mean) for each in sources])
    noise = [SIGMA_E / np.sqrt(density * PIXEL**2) for density in options.density]
    nothing = [0.0] * len(redshifts)
    haloes = nothing if options.halo is None else halo_maps(options.halo, redshifts)
    rmse, shares, responses = defaultdict(list), defaultdict(list), defaultdict(list)
    for path in options.boxes:
        planes = lens_planes(read_box(path), slab)
        cones = [before(planes, theory, each) for each in sources]
        for number in range(options.fields):
            print(f"{path}: field {number + 1} of {options.fields}", file=sys.stderr, flush=True)
            name = ("benchmark", "joint bins", path.rpartition("/")[2], number)
            truths, bins = zip(*cone(cones, transfer, redshifts, noise, name, haloes), strict=True)
            maps = maps_of(bins, redshifts, correlations, model, record, bars)
            for table, found in zip((rmse, shares), errors(truths, bins, maps), strict=True):
                _append(table, found)
            if options.halo is not None:
                others, bins = zip(*cone(cones, transfer, redshifts, noise, name, nothing), strict=True)
                without = maps_of(bins, redshifts, correlations, model, record, bars)
                _append(responses, response(truths, maps, others, without))
    if options.halo is not None:
        print(json.dumps({name: _spread(1e4 * np.array(values)) for name, values in responses.items()}, indent=1))
        return
    rmse = {name: np.array(values, dtype=float) for name, values in rmse.items()}
    table = {
        name: {"rmse": values.mean(0).round(5).tolist()}
        | {f"against {other}, %": compared(values, rmse[other]) for other in AGAINST if other != name}
        for name, values in rmse.items()
    }
    shown = correlations["bins"].matrices[np.abs(np.log(tables[1] / 1000)).argmin()]
    about = {"fields": len(rmse["LoFi"]), "redshifts": np.round(redshifts, 3).tolist(), "density": options.density}
    about |= {"correlations at l = 1000": shown.round(3).tolist()}
    for key, values in shares.items():
        each = 100 * np.moveaxis(np.array(values), 2, 0)
        about |= {f"inside {bound} % of {key}": _spread(each[i]) for i, bound in enumerate(BOUNDS)}
    print(json.dumps(about | {"methods": table}, indent=1))


if __name__ == "__main__":
    main()
