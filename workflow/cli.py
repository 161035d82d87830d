"""The command `lofi`: a shear catalogue or map in, a FITS file of convergence maps out."""

import argparse
import math
from pathlib import Path

from workflow.job import one_sentence


def main(arguments=None):
    options = _parser().parse_args(arguments)
    with one_sentence():
        options.run(options)


def _parser():
    parser = argparse.ArgumentParser(prog="lofi", description="Dark-matter maps with local neural fields.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser(
        "map",
        help="map the dark matter of a survey from its shear",
        description="A shear catalogue (FITS table, CSV, npz) or a binned shear map (FITS images GAMMA1, GAMMA2, "
        "NOISE_STD) in; one FITS file with LoFi, Wiener, smoothed and Kaiser–Squires E and B maps, noise and mask out.",
    ).add_argument
    add("shear", type=Path, help="catalogue or shear map")
    add("--checkpoint", type=Path, required=True, help="folder of a trained model, e.g. results/models/mass/lofi")
    add("--output", type=Path, required=True, help="FITS file to write")
    add("--figure", type=Path, help="picture of the maps to write (.png or .pdf)")
    add(
        "--columns",
        default="ra=ra,dec=dec,e1=e1,e2=e2",
        help="catalogue columns, KEY=NAME,… of ra, dec, e1, e2, weight",
    )
    add("--e1-sign", type=int, choices=(1, -1), default=1)
    add("--e2-sign", type=int, choices=(1, -1), help="-1 if e2 was measured against (East, North) axes; default 1")
    add("--responsivity", type=float, default=1.0, help="ellipticities are divided by this")
    add("--max-ellipticity", type=float, default=1.0, help="larger moduli are refused")
    add("--drop-invalid", action="store_true", help="drop rows with NaN instead of refusing the catalogue")
    add("--pixel-arcmin", type=float, help="pixel size; default: the model's own")
    add("--centre", type=_numbers(float), metavar="RA,DEC", help="centre of the field in degrees; default: the data's")
    add("--shape", type=_numbers(int), metavar="H,W", help="pixels of the field; default: all data")
    add("--sigma-e", type=float, help="shear maps with COUNT but no NOISE_STD: ellipticity dispersion per component")
    add("--x-axis", choices=("west", "east"), help="shear maps without WCS: where columns run")
    add("--rebin", type=int, default=1, help="shear maps: average blocks of this many pixels")
    parser.set_defaults(run=_map)
    return parser


def _numbers(kind):
    def parse(text):
        values = [kind(part) for part in text.split(",")]
        if len(values) != 2 or not all(math.isfinite(value) for value in values):
            raise ValueError
        return values

    parse.__name__ = f"pair of {kind.__name__} values"
    return parse


def _columns(text):
    pairs = [part.partition("=") for part in text.split(",")]
    columns = {key.strip(): name.strip() for key, _, name in pairs}
    unknown = sorted(set(columns) - {"ra", "dec", "e1", "e2", "weight"})
    if unknown or not all(columns.values()):
        raise ValueError(f"--columns is {text!r}; expected ra=NAME,dec=NAME,e1=NAME,e2=NAME and perhaps weight=NAME")
    return columns


def _map(options):
    from workflow.observing import map_observation

    names = (
        "e1_sign",
        "e2_sign",
        "responsivity",
        "max_ellipticity",
        "drop_invalid",
        "sigma_e",
        "pixel_arcmin",
        "centre",
    )
    chosen = {name: getattr(options, name) for name in (*names, "shape", "x_axis", "rebin")}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    map_observation(
        options.shear,
        {"columns": _columns(options.columns), **chosen},
        checkpoint=options.checkpoint,
        output=options.output,
        figure=options.figure,
    )


if __name__ == "__main__":
    main()
