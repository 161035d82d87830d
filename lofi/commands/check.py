"""`lofi check`: null tests of a shear catalogue."""

import argparse
from pathlib import Path

from lofi.commands.catalogue import add_catalogue, add_frame, columns

CHECK = (
    "A shear catalogue in; null tests with p-values out: additive bias, leakage of the PSF (where its columns are "
    "named), depth and B mode. A p-value below 0.01 is a warning."
)


def add_check(command: argparse.ArgumentParser) -> None:
    """Add the options of `lofi check` to its parser."""
    command.set_defaults(run=_check)
    add = command.add_argument
    add("catalogue", type=Path, nargs="+", help="shear catalogue; several files are one")
    add("-o", "--output", type=Path, help="table to write (.json or .csv)")
    add("--pixel-arcmin", type=float, help="of the B mode's maps; its apertures are 2 and 4 pixels; default 2.34")
    add("--rotations", type=int, metavar="N", help="of the ellipticities, for the B mode; at least 100, default 200")
    add("--seed", type=int, metavar="N", help="of the rotations; default 0")
    add_frame(add)
    add_catalogue(command.add_argument_group("the catalogue").add_argument)


def _check(options):
    from lofi.lensing.checking import check_catalogue

    chosen = {name: value for name, value in vars(options).items() if value is not None}
    own = {name: chosen.pop(name) for name in ("pixel_arcmin", "rotations", "seed", "output") if name in chosen}
    del chosen["run"]
    if "columns" in chosen:
        chosen["columns"] = columns(chosen["columns"])
    check_catalogue(chosen.pop("catalogue"), chosen, **own)
