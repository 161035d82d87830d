"""Unresolved sources as a table of positions and fluxes."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io.atomic import replacing
from lofi.io.radio_fits import celestial
from lofi.radio.point_sources import PointSources


def component_table(
    sources: PointSources, shape: tuple[int, int], cell_arcsec: float, centre: tuple[float, float]
) -> pd.DataFrame:
    """A line for each source, brightest first.

    Columns: right ascension and declination in degrees (FK5, J2000), flux in Jy, and their standard deviations, those
    of the position in arcsec on the sky. Fluxes are as the dishes saw them, not corrected for the primary beam. The
    errors are of the noise alone; emission around a source adds to them.

    Parameters
    ----------
    shape, cell_arcsec, centre : of the image, as of `lofi.io.radio_fits.celestial`.
    """
    sources = sources.of(np.argsort(-sources.flux))
    (column, row, flux), errors = sources.values.T, sources.errors.T
    height, width = shape
    ra, dec = celestial(shape, cell_arcsec, centre).pixel_to_world_values(column + width // 2, row + height // 2)
    columns = {"ra_deg": ra, "dec_deg": dec, "flux_jy": flux}
    columns |= {"ra_error_arcsec": errors[0] * cell_arcsec, "dec_error_arcsec": errors[1] * cell_arcsec}
    return pd.DataFrame(columns | {"flux_error_jy": errors[2]})


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False)
