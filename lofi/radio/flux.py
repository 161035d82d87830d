"""The flux of a region of an image, with its error."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.wcs import WCS

from lofi.io.radio_image import RadioImage, read_radio_image
from lofi.io.replica_cube import read_replicas
from lofi.radio.beam_correction import CUT
from lofi.radio.mask import read_pixels


@dataclass(frozen=True)
class Flux:
    """Flux of a region and its standard error, Jy; the number of its pixels; where the error comes from, words."""

    jansky: float
    error: float
    pixels: int
    source: str


def region_flux(observation: str, region: str | Path) -> Flux:
    """The flux of the model within a region.

    Parameters
    ----------
    observation : beginning of the names of an image's files, the `--output` of `lofi image`.
    region : file, as of `lofi.radio.mask.read_pixels`.

    Where the image has a primary beam it is divided by it. Unresolved sources add the errors of their own fluxes.

    Raises ValueError or OSError, one sentence, where one of them cannot be used, the image has no error bars, or the
    region reaches where the primary beam is cut off.
    """
    paths = {name: Path(f"{observation}-{name}.fits") for name in ("model", "error", "replicas")}
    if not paths["model"].is_file():
        raise ValueError(f"{paths['model']} does not exist; OBS is the --output of `lofi image`, such as results/m31")
    for name, missing in (("error", "error bars"), ("replicas", "replicas, which tell how errors are correlated")):
        if not paths[name].is_file():
            raise ValueError(f"{observation} has no {missing} ({paths[name].name}); image it with --replicas 20")
    model, error = (read_radio_image(paths[name], "Jy/pixel") for name in ("model", "error"))
    inside = region_pixels(region, model)
    drawn = read_replicas(paths["replicas"], model.image.shape)[:, inside]
    power = _power(observation, model.image.shape)
    if (power[inside] < CUT).any():
        raise ValueError(f"'{region}' reaches where the primary beam is below {CUT:g}; take a smaller region")
    found, source = _of_replicas(error.image[inside] / power[inside], drawn / power[inside])
    found = float(np.hypot(found, _of_components(observation, model, np.where(inside, power, np.inf))))
    source += "" if (power == 1).all() else "; corrected for the primary beam"
    return Flux(float((model.image / power)[inside].sum()), found, int(inside.sum()), source)


def _power(observation, shape):
    """Power (H, W) of the primary beam, 1 where an image has none."""
    path = Path(f"{observation}-pb.fits")
    return read_radio_image(path, "").image if path.is_file() else np.ones(shape)


def _of_components(observation, model, power):
    """Error of the fluxes of unresolved sources, Jy, of those where the power (H, W) is finite."""
    rows, columns, table = component_pixels(observation, model)
    return float(np.linalg.norm(table["flux_error_jy"].to_numpy() / power[rows, columns])) if len(table) else 0.0


def component_pixels(observation: str, image: RadioImage) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Rows and columns (K,) of the unresolved sources in an image, and their lines of `<observation>-components.csv`;
    none where there is no such file."""
    path = Path(f"{observation}-components.csv")
    table = pd.read_csv(path) if path.is_file() else pd.DataFrame({"ra_deg": [], "dec_deg": []})
    if missing := {"ra_deg", "dec_deg"} - set(table):
        raise ValueError(f"{path} lacks the column {min(missing)}; image the visibilities again")
    places = WCS(image.header).celestial.world_to_pixel_values(table["ra_deg"], table["dec_deg"])
    columns, rows = (np.rint(place).astype(int) for place in places)
    height, width = image.image.shape
    there = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return rows[there], columns[there], table[there]


def region_pixels(region: str | Path, image: RadioImage) -> np.ndarray:
    """Which pixels (H, W) a region has; ValueError where it has none of the image, or all."""
    inside = read_pixels(region, image.image.shape, image.cell_arcsec, image.centre)
    if not inside.any():
        raise ValueError(
            f"'{region}' has no pixel of the image, whose centre is {image.centre[0]:.5g}, {image.centre[1]:.5g} "
            "degrees; is it of another field?"
        )
    if inside.all():
        raise ValueError(f"'{region}' covers the whole image; expected a part of it")
    return inside


def _of_replicas(errors, drawn):
    """Error of a sum of pixels whose errors (P,) are correlated as those of replicas (N, P), Jy; and words on it."""
    power = np.square(drawn).mean(0).sum()
    size = np.square(errors).sum() / power if power > 0 else 0.0
    error = np.sqrt(size * np.square(drawn.sum(1)).mean())
    return float(error), f"as large as the error bars say, correlated as the errors of {len(drawn)} replicas"
