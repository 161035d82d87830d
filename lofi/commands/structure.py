"""`lofi structure`: is a structure of an image real?"""

import argparse

from lofi.commands.region import add_region

STRUCTURE = (
    "The files of an image and a region in; the probability out that a region without a structure of its own departs "
    "as much from the continuation of its surroundings, and a decision at 1 %. Draw the region before you look, or "
    "multiply the probability by the number of regions that you looked at."
)


def add_structure(command: argparse.ArgumentParser) -> None:
    """Add the options of `lofi structure` to its parser."""
    command.set_defaults(run=_structure)
    add_region(command)


def _structure(options):
    from lofi.messages import say_notes
    from lofi.radio.structure import region_structure

    found = region_structure(options.observation, options.region)
    share = f"{found.error / found.noise:.2g} times what noise alone would give"
    say_notes(
        [f"pixels of the region: {found.pixels}; the error is {share}, the rest is structure of the surroundings"]
    )
    decision = "real" if found.real else "not shown to be real"
    print(
        f"p = {found.p:.2g}: {decision} at 1 %; {found.height:.4g} +- {found.error:.2g} Jy/beam above its surroundings"
    )
