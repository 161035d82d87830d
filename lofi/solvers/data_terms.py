"""Data terms of image reconstruction: what ADMM and the classical controls know about a measurement."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch

from lofi.solvers.conjugate_gradient import conjugate_gradient, inner, per_image
from lofi.solvers.convolution import Convolution


class DataTerm(Protocol):
    """A quadratic misfit `data(x)` of images x (B, H, W) whose gradient has the Lipschitz constant 1.

    Attributes
    ----------
    norm : what the measurement's own quadratic form was divided by to get there.
    noise : (B,) standard deviation of the noise, in units of the data image.
    heuristic : (B,) level of a denoiser that matches the measurement, in units of the image: `noise / √norm`
        (AIRI, Terris et al. 2022). With a denoiser of level σ the ADMM penalty is `alpha ∝ (heuristic / σ)²`.
    """

    norm: float
    noise: torch.Tensor
    heuristic: torch.Tensor

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        """Gradient of `data` at x (B, H, W)."""

    def prox(
        self, z: torch.Tensor, alpha: torch.Tensor, start: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """`argmin data(x) + alpha/2 ‖x − z‖²`, alpha (B,) > 0, from `start` (z).

        Returns x, and numbers (B,) for the trace: `cg_iterations`, and what else a term has to tell.
        """

    def chi2(self, x: torch.Tensor) -> torch.Tensor:
        """Reduced χ² (B,) float64 of images x: 1 for the truth."""


class Deconvolution:
    """Visibilities of natural weights, through their dirty image `b = A* W y` and PSF (docs/conventions.md).

    `data(x) = (⟨x, H x⟩/2 − ⟨b, x⟩) / norm`, `norm = ‖H‖`, is `‖y − A x‖²_W / (2 norm)` up to a constant.

    Parameters
    ----------
    psf : (2H, 2W), or the `Convolution` of one (another precision or device; shared by several terms).
    dirty : tensor (B, H, W), Jy/beam; moved to the convolution's device and precision.
    noise : (B,) theoretical noise of the dirty images, Jy/beam, positive.
    power : (B,) `Σ W |y|²`, Jy², with weights W that sum to 1.
    visibilities : number M of complex visibilities of an image.
    tolerance, max_iterations : of the conjugate gradients in `prox`. Looser than 1e-4 costs decibels.

    Raises ValueError where the shapes do not fit, or values are not finite, or noise is not positive.
    """

    def __init__(
        self,
        psf: torch.Tensor | Convolution,
        dirty: torch.Tensor,
        noise: Sequence[float] | torch.Tensor,
        power: Sequence[float] | torch.Tensor,
        visibilities: int,
        tolerance: float = 1e-4,
        max_iterations: int = 100,
    ) -> None:
        self.convolution = psf if isinstance(psf, Convolution) else Convolution(psf, dirty.dtype, dirty.device)
        self.dirty = dirty.to(self.convolution.device, self.convolution.dtype)
        self.noise, self.power = (_scalars(values, self.dirty) for values in (noise, power))
        _check("dirty image", self.dirty, self.noise)
        if not (torch.isfinite(self.power) & (self.power >= 0)).all() or not (self.noise > 0).all():
            raise ValueError("data term: power must be finite and not negative, noise positive")
        self.visibilities, self.tolerance, self.max_iterations = visibilities, tolerance, max_iterations
        self.norm = self.convolution.norm
        self.heuristic = self.noise / self.norm**0.5

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        return (self.convolution(x) - self.dirty) / self.norm

    def prox(
        self, z: torch.Tensor, alpha: torch.Tensor, start: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        alpha = per_image(alpha.to(z))
        rhs = self.dirty / self.norm + alpha * z
        x, steps = self.solve(alpha, rhs, z if start is None else start, self.tolerance, self.max_iterations)
        return x, {"cg_iterations": steps}

    def solve(
        self,
        alpha: torch.Tensor,
        rhs: torch.Tensor,
        start: torch.Tensor | None,
        tolerance: float | torch.Tensor,
        max_iterations: int,
        **keywords: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Solves `(H / norm + alpha) x = rhs`, alpha (B, 1, 1), by `conjugate_gradient`: x and iterations (B,)."""

        def operator(x):
            return torch.add(alpha * x, self.convolution(x), alpha=1 / self.norm)

        return conjugate_gradient(operator, rhs, start, tolerance, max_iterations, **keywords)

    def chi2(self, x: torch.Tensor) -> torch.Tensor:
        """Reduced χ² (B,): `(power − ⟨x, 2b − H x⟩) / (2 noise² M)`.

        A difference of large numbers: in float32 its error is about 1e-7 of the squared signal-to-noise ratio.
        """
        misfit = self.power - inner(x.double(), (2 * self.dirty - self.convolution(x)).double())
        return misfit / (2 * self.noise**2 * self.visibilities)


class Inpainting:
    """Pixels seen through a mask: `data(x) = ‖mask (x − observed)‖² / 2`, in closed form.

    Parameters
    ----------
    observed : tensor (B, H, W); masked pixels must be finite and are not used.
    mask : (B, H, W) or (H, W) bool, true where observed.
    noise : (B,) standard deviation per pixel, ≥ 0.
    """

    norm = 1.0

    def __init__(self, observed: torch.Tensor, mask: torch.Tensor, noise: Sequence[float]) -> None:
        self.observed, self.mask = observed, mask.to(observed).expand_as(observed)
        self.noise = _scalars(noise, observed)
        _check("observed image", observed, self.noise)
        if not (self.noise >= 0).all():
            raise ValueError("data term: noise must not be negative")
        self.heuristic = self.noise

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        return self.mask * (x - self.observed)

    def prox(
        self, z: torch.Tensor, alpha: torch.Tensor, start: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        alpha = per_image(alpha.to(z))
        x = (self.mask * self.observed + alpha * z) / (self.mask + alpha)
        return x, {"cg_iterations": torch.zeros(len(z), dtype=torch.int64, device=z.device)}

    def chi2(self, x: torch.Tensor) -> torch.Tensor:
        """Mean over observed pixels of `(x − observed)² / noise²`, (B,); NaN where noise is 0 or all is masked."""
        difference = self.gradient(x).double()
        chi2 = inner(difference, difference) / (self.noise**2 * self.mask.sum((-2, -1), dtype=torch.float64))
        return torch.where(torch.isfinite(chi2), chi2, torch.nan)


def least_squares_scale(dirty: torch.Tensor, term: Deconvolution) -> torch.Tensor:
    """Images (B, H, W), such as dirty ones, times the factor s that fits the visibilities best, in Jy/pixel.

    `s = argmin ‖y − s A dirty‖_W = ⟨b, dirty⟩ / ⟨dirty, H dirty⟩`; 0 for an image without any flux.
    """
    flux, power = inner(term.dirty, dirty), inner(dirty, term.convolution(dirty))
    return per_image(torch.where(power > 0, flux / power, 0.0)) * dirty


def _scalars(values, like):
    return torch.as_tensor(values, dtype=torch.float64, device=like.device)


def _check(name, images, noise):
    if images.ndim != 3 or noise.shape != images.shape[:1]:
        raise ValueError(
            f"data term: {name} has shape {tuple(images.shape)} and noise {tuple(noise.shape)}; "
            "expected (B, H, W) and (B,)"
        )
    if not torch.isfinite(images).all() or not torch.isfinite(noise).all():
        raise ValueError(f"data term: the {name} or its noise contains NaN or inf")
