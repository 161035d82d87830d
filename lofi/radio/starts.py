"""Where reconstructions begin: data terms, and the images of positivity alone."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import torch

from lofi.memory import release_freed_memory
from lofi.radio.coarser import CoarserParts, coarser_mask, finer_positive, serves
from lofi.radio.measurement import Measurement
from lofi.radio.operator import halved
from lofi.radio.short_spacings import ShortSpacings
from lofi.radio.weighting import Weighting
from lofi.radio.zero_spacing import ZeroSpacing, data_image, normal_operator, zero_spacing
from lofi.solvers.conjugate_gradient import per_image
from lofi.solvers.convolution import Convolution
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.major_cycles import MajorCycles
from lofi.solvers.positivity import positivity_in_cycles, positivity_only

EVEN, NATURAL = 400, 100  # iterations with a total flux, in uniform and then in natural weights
SETTLED = 5e-4  # of an image: a smaller change ends the iterations in uniform weights
LARGE = 2**20  # pixels; in a larger image those in uniform weights see pixels twice as large, where these serve
NO_ZERO_SPACING = ZeroSpacing()
ORDINARY = 20  # peaks from 2^-20 to 2^20 Jy/beam need no other unit in single precision


def data_term(
    measurement: Measurement,
    device: torch.device | str = "cpu",
    unit: np.ndarray | float = 1.0,
    zero: ZeroSpacing = NO_ZERO_SPACING,
    convolution: Convolution | None = None,
) -> Deconvolution:
    """The data term of P skies in single precision, in units of `unit` (P,) Jy; with major cycles for the w-term.

    convolution : with the measurement's PSF, where it is at hand.
    """
    unit = np.broadcast_to(unit, len(measurement.noise))
    noise, power = measurement.noise / unit, zero.power(measurement.power) / unit**2
    dirty = data_image(zero.dirty(measurement.dirty), unit, device)
    if convolution is None:
        convolution = Convolution(measurement.psf, device=device)
    arguments = convolution.plus(zero.weight), dirty, noise, power, measurement.count
    if measurement.exact:
        return Deconvolution(*arguments)
    return MajorCycles(*arguments, normal=normal_operator(measurement, zero))


@dataclass(frozen=True, eq=False)
class Start:
    """A data term and its positive image (P, H, W), both in `unit` (P,) Jy."""

    term: Deconvolution
    zero: ZeroSpacing
    image: torch.Tensor
    unit: np.ndarray

    @property
    def factor(self) -> torch.Tensor:
        """Jy in a unit, (P, 1, 1)."""
        return per_image(torch.from_numpy(self.unit.astype(np.float32)).to(self.image.device))

    @property
    def janskys(self) -> np.ndarray:
        """The image (H, W) of the first sky, Jy/pixel."""
        return (self.factor * self.image)[0].cpu().numpy().astype(np.float64)

    def at(self, janskys: np.ndarray) -> Self:
        """The same from other images (P, H, W), Jy/pixel."""
        images = (janskys / self.unit[:, None, None]).astype(np.float32)
        return replace(self, image=torch.from_numpy(images).to(self.image.device))

    def above_zero(self, highest: float | torch.Tensor) -> Self:
        """The same, of the noise's level where the image is 0 everywhere: a schedule starts at a peak."""
        level = per_image(self.term.heuristic).to(self.image).expand_as(self.image).clamp(max=highest)
        return replace(self, image=torch.where(self.image.amax((-2, -1), keepdim=True) > 0, self.image, level))


@dataclass(frozen=True, eq=False)
class Starts:
    """The `Start` of a `measurement`, and of others that differ in their visibilities alone.

    highest : of the images' values, (H, W), or infinity.
    """

    measurement: Measurement
    highest: float | torch.Tensor
    device: torch.device | str

    @cached_property
    def _convolution(self) -> Convolution:
        return Convolution(self.measurement.psf, device=self.device)

    @cached_property
    def coarser_serves(self) -> bool:
        """Whether pixels twice as large serve, for all measurements: their visibilities are at the same places."""
        return serves(self.measurement)

    @property
    def _rough(self) -> bool:
        return self.measurement.dirty[0].size > LARGE and self.coarser_serves

    def _even_pixels(self, measurement):
        """The measurement whose pixels uniform weights see; its sums are still those of the image's own pixels."""
        if not self._rough:
            return measurement
        return replace(measurement, parts=CoarserParts(measurement.parts), shape=halved(measurement.shape))

    @cached_property
    def _uniform(self) -> tuple[Weighting, Convolution]:
        """Weights that make all measured modes converge as fast, and so the size of a source."""
        measurement = self._even_pixels(self.measurement)
        weighting = measurement.weighting("uniform")
        return weighting, Convolution(measurement.doubled_psf(weighting), device=self.device)

    def of(self, measurement: Measurement, spacings: ShortSpacings | None) -> Start:
        """The start of one of them; `spacings`: what is known of its total flux."""
        blank = self.at(measurement, spacings, np.zeros_like(measurement.dirty))
        options = {"highest": self.highest}
        if spacings is not None and spacings.flux is not None and spacings.hole is not None:
            options["flux"] = spacings.flux.jansky / blank.unit[0]
            options["start"] = self._even(measurement, blank.unit, options)
            if measurement.exact:
                options["iterations"] = NATURAL
        positive = positivity_only if measurement.exact else positivity_in_cycles
        return replace(blank, image=positive(blank.term, **options))

    def at(self, measurement: Measurement, spacings: ShortSpacings | None, janskys: np.ndarray) -> Start:
        """The same from images (P, H, W), Jy/pixel, that are known."""
        unit = _unit(measurement.dirty)
        zero = zero_spacing(measurement, spacings, self._convolution)
        term = data_term(measurement, self.device, unit, zero, self._convolution)
        release_freed_memory()
        return Start(term, zero, term.dirty, unit).at(janskys)

    def _even(self, measurement, unit, options):
        """The positive image of uniform weights, which neglects the w-term."""
        weighting, convolution = self._uniform
        dirty = data_image(self._even_pixels(measurement).dirty_image(weighting), unit, self.device)
        sums = measurement.noise / unit, measurement.power / unit**2, measurement.count
        if self._rough and isinstance(self.highest, torch.Tensor):
            allowed = torch.from_numpy(coarser_mask((self.highest > 0).cpu().numpy())).to(self.highest)
            options = options | {"highest": allowed}  # `flux` asks no more of it
        images = positivity_only(Deconvolution(convolution, dirty, *sums), EVEN, tolerance=SETTLED, **options)
        return torch.from_numpy(finer_positive(images, measurement.shape)).to(images) if self._rough else images


def _unit(dirty: np.ndarray) -> np.ndarray:
    """Jy (P,): 1, or, of an extreme dirty image, the power of 2 above its peak. Squares stay in single precision."""
    _, exponent = np.frexp(np.abs(dirty).max((-2, -1)))
    return np.where(np.abs(exponent) > ORDINARY, np.ldexp(1.0, exponent), 1.0)
