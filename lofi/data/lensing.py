"""A weak-lensing observation: convergence → shear → noise → Kaiser–Squires channels (paper eqs 5–7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lofi.data.depth import Depth
from lofi.data.noise import complex_noise
from lofi.data.observation import Observation, augmented
from lofi.data.sights import RANGED, Sight, is_ranged, nominal_pixel
from lofi.lensing.kaiser_squires import CHANNELS, SIGHT, channels, shear_from_convergence, with_sight
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
    noise_std : nominal noise per shear component and pixel, of a side of `pixel_arcmin`.
    margin : 0 for periodic shear (paper); else the maps are this many pixels wider on each side, shear is computed on
        the whole and cut out, so that it knows about mass outside the field.
    border : so many outermost pixels are always masked, and maps are not shifted on the torus: for maps whose opposite
        edges do not fit together.
    mean : `remove` the unobservable mean (physical) or `keep` it (as the released implementation).
    depth : see `lofi.data.depth.Depth`.
    ranges : {pixel_arcmin: [low, high], redshift: [low, high]} of maps that differ in them, each with its own `Sight`,
        which two more channels then say; empty if all maps are alike.
    """

    noise_std: float
    pixel_arcmin: float = 1.0
    margin: int = 0
    border: int = 0
    mean: str = "remove"
    depth: Depth = field(default_factory=Depth)
    ranges: Mapping = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the observed channels."""
        return CHANNELS + SIGHT if self.ranges else CHANNELS

    @property
    def about(self) -> dict:
        """What a checkpoint remembers of the observations it was trained on."""
        return {"noise_std": self.noise_std}

    def __post_init__(self):
        if self.mean not in ("remove", "keep"):
            raise ValueError(f"observation: mean is {self.mean!r}; expected remove or keep")

    def observe(
        self, kappa: np.ndarray, rng: np.random.Generator, sight: Sight | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """One observation of one map.

        Parameters
        ----------
        kappa : (H + 2 margin, W + 2 margin) convergence.
        rng : the stream of noise and depth.
        sight : of the map, if there are ranges.

        Returns
        -------
        `channels` (C, H, W): `kappa_e`, `kappa_b`, `noise_std` (inf where masked), and the sight; truth (1, H, W);
        float32.
        """
        gamma, noise = self.shear(kappa, rng, sight)
        truth = cut_out(kappa, self.margin)
        observed = channels(gamma, noise, padding=truth.shape[0] // 2 if self.margin else 0)
        if self.mean == "remove":
            truth = truth - truth.mean()
        else:
            observed[CHANNELS.index("kappa_e")] += truth.mean()
        if sight is not None:
            observed = with_sight(observed, *sight)
        return observed.astype(np.float32), truth[None].astype(np.float32)

    def shear(
        self, kappa: np.ndarray, rng: np.random.Generator, sight: Sight | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Noisy shear (H, W) of one map, complex, 0 where masked, and its noise (H, W), inf where masked."""
        gamma = cut_out(shear_from_convergence(kappa), self.margin)
        nominal = self.noise_std if sight is None else self.noise_std * self.pixel_arcmin / sight.pixel_arcmin
        noise = self.depth.noise_map(nominal, gamma.shape, rng)
        if self.border:
            noise = np.pad(cut_out(noise, self.border), self.border, constant_values=np.inf)
        return np.where(np.isfinite(noise), gamma + complex_noise(noise, rng), 0.0), noise

    def varied(self, kappa: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The map flipped and turned at random, eight orientations, and shifted on the torus if the map is periodic."""
        return augmented(kappa, rng, periodic=not (self.margin or self.border))


def lensing_observation(options: Mapping, field: Mapping, depth: Mapping | None = None) -> LensingObservation:
    """The observation of a configuration's `observation` and `field` mappings and a split's `depth` mapping."""
    dispersion = ellipticity_dispersion_per_component(**options["ellipticity_dispersion"])
    pixel_arcmin = nominal_pixel(field)
    return LensingObservation(
        noise_std=float(shear_noise_std(pixel_arcmin, options["galaxy_density"], dispersion)),
        pixel_arcmin=pixel_arcmin,
        margin=options.get("cutout_margin", 0),
        border=options.get("border", 0),
        mean=options.get("mean", "remove"),
        depth=Depth(**(depth or {})),
        ranges={key: field[key] for key in RANGED} if is_ranged(field) else {},
    )
