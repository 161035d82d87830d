"""Deconvolution where the PSF's convolution is only near the normal operator: it is corrected as CLEAN does."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import torch

from lofi.solvers.conjugate_gradient import inner, per_image
from lofi.solvers.data_terms import Deconvolution

# ASSUME: what converged fastest on fields of one and two degrees, 20 to 30 degrees above the horizon.
SHIFT = 0.05  # of the norm: what holds an image near the last one that N was applied to
CLOSER = 0.005  # of the norm: what the spectra of H and N may differ by
NEARLY, MOST = 0.1, 30  # relative tolerance, and applications of H at most, where it stands for N
NEGLIGIBLE = 0.03  # of the noise: a residual, or a rounding, of this rms does not matter
SHARE = 0.1  # of what is negligible, for the rounding of one application of N
CYCLES = 12  # at most, in one step of an algorithm
FINEST, ROUGHEST = 1e-5, 1e-3  # relative tolerance of N where it is not taken exactly
Normal = Callable[[torch.Tensor, float], torch.Tensor]


class MajorCycles(Deconvolution):
    """The data term of `Deconvolution` with the exact normal operator `N = A* W A`, applied as seldom as possible.

    `prox` solves `(N / norm + alpha) x = rhs` by conjugate gradients that are preconditioned with nearly `(H / norm +
    alpha + shift)⁻¹` (flexible: Golub & Ye 1999), by conjugate gradients again, preconditioned with the circulant
    nearest to the convolution H, which is cheap beside N. They converge whatever H is, and fast where H is near N; each
    step applies N once, with a tolerance that grows as the residual falls, and N is applied to their sum before
    rounding comes near the noise. Elsewhere N is taken as `H x + offset`, with the offset that is right at the last
    image that N was applied to.

    Parameters
    ----------
    normal : N of images (B, H, W), in Jy/beam of images in Jy/pixel, and its relative tolerance, 0: exactly.
    cycles : most applications of N in a `prox`.
    others : as of `Deconvolution`.
    """

    def __init__(
        self,
        *arguments: Any,
        normal: Normal,
        cycles: int = CYCLES,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, **keywords)
        self._apply, self.cycles = normal, cycles
        self._image = self._normal = torch.zeros_like(self.dirty)
        self._rounding = torch.zeros_like(self.noise)

    def change(self, x: torch.Tensor, dirty: torch.Tensor, normal: Normal) -> None:
        """Take the data image and the normal operator of another model of the same visibilities, and `expand` at x."""
        self.dirty, self._apply = dirty, normal
        self.expand(x)

    def expand(self, x: torch.Tensor) -> None:
        """Apply N to the images x (B, H, W): `gradient` and `chi2` are exact there."""
        self._at(x, self._apply(x, 0.0))
        self._rounding = torch.zeros_like(self.noise)

    def _tolerance(self, residual, loudness):
        """Relative tolerance with which N is applied to a direction that the preconditioner made of the residual."""
        step = self.norm * _length(residual).clamp(min=_TINY)  # nearly the length of what N makes of it
        return float((SHARE * NEGLIGIBLE * loudness / step).min().clamp(FINEST, ROUGHEST))

    def _at(self, x, normal):
        self._image, self._normal = x, normal
        self.__dict__.pop("_offset", None)

    @cached_property
    def _offset(self):
        return self._normal - self.convolution(self._image)

    def _solved(self, residual, shift):
        """Nearly `(H / norm + shift)⁻¹` of it."""

        def circulant(images):
            return self.norm * self.convolution.inverse(images, self.norm * shift)

        return self.solve(shift, residual, None, NEARLY, MOST, precondition=circulant, plain=True)[0]

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        return (self.convolution(x) + self._offset - self.dirty) / self.norm

    def chi2(self, x: torch.Tensor) -> torch.Tensor:
        """Reduced χ² (B,) as of `Deconvolution`: exact to first order in the distance to where N was applied last."""
        image, step = self._image.double(), (x - self._image)
        misfit = self.power - inner(image, (2 * self.dirty - self._normal).double())
        slope = 2 * (self._normal - self.dirty) + self.convolution(step)
        return (misfit + inner(step.double(), slope.double())) / (2 * self.noise**2 * self.visibilities)

    def prox(
        self, z: torch.Tensor, alpha: torch.Tensor, start: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """As of `Deconvolution`; the trace gets `normal_residual`, the relative residual of the normal equation."""
        alpha = per_image(alpha.to(z))
        rhs = self.dirty / self.norm + alpha * z
        x = z if start is None else start
        loudness = self.noise * x[0].numel() ** 0.5
        if x is not self._image or (self._rounding > NEGLIGIBLE * loudness).any():
            self.expand(x)
        x, normal = self._image, self._normal
        residual = rhs - normal / self.norm - alpha * x
        noise = NEGLIGIBLE * (loudness / self.norm).to(x)
        goal = torch.maximum(self.tolerance * _length(rhs), noise)
        steps = 0
        direction = torch.zeros_like(x)
        energy, last = torch.ones_like(goal), residual  # the first direction has no other to add
        for _ in range(self.cycles):
            if (_length(residual) <= goal).all():
                break
            scaled = self._solved(residual, alpha + CLOSER)
            turn = inner(scaled, residual - last) / energy.clamp(min=_TINY)
            direction = scaled + per_image(turn.clamp(min=0.0)) * direction
            energy, last = inner(scaled, residual), residual
            tolerance = self._tolerance(residual, loudness)
            image = self._apply(direction, tolerance)
            turned = image / self.norm + alpha * direction
            length = per_image(inner(residual, direction) / inner(direction, turned).clamp(min=_TINY))
            x, normal = x + length * direction, normal + length * image
            self._rounding = self._rounding + tolerance * _length(length * image)
            residual = residual - length * turned
            steps += 1
        self._at(x, normal)
        return x, {"cg_iterations": torch.full((len(z),), steps), "normal_residual": _length(residual) / _length(rhs)}


_TINY = torch.finfo(torch.float32).tiny


def _length(images):
    return inner(images, images).sqrt()
