"""`lofi stack`: a map's mean at given positions."""

import argparse
from pathlib import Path

from lofi.commands.catalogue import columns

STACK = (
    "A file of `lofi map`, of a field or of the sphere, and a table of positions in; the mean of the map at and around "
    "them out, with its error from random positions and from the same ones turned about the middle of what is seen."
)


def add_stack(command: argparse.ArgumentParser) -> None:
    """Add the options of `lofi stack` to its parser."""
    command.set_defaults(run=_stack)
    add = command.add_argument
    add("map", type=Path, help="file of `lofi map`")
    add("positions", type=Path, help="table, such as clusters.csv, of right ascensions and declinations, ICRS")
    add("-o", "--output", type=Path, help="profile to write (.json or .csv)")
    add("--map", dest="image", metavar="HDU", help="KAPPA (default), KAPPA_WIENER, KAPPA_SMOOTHED, KAPPA_KS_B, …")
    add("--columns", type=str, metavar="KEY=NAME,…", help="of ra and dec; default ra=ra,dec=dec")
    add("--select", metavar="EXPRESSION", help="rows to keep, such as 'z < 0.5'")
    add("--radius", dest="reach", type=float, metavar="ARCMIN", help="of the profile; default 10")
    add("--rings", type=int, metavar="N", help="of the profile; default 10")
    add("--draws", type=int, metavar="N", help="sets of random and of turned positions, at least 50; default 300")
    add("--seed", type=int, metavar="N", help="of them; default 0")


def _stack(options):
    from lofi.stacks import stack_map

    elsewhere = ("run", "map", "positions", "columns")
    chosen = {name: value for name, value in vars(options).items() if value is not None and name not in elsewhere}
    if options.columns is not None:
        chosen["columns"] = columns(options.columns)
    stack_map(options.map, options.positions, **chosen)
