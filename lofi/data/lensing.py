"""A weak-lensing observation: convergence → shear → noise → Kaiser–Squires channels (paper eqs 5–7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lofi.data.depth import Depth
from lofi.data.noise import complex_noise
from lofi.data.observation import Observation, augmented
from lofi.lensing.kaiser_squires import CHANNELS, channels, shear_from_convergence
from lofi.lensing.shape_noise import ellipticity_dispersion_per_component, shear_noise_std


def cut_out(maps: np.ndarray, margin: int) -> np.ndarray:
    """Maps (..., H, W) without `margin` pixels on each side."""
    inside = slice(margin, -margin or None)
    return maps[..., inside, inside]


@dataclass(frozen=True)
class LensingObservation(Observation):
    """How maps are observed.

    Attributes
    ----------
    noise_std : nominal noise per shear component and pixel.
    margin : 0 for periodic shear (paper); else the maps are this many pixels wider on each side, shear is computed on
        the whole and cut out, so that it knows about mass outside the field.
    mean : `remove` the unobservable mean (physical) or `keep` it (as the released implementation).
    depth : see `lofi.data.depth.Depth`.
    """

    noise_std: float
    margin: int = 0
    mean: str = "remove"
    depth: Depth = field(default_factory=Depth)
    channels = CHANNELS

    @property
    def about(self) -> dict:
        """What a checkpoint remembers of the observations it was trained on."""
        return {"noise_std": self.noise_std}

    def __post_init__(self):
        if self.mean not in ("remove", "keep"):
            raise ValueError(f"observation: mean is {self.mean!r}; expected remove or keep")

    def observe(self, kappa: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """One observation of one map.

        Parameters
        ----------
        kappa : (H + 2 margin, W + 2 margin) convergence.
        rng : the stream of noise and depth.

        Returns
        -------
        channels (3, H, W): `kappa_e`, `kappa_b`, `noise_std` (inf where masked); truth (1, H, W). float32.
        """
        gamma, noise = self.shear(kappa, rng)
        truth = cut_out(kappa, self.margin)
        observed = channels(gamma, noise, padding=truth.shape[0] // 2 if self.margin else 0)
        if self.mean == "remove":
            truth = truth - truth.mean()
        else:
            observed[CHANNELS.index("kappa_e")] += truth.mean()
        return observed.astype(np.float32), truth[None].astype(np.float32)

    def shear(self, kappa: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Noisy shear (H, W) of one map, complex, 0 where masked, and its noise (H, W), inf where masked."""
        gamma = cut_out(shear_from_convergence(kappa), self.margin)
        noise = self.depth.noise_map(self.noise_std, gamma.shape, rng)
        return np.where(np.isfinite(noise), gamma + complex_noise(noise, rng), 0.0), noise

    def varied(self, kappa: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The map flipped and turned at random, eight orientations, and shifted on the torus if shear is periodic."""
        return augmented(kappa, rng, periodic=not self.margin)


def lensing_observation(options: Mapping, pixel_arcmin: float, depth: Mapping | None = None) -> LensingObservation:
    """The observation of a configuration's `observation` mapping and a split's `depth` mapping."""
    dispersion = ellipticity_dispersion_per_component(**options["ellipticity_dispersion"])
    return LensingObservation(
        noise_std=float(shear_noise_std(pixel_arcmin, options["galaxy_density"], dispersion)),
        margin=options.get("cutout_margin", 0),
        mean=options.get("mean", "remove"),
        depth=Depth(**(depth or {})),
    )
