"""`lofi flux`: the flux of a region of an image."""

import argparse

from lofi.commands.region import add_region

FLUX = (
    "The files of an image and a region in; the flux of the model in that region out, with its error. The error knows "
    "how the errors of neighbouring pixels are correlated."
)


def add_flux(command: argparse.ArgumentParser) -> None:
    """Add the options of `lofi flux` to its parser."""
    command.set_defaults(run=_flux)
    add_region(command)


def _flux(options):
    from lofi.messages import say_notes
    from lofi.radio.flux import region_flux

    flux = region_flux(options.observation, options.region)
    say_notes([f"{flux.pixels} pixels; error: {flux.source}"])
    print(f"{flux.jansky:.6g} +- {flux.error:.2g} Jy")
