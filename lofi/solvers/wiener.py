"""The Wiener filter of a homogeneous signal in white noise of varying depth."""

import math

import torch
from torch import nn

from lofi.solvers.conjugate_gradient import conjugate_gradient


def radial_frequency(shape: tuple[int, int], device: torch.device | None = None) -> torch.Tensor:
    """|k| of `torch.fft.rfft2` modes in cycles per pixel, (H, W//2 + 1)."""
    ky = torch.fft.fftfreq(shape[0], device=device)[:, None]
    kx = torch.fft.rfftfreq(shape[1], device=device)[None, :]
    return torch.hypot(ky, kx)


def hermitian_weight(shape: tuple[int, int], device: torch.device | None = None) -> torch.Tensor:
    """How often each `rfft2` mode stands in the full transform (1 or 2), so that sums over modes are exact."""
    weight = torch.full((shape[1] // 2 + 1,), 2.0, device=device)
    weight[0] = 1.0
    if shape[1] % 2 == 0:
        weight[-1] = 1.0
    return weight


class WienerFilter(nn.Module):
    """Posterior mean of a Gaussian signal with an isotropic spectrum, `(S⁻¹ + N⁻¹)⁻¹ N⁻¹ d`, N diagonal in pixels.

    The spectrum is a table in |k|, so the filter applies to any image size with the same pixels. One noise level per
    image is a multiplication in Fourier space; a noise map is solved by preconditioned conjugate gradients.

    # ASSUME: without its curl part the noise of a Kaiser–Squires map of a masked field is taken as white with the
    # shear's own noise map, though the transform spreads it around masks.
    """

    bins = 96

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("power", torch.zeros(self.bins))

    @torch.no_grad()
    def fit(self, maps: torch.Tensor) -> None:
        """Measure the spectrum, power per pixel, on truth maps (N, H, W) of zero mean."""
        if not torch.isfinite(maps).all():
            raise ValueError("the maps of the Wiener spectrum contain NaN or inf")
        shape = maps.shape[-2:]
        power = torch.fft.rfft2(maps.double()).abs().square().mean(0) / (shape[0] * shape[1])
        weight = hermitian_weight(shape).double().expand_as(power)
        index = self._position(radial_frequency(shape)).round().long().flatten()
        total = torch.zeros(self.bins, dtype=torch.float64).index_add_(0, index, (power * weight).flatten())
        count = torch.zeros(self.bins, dtype=torch.float64).index_add_(0, index, weight.flatten())
        filled = (count > 0) & (torch.arange(self.bins) > 0)  # bin 0 is the mean, which carries nothing
        nearest = (torch.arange(self.bins)[:, None] - torch.arange(self.bins)[None, filled]).abs().argmin(1)
        self.power.copy_((total / count.clamp(min=1))[filled][nearest])

    def _position(self, frequency):
        return frequency * ((self.bins - 1) * math.sqrt(2.0))

    def signal_power(self, shape: tuple[int, int]) -> torch.Tensor:
        """The spectrum on the `rfft2` modes of `shape`, linear between the bins; 0 at k = 0."""
        position = self._position(radial_frequency(shape, self.power.device)).to(self.power).clamp(max=self.bins - 1)
        low = position.floor().long().clamp(max=self.bins - 2)
        power = torch.lerp(self.power[low], self.power[low + 1], position - low)
        power[0, 0] = 0.0
        return power

    def forward(self, image: torch.Tensor, noise_std: torch.Tensor, curl: torch.Tensor | None = None) -> torch.Tensor:
        """`wiener_filter` with the spectrum that was measured."""
        signal = self.signal_power(image.shape[-2:])
        return wiener_filter(image, noise_std, signal.expand(len(image), *signal.shape), curl)


@torch.no_grad()
def wiener_filter(
    image: torch.Tensor, noise_std: torch.Tensor, signal: torch.Tensor, curl: torch.Tensor | None = None
) -> torch.Tensor:
    """Filtered images.

    Parameters
    ----------
    image : (B, H, W); values where `noise_std` is inf do not matter (but must be finite).
    noise_std : (B, H, W), > 0, inf where masked.
    signal : (B, H, W//2 + 1), power per pixel of the `rfft2` modes of each image.
    curl : (B, H, W); where it is given, `image + i curl` is the gradient and curl part of a complex spin-2 field, and
        the noise is that field's: exact where it varies. Without it the noise is taken as that of the image.
    """
    level = noise_std[:, :1, :1]
    same = (noise_std == level).flatten(1).all(1) & torch.isfinite(level.flatten())
    out = torch.zeros_like(image)
    if same.any():
        spectrum = torch.fft.rfft2(image[same]) * (signal[same] / (signal[same] + level[same] ** 2))
        out[same] = torch.fft.irfft2(spectrum, s=image.shape[-2:])
    if not same.all():
        varied, weight = ~same, noise_std[~same] ** -2.0
        if curl is None:
            data, patterns = [image[varied]], [torch.ones((), device=image.device)]
        else:
            data, patterns = _spin_two(image[varied], curl[varied])
        out[varied] = _solve(data, patterns, weight, signal[varied])
    return out


@torch.no_grad()
def joint_wiener_filter(
    image: torch.Tensor,
    noise_std: torch.Tensor,
    signal: torch.Tensor,
    mixing: torch.Tensor,
    curl: torch.Tensor,
    tolerance: float = 1e-3,
) -> torch.Tensor:
    """Filtered images (n, H, W) of n correlated skies, each from the data of all: the posterior mean of them together.

    Their spectra are `S_ij = sqrt(S_ii S_jj) Σ_k M_ik M_jk`; noise is independent. Parameters are those of
    `wiener_filter` with B = n, and

    signal : (n, H, W//2 + 1), the S_ii.
    mixing : M (n, n, H, W//2 + 1), rows of unit length: a root of the correlations of the skies in each mode.
    tolerance : where the conjugate gradients end, relative to all data together.
    """
    data, patterns = _spin_two(image, curl)
    return _solve(data, patterns, noise_std**-2.0, signal, tolerance=tolerance, mixing=mixing)


@torch.no_grad()
def equivalent_noise(signal: torch.Tensor, mixing: torch.Tensor, noise_std: torch.Tensor) -> torch.Tensor:
    """Noise power (n, H, W//2 + 1) with which one observation of a sky would say of it what those of all skies say.

    `1/N = 1/E − 1/S`, E the power that `joint_wiener_filter` misses of a sky: the Wiener map of that observation,
    (S/(S + N)) times it, is as good as the joint one. With one sky N is its own noise.

    Parameters
    ----------
    signal, mixing : as of `joint_wiener_filter`. noise_std : (n,), white noise of each sky.
    """
    skies = _Together(signal, noise_std**-2.0, mixing)
    missed = torch.einsum("ikhw,klhw,ilhw->ihw", skies.root, skies.inverse, skies.root)
    found = torch.einsum("ikhw,klhw,lmhw,imhw->ihw", skies.root, skies.inverse, skies.data, skies.root)
    own = (noise_std**2)[:, None, None]
    return torch.where(found > 0, torch.minimum(signal * missed / found, own), own)


def _spin_two(image, curl):
    """Both components of the spin-2 field of gradient and curl parts, and the factors (H, W//2 + 1) that lead to them
    from modes of the gradient: cos 2φ and sin 2φ, φ the direction of k."""
    shape = image.shape[-2:]
    ky, kx = torch.fft.fftfreq(shape[0], device=image.device)[:, None], torch.fft.fftfreq(shape[1], device=image.device)
    squared = ky**2 + kx**2
    squared[0, 0] = 1.0
    cosine, sine = (kx**2 - ky**2) / squared, 2 * kx * ky / squared
    field = torch.fft.ifft2(torch.complex(cosine, sine) * torch.fft.fft2(torch.complex(image, curl)))
    half = slice(0, shape[1] // 2 + 1)
    return [field.real, field.imag], [cosine[:, half], sine[:, half]]


class _Separate:
    """Skies (B,) that know nothing of each other: the root of their spectrum is a factor."""

    def __init__(self, signal, level):
        self.root, self.inverse = signal.sqrt(), 1.0 / (1.0 + signal * level)

    def spread(self, modes):
        return self.root * modes

    gather = spread

    def precondition(self, residual):
        return self.inverse * residual

    def total(self, products):
        return products


class _Together:
    """Skies (B,) that are correlated, one system: the root of their spectra is a matrix in each mode."""

    def __init__(self, signal, level, mixing):
        self.root = signal.sqrt()[:, None] * mixing  # (B, B, H, W//2 + 1)
        self.data = torch.einsum("kihw,k,kjhw->ijhw", self.root, level.flatten(), self.root)
        whole = torch.eye(len(signal)).to(self.data) + self.data.permute(2, 3, 0, 1)
        self.inverse = torch.linalg.inv(whole).permute(2, 3, 0, 1)

    def spread(self, modes):
        return (self.root * modes).sum(1)

    def gather(self, modes):
        return (self.root * modes[:, None]).sum(0)

    def precondition(self, residual):
        return (self.inverse * residual).sum(1)

    def total(self, products):
        return products.sum().expand(len(products))


def _solve(data, patterns, weight, signal, iterations=25, tolerance=1e-3, mixing=None):
    """Conjugate gradients for `(1 + Σ sᵀ Fᵢ w Fᵢ⁻¹ s) y = Σ sᵀ Fᵢ w dᵢ`, estimate `F⁻¹ s y`, s² the spectrum.

    Images dᵢ (B, H, W) are those of the modes times their patterns: `dᵢ = F⁻¹ pᵢ F κ + noise`, `Fᵢ = pᵢ F`. With
    `mixing` s is a matrix (B, B) in each mode, and the B images are one system. What would solve it if the weights were
    their means is the preconditioner.
    """
    shape = data[0].shape[-2:]
    level = weight.mean((-2, -1), keepdim=True)
    skies = _Separate(signal, level) if mixing is None else _Together(signal, level, mixing)
    mode_weight = hermitian_weight(shape, data[0].device)

    def apply(y):
        spectrum = skies.spread(y)
        back = [p * torch.fft.rfft2(weight * torch.fft.irfft2(p * spectrum, s=shape)) for p in patterns]
        return y + skies.gather(sum(back))

    def product(a, b):
        return skies.total(((a * b.conj()).real * mode_weight).sum((-2, -1)))

    rhs = skies.gather(sum(p * torch.fft.rfft2(weight * d) for p, d in zip(patterns, data, strict=True)))
    solution, _ = conjugate_gradient(apply, rhs, None, tolerance, iterations, product, skies.precondition)
    return torch.fft.irfft2(skies.spread(solution), s=shape)
