"""Points and small Gaussians as a table of positions, fluxes and sizes."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io.atomic import replacing
from lofi.io.radio_fits import celestial
from lofi.radio.beam import axes
from lofi.radio.point_sources import PointSources, matrices


def component_table(
    sources: PointSources, shape: tuple[int, int], cell_arcsec: float, centre: tuple[float, float]
) -> pd.DataFrame:
    """A line for each source, brightest first.

    Columns: right ascension and declination in degrees (FK5, J2000), flux in Jy, and their standard deviations, those
    of the position in arcsec on the sky; full widths at half maximum of the axes in arcsec and the position angle of
    the major one in degrees, from North through East, above −90 to 90, all 0 for points. Fluxes are as the dishes saw
    them, not corrected for the primary beam. The errors are of the noise alone; emission around a source adds to them.

    Parameters
    ----------
    shape, cell_arcsec, centre : of the image, as of `lofi.io.radio_fits.celestial`.
    """
    sources = sources.of(np.argsort(-sources.flux))
    (column, row, flux, *_), errors = sources.values.T, sources.errors.T
    height, width = shape
    ra, dec = celestial(shape, cell_arcsec, centre).pixel_to_world_values(column + width // 2, row + height // 2)
    sizes = np.reshape([axes(covariance) for covariance in matrices(sources.values[:, 3:])], (-1, 3))
    columns = {"ra_deg": ra, "dec_deg": dec, "flux_jy": flux}
    columns |= {"ra_error_arcsec": errors[0] * cell_arcsec, "dec_error_arcsec": errors[1] * cell_arcsec}
    columns |= {"flux_error_jy": errors[2]}
    columns |= {"major_arcsec": sizes[:, 0] * cell_arcsec, "minor_arcsec": sizes[:, 1] * cell_arcsec}
    return pd.DataFrame(columns | {"position_angle_deg": sizes[:, 2]})


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False)
