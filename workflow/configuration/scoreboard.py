"""`scoreboard`: public files that others published numbers on (`workflow/published.py`)."""

from typing import Annotated

from pydantic import Field

from lofi.field.precisions import Precision
from workflow.configuration.setting import Count, NotEmpty, Setting, setting

Name = Annotated[str, Field(pattern="^[a-z0-9]+$")]


class Cosmos(Setting):
    """FITS images of one shape: a sky of κTNG, and the noise and the mask of COSMOS."""

    kappa: str = setting("True convergence.")
    noise_1: str = setting("Standard deviation of the noise of the first component of shear.")
    noise_2: str = setting("Standard deviation of the noise of the second component.")
    mask: str = setting("1 where there are galaxies, else 0.")


class Scoreboard(Setting):
    """What is compared with published numbers. Files that are not there leave their rows out."""

    draws: Count = setting("Draws of the noise of each case.")
    snr_db: float = setting("Signal-to-noise ratio of the visibilities.", unit="dB", ge=-20, le=100)
    precision: Precision = setting("How the network of radio images computes.")
    skies: Annotated[dict[Name, str], NotEmpty] = setting("FITS images of radio sources by name; scaled to 0…1.")
    coverages: Annotated[dict[Name, str], NotEmpty] = setting("Files of baselines by name, in radians per pixel.")
    cosmos: Cosmos = setting("A sky of κTNG as COSMOS would see it.")
