"""How dishes on alt-azimuth mounts are turned on the sky."""

import numpy as np
from astropy.coordinates import FK5, SkyCoord
from astropy.time import Time


def parallactic_angle(
    mjd: np.ndarray, direction: tuple[float, float], site: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Angle from North through East to the zenith, and elevation, (n,) each in degrees, at times (n,), MJD in UTC.

    direction : right ascension and declination, J2000. site : geodetic longitude, positive towards East, and latitude.
        Degrees.

    UT1 is taken as UTC, and nutation, aberration and refraction are left out: less than 0.1 degrees.
    """
    mjd = np.asarray(mjd, np.float64)
    sidereal = Time(mjd, format="mjd", scale="ut1").sidereal_time("mean", "greenwich", model="IAU1982").deg
    of_date = FK5(equinox=Time(mjd.mean(), format="mjd", scale="tt"))
    zenith = SkyCoord(sidereal + site[0], np.full(mjd.shape, site[1]), unit="deg", frame=of_date).transform_to(FK5())
    source = SkyCoord(*direction, unit="deg", frame=FK5())
    return source.position_angle(zenith).wrap_at("180d").deg, 90 - source.separation(zenith).deg
