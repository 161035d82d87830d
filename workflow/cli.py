"""The command `lofi`: a shear catalogue or map in, a FITS file of convergence maps out."""

import argparse
import math
from pathlib import Path

from workflow.job import one_sentence

DESCRIPTION = (
    "A shear catalogue (FITS table, CSV, npz) or a binned shear map (FITS images GAMMA1, GAMMA2, NOISE_STD) in; one "
    "FITS file with LoFi, Wiener, smoothed and Kaiser–Squires E and B maps, noise and mask out."
)


def main(arguments=None):
    options = _parser().parse_args(arguments)
    with one_sentence():
        options.run(options)


def _parser():
    parser = argparse.ArgumentParser(prog="lofi", description="Dark-matter maps with local neural fields.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("map", help="map the dark matter of a survey", description=DESCRIPTION)
    command.set_defaults(run=_map)
    add = command.add_argument
    add("shear", type=Path, help="catalogue or shear map")
    add("--checkpoint", type=Path, required=True, help="folder of a trained model, e.g. results/models/mass/lofi")
    add("--output", type=Path, required=True, help="FITS file to write")
    add("--figure", type=Path, help="picture of the maps to write (.png, .pdf or .svg)")
    add("--simulated", action="store_true", default=None, help="say in the output that the sky is simulated")
    add("--e1-sign", type=int, choices=(1, -1), help="sign that brings e1 to the (West, North) frame; default 1")
    add("--e2-sign", type=int, choices=(1, -1), help="-1 if e2 was measured against (East, North) axes; default 1")
    add("--pixel-arcmin", type=float, help="pixel size; default: the model's own, or the shear map's")
    add("--centre", type=_pair(float), metavar="RA,DEC", help="centre of the field in degrees; default: the data's")
    add = command.add_argument_group("catalogues").add_argument
    add("--columns", help="KEY=NAME,… of ra, dec, e1, e2 and weight; default ra=ra,dec=dec,e1=e1,e2=e2")
    add("--shape", type=_pair(int), metavar="H,W", help="pixels of the field; default: all galaxies")
    add("--responsivity", type=float, help="ellipticities are divided by this; default 1")
    add("--max-ellipticity", type=float, help="larger moduli are refused; default 1")
    add("--drop-invalid", action="store_true", default=None, help="drop rows with NaN instead of refusing them")
    add = command.add_argument_group("shear maps").add_argument
    add("--sigma-e", type=float, help="ellipticity dispersion per component, where there is no NOISE_STD")
    add("--x-axis", choices=("west", "east"), help="where columns run, without WCS")
    add("--rebin", type=int, help="average blocks of this many pixels")
    return parser


def _pair(kind):
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

    elsewhere = ("run", "shear", "checkpoint", "output", "figure")
    chosen = {name: value for name, value in vars(options).items() if name not in elsewhere and value is not None}
    if "columns" in chosen:
        chosen["columns"] = _columns(chosen["columns"])
    map_observation(options.shear, chosen, checkpoint=options.checkpoint, output=options.output, figure=options.figure)


if __name__ == "__main__":
    main()
