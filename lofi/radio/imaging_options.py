"""The options of imaging visibilities, their defaults and their ranges. Imports nothing heavy: the command reads it."""

import math
from dataclasses import dataclass

from lofi.radio.visibilities.ms_selection import Selection

SMALLEST = 32  # pixels of a side; the denoisers read neighbourhoods of more than ten pixels
SMALLEST_CELL = 1e-6  # arcsec; baselines as long as the Earth at 1 THz need 5e-6
WEIGHTINGS = ("natural", "uniform", "briggs")
POINTS = ("auto", "none")
SPECTRA = ("auto", "flat", "index")
ROBUST = (-5.0, 5.0)  # beyond it lies nothing but uniform and natural weighting
BEAMS = ("auto", "none", "meerkat")
LEAST_REPLICAS = 2  # two have a spread
DISHES = (0.5, 1000.0)  # metres


@dataclass(frozen=True, kw_only=True)
class ImagingOptions(Selection):
    """How visibilities are imaged, and which of a Measurement Set; only `pixels` is needed.

    Raises ValueError for an option out of its range.

    Attributes
    ----------
    pixels : of a side, or rows and columns (H, W).
    cell_arcsec : side of a pixel; None: a third of the resolution (`lofi.radio.gridding`).
    weighting : of the published images. robust : of briggs, None: 0.
    iterations : of ADMM, at most; None: those of `lofi.solvers.admm.Schedule`.
    sigma_scale : the weights' noise is multiplied by this.
    centre : right ascension and declination of the phase centre in degrees; None: the file's own.
    primary_beam : auto, none, meerkat or the effective diameter of a dish in metres (`lofi.radio.beam_correction`).
    points : auto: bright unresolved sources are taken out first and put back as components; none: they are not.
    total_flux : of the field and its error, Jy, where they are known (`lofi.radio.short_spacings`).
    mask : file that tells where emission is allowed (`lofi.radio.mask`); None: everywhere.
    spectrum : flat: one spectrum in all pixels; index: a spectral index in each; auto: index for a wide band
        (`lofi.radio.spectral_index`).
    errors : whether an error field makes error bars; None: where the prior has one (`lofi.radio.error_field`).
    replicas : reconstructions of visibilities that are simulated from the model, for its error bars
        (`lofi.radio.replicas`); 0: none.
    cube : number of groups of neighbouring channels, each a plane of a cube (`lofi.radio.cube`); None: one image.
    simulated : whether headers say that the sky is simulated, and `auto` means no primary beam; a file may say so, too.
    """

    pixels: int | tuple[int, int]
    cell_arcsec: float | None = None
    weighting: str = "briggs"
    robust: float | None = None
    iterations: int | None = None
    sigma_scale: float = 1.0
    centre: tuple[float, float] | None = None
    primary_beam: str | float = "auto"
    points: str = "auto"
    spectrum: str = "auto"
    mask: str | None = None
    total_flux: tuple[float, float] | None = None
    errors: bool | None = None
    replicas: int = 0
    cube: int | None = None
    simulated: bool = False

    def __post_init__(self):
        if min(self.shape) < SMALLEST:
            size = " × ".join(map(str, dict.fromkeys(self.shape)))
            raise ValueError(f"an image of {size} pixels is too small; expected at least {SMALLEST} on a side")
        if self.cell_arcsec is not None and not SMALLEST_CELL <= self.cell_arcsec < math.inf:
            raise ValueError(
                f"cell_arcsec is {self.cell_arcsec:g}; expected a positive number, at least {SMALLEST_CELL:g}"
            )
        if self.weighting not in WEIGHTINGS:
            raise ValueError(f"weighting is {self.weighting!r}; expected one of {', '.join(WEIGHTINGS)}")
        if self.robust is not None and self.weighting != "briggs":
            raise ValueError(f"robust belongs to the weighting briggs; it cannot be used with {self.weighting}")
        if self.robust is not None and not ROBUST[0] <= self.robust <= ROBUST[1]:
            raise ValueError(f"robust is {self.robust}; expected a number from {ROBUST[0]:g} to {ROBUST[1]:g}")
        if self.iterations is not None and self.iterations < 2:
            raise ValueError(f"iterations is {self.iterations}; expected at least 2")
        if not 0 < self.sigma_scale < math.inf:
            raise ValueError(f"the factor of the noise, sigma_scale, is {self.sigma_scale}; expected a positive number")
        if not (self.primary_beam in BEAMS or _is_diameter(self.primary_beam)):
            raise ValueError(
                f"primary_beam is {self.primary_beam!r}; expected {', '.join(BEAMS)} or the effective diameter of a "
                f"dish, {DISHES[0]:g} to {DISHES[1]:g} metres"
            )
        if self.points not in POINTS:
            raise ValueError(f"points is {self.points!r}; expected one of {', '.join(POINTS)}")
        if self.spectrum not in SPECTRA:
            raise ValueError(f"spectrum is {self.spectrum!r}; expected one of {', '.join(SPECTRA)}")
        for name, value in zip(("flux", "error of the flux"), self.total_flux or (), strict=False):
            if not 0 < value < math.inf:
                raise ValueError(f"total_flux, --total-flux JY,ERROR: the {name} is {value:g} Jy; expected more than 0")
        if self.replicas and self.replicas < LEAST_REPLICAS:
            raise ValueError(f"replicas is {self.replicas}; expected at least {LEAST_REPLICAS}, or 0 for none")
        if self.cube is not None and self.cube < 1:
            raise ValueError(f"cube is {self.cube}; expected at least 1 group of channels")
        if self.cube is not None and self.spectrum == "index":
            raise ValueError("cube cannot be used with the spectrum index; each plane has one spectrum")
        super().__post_init__()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns (H, W) of the image."""
        return (self.pixels, self.pixels) if isinstance(self.pixels, int) else tuple(self.pixels)

    @property
    def imaging_weighting(self) -> dict[str, str | float]:
        """Keywords of `lofi.radio.products.imaging`."""
        return {"weighting": self.weighting} | ({"robust": self.robust or 0.0} if self.weighting == "briggs" else {})


def _is_diameter(value):
    return isinstance(value, int | float) and DISHES[0] <= value <= DISHES[1]
