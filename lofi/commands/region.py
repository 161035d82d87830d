"""The arguments of commands that look at a region of an image."""

import argparse
from pathlib import Path


def add_region(command: argparse.ArgumentParser) -> None:
    """Add OBS and REGION to a parser."""
    add = command.add_argument
    add("observation", metavar="OBS", help="beginning of the names of the image's files: the --output of lofi image")
    add("region", type=Path, metavar="REGION", help="regions (DS9, CRTF) or a FITS image that is not 0 there")
