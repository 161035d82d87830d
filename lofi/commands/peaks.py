"""`lofi peaks`: peaks of a map, and how many of them noise makes."""

import argparse
from pathlib import Path

from lofi.commands.catalogue import numbers

PEAKS = (
    "A file of `lofi map`, of a field or of the sphere, in; a table of its peaks out: position, convergence, signal to "
    "noise, scale, and how many peaks as high randomly turned ellipticities have. Of KAPPA over KAPPA_STD, or of "
    "aperture mass."
)


def add_peaks(command: argparse.ArgumentParser) -> None:
    """Add the options of `lofi peaks` to its parser."""
    command.set_defaults(run=_peaks)
    add = command.add_argument
    add("map", type=Path, help="file of `lofi map`")
    add("-o", "--output", type=Path, required=True, help="table to write (.fits or .csv)")
    add("--min-snr", dest="least", type=float, metavar="S/N", help="signal to noise of a peak; default 3")
    apertures = "aperture mass of these radii, instead of KAPPA, of a field; .fits holds the maps, too"
    add("--aperture-mass", dest="scales", type=numbers, metavar="ARCMIN,…", help=apertures)
    shapes = "of the apertures: schirmer (default), schneider, starlet (wavelets)"
    add("--filter", dest="shape", choices=("schirmer", "schneider", "starlet"), help=shapes)
    turned = "maps of randomly turned ellipticities, whose peaks are false; default 20"
    add("--rotations", type=int, metavar="N", help=turned)
    add("--prior", metavar="NAME|FOLDER", help="that of KAPPA; default convergence")
    add("--seed", type=int, metavar="N", help="of the rotations; default 0")


def _peaks(options):
    from lofi.peaks import peaks_of_map

    chosen = {name: value for name, value in vars(options).items() if value is not None and name not in ("run", "map")}
    peaks_of_map(options.map, **chosen)
