"""A user's shear on the sphere, a HEALPix map or a catalogue, mapped with a trained local field and written."""

import sys

import numpy as np
import torch
from astropy.io import fits

from lofi.drawing.labels import label
from lofi.drawing.sphere import draw_maps
from lofi.drawing.style import style
from lofi.io import healpix
from lofi.io.atomic import replacing
from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.mapping import depth_notes
from lofi.lensing.observing import is_healpix, refuse
from lofi.sphere.channels import channels, spectrum_of
from lofi.sphere.eb_diagnostics import SMOOTHING, eb_check
from lofi.sphere.filters import wiener
from lofi.sphere.harmonics import Harmonics, check_nside
from lofi.sphere.mapping import base_map, check_fit, corrections, linear_estimates, load_sphere_model, tiling_of
from lofi.sphere.pixels import CHANNELS
from lofi.sphere.shear_map import bin_shear, read_shear, shear_columns

TILE_SIDE = 128  # pixels, about: the result does not depend on it, memory does
PLANE_ONLY = ("pixel_arcmin", "centre", "shape", "x_axis", "rebin", "int8")
MAP_ONLY = ("convention", "ordering", "sigma_e")
CATALOGUE_OPTIONS = ("responsivity", "max_ellipticity", "drop_invalid", "e1_sign", "e2_sign")
CATALOGUE_ONLY = ("columns", "nside", *CATALOGUE_OPTIONS)


def map_sphere(shear, options, *, checkpoint, output, figure=None):
    """Read `shear`, map it with the model of `checkpoint`, write a HEALPix table and a figure.

    The table has KAPPA (the local field), KAPPA_WIENER, KAPPA_SMOOTHED, KAPPA_KS_E and KAPPA_KS_B, and the shear as
    read; keys of `options` as the options of `lofi map`.
    """
    refuse(shear, "on the sphere", options, PLANE_ONLY)
    model, record = load_sphere_model(checkpoint)
    if "nside" in options:
        check_fit(record, check_nside(options["nside"], "--nside"), checkpoint)
    made = _read(shear, options)
    check_fit(record, made.nside, checkpoint)
    harmonics = Harmonics(made.nside, threads=torch.get_num_threads())
    power = spectrum_of(record["data"]["spectrum"], harmonics.lmax)
    best = wiener(harmonics, made.gamma, made.noise_std, power)
    alms, b_mode = channels(harmonics, made.gamma, made.noise_std, best, record["noise_std"])
    spread = np.exp(record.get("observation", {}).get("depth_variation", 0.0))
    level, nominal = float(np.median(made.noise_std[made.seen])), record["noise_std"]
    notes = depth_notes(level, nominal / spread, nominal * spread)
    notes += eb_check(harmonics, alms[CHANNELS.index("kappa_e")], b_mode, made).notes(f"{SMOOTHING:g} pixels")
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    linear = linear_estimates(harmonics, alms, b_mode)
    others = {name: harmonics.synthesis(alm)[0] for name, alm in linear.items()}
    kappa = base_map(model, others["KAPPA_WIENER"])
    tiling = tiling_of(model, record, made.nside, max(4, made.nside // TILE_SIDE))
    for pixels, values in corrections(model, harmonics, alms, tiling, made.seen, range(len(tiling))):
        kappa[pixels] += values
    maps = {"KAPPA": kappa, **others}
    read, cards = shear_columns(made)
    columns = {name: (values, "") for name, values in maps.items()} | read
    name = record["model"]["class"]
    history = [f"shear: {shear.name}", f"KAPPA: {name}, trained on {record['data']['description']}"]
    history += [f"seed of the training: {'/'.join(map(str, record['seed']))}", *notes]
    healpix.write(output, columns, made.seen, simulated=_simulated(shear, options), history=history, cards=cards)
    if figure is not None:
        titles = {"KAPPA": label(name), "KAPPA_WIENER": "Wiener", "KAPPA_SMOOTHED": "KS, smoothed"}
        titles["KAPPA_KS_E"] = "Kaiser–Squires"
        with replacing(figure) as path:
            drawn = {title: maps[column] for column, title in titles.items()}
            draw_maps(path, figure.suffix[1:], drawn, made.seen, made.nside, style())


def _read(shear, options):
    if is_healpix(shear):
        refuse(shear, "a HEALPix map", options, CATALOGUE_ONLY)
        return read_shear(shear, **{key: options[key] for key in MAP_ONLY if key in options})
    refuse(shear, "a catalogue", options, MAP_ONLY)
    columns = options.get("columns", {name: name for name in ("ra", "dec", "e1", "e2")})
    chosen = {key: options[key] for key in CATALOGUE_OPTIONS if key in options}
    return bin_shear(read_catalogue(shear, columns, **chosen), options["nside"])


def _simulated(shear, options):
    if options.get("simulated") or not is_healpix(shear):
        return bool(options.get("simulated"))
    with fits.open(shear) as hdus:
        return any(hdu.header.get("SIMULATD", False) for hdu in hdus)
