"""Files of regions of DS9 or CASA."""

import warnings
from pathlib import Path

from regions import Region, Regions

CASA = "#CRTF"


def read_regions(path: Path) -> list[tuple[Region, bool]]:
    """The regions of a file, and whether each includes what is in it or excludes it.

    Raises ValueError for a file that holds none, and where the library leaves out what it does not understand.
    """
    text = path.read_text()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        regions = Regions.parse(text, format="crtf" if text.startswith(CASA) else "ds9")
    if caught:
        raise ValueError(f"'{path}' is no file of regions that can be used: {caught[0].message}".rstrip("."))
    if not len(regions):
        raise ValueError(f"'{path}' holds no region; expected a FITS image, or regions of DS9 or CASA (CRTF)")
    # Taken away: releases of the library differ in whether an excluding region contains what is in it.
    return [(region, bool(region.meta.pop("include", True))) for region in regions]
