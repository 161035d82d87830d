"""The spectral index of each pixel, from the visibilities of a band and an image at its reference frequency."""

import numpy as np
import torch

from lofi.radio.measurement import Measurement, Operator
from lofi.radio.tilted import Tilted, TiltedParts, logarithm
from lofi.radio.visibilities.data_set import DataSet
from lofi.solvers.conjugate_gradient import conjugate_gradient, inner
from lofi.solvers.convolution import Convolution

# ASSUME: indices of one source scatter by 0.5 about their mean, and are alike within some five beams.
SPREAD = 0.5
LENGTH = 5.0  # beams
KNOWN = 0.5  # of the prior's scatter: an index with a larger error is not published
STEEPEST = 3.0  # of the index's modulus
TOLERANCE, STEPS = 3e-3, 200  # of the conjugate gradients
DRAWS = 12  # of the posterior distribution, for the error
FREE = 0.02  # of the largest eigenvalue of the PSF: how firmly the image stands while the index is sought
WIDE = 0.1  # of the frequency; an index of narrower bands is not looked for


def is_sought(choice: str, data: DataSet) -> bool:
    """Whether images get a spectral index; `choice`: flat, index, or auto, index for a wide band."""
    return choice == "index" or (choice == "auto" and data.highest - data.lowest > WIDE * data.frequency)


def spectrum_of(
    choice: str, data: DataSet, measurement: Measurement, beam: float, dishes: np.ndarray | None = None
) -> "SpectralIndex | None":
    """The `SpectralIndex` to be found, None for one spectrum; `choice` as of `is_sought`, `dishes` of `SpectralIndex`.

    Raises ValueError where an index is asked for of one frequency.
    """
    if not is_sought(choice, data):
        return None
    if not data.highest > data.lowest:
        raise ValueError("--spectrum index needs several frequencies; the visibilities have one")
    return SpectralIndex(measurement, data.frequency, beam, dishes)


class SpectralIndex:
    """Spectral index alpha (H, W) of one sky, `I ∝ frequency^alpha`, with a Gaussian prior.

    The prior is a Matérn field with smoothness 1 about one index of the whole sky, plus that of the dishes. With the
    image I at the reference frequency, D multiplies by I in units of the noise, K_k convolves with the PSF of weights
    `W t^k`, `t = ln(frequency / reference)`, and Q is the inverse covariance of the prior. A step of Gauss and Newton
    changes image and index together, `[[K_0 + free, K_1 D], [D K_1, D K_2 D + Q]]`, so that an image that does not yet
    fit is not taken for a spectrum; only the index keeps its change.

    Parameters
    ----------
    measurement : of one sky, with one spectrum. reference_hz : where the images are. beam : width of the beam, pixels.
    dishes : (H, W), index of their power, or None: 0.
    """

    def __init__(
        self, measurement: Measurement, reference_hz: float, beam: float, dishes: np.ndarray | None = None
    ) -> None:
        self.measurement, self.reference_hz = measurement, reference_hz
        self._dishes = np.zeros(measurement.shape) if dishes is None else np.clip(dishes, -STEEPEST, STEEPEST)
        self.alpha, self.mean = self._dishes, 0.0
        self._convolutions = [Convolution(measurement.psf), *map(Convolution, self._psfs())]
        self._free = FREE * self._convolutions[0].norm
        self._noise = float(measurement.noise[0])
        frequency = [torch.fft.fftfreq(measurement.shape[0]), torch.fft.rfftfreq(measurement.shape[1])]
        squared = (2 * np.pi) ** 2 * (frequency[0][:, None] ** 2 + frequency[1] ** 2)
        kappa = np.sqrt(8.0) / (LENGTH * beam)  # the correlation is 0.14 at LENGTH beams
        self._covariance = 4 * np.pi * kappa**2 * SPREAD**2 / (kappa**2 + squared) ** 2

    def _psfs(self):
        """PSFs (2H, 2W) of weights `W t` and `W t²`."""
        psfs = [0.0, 0.0]
        for part in self.measurement.parts:
            time, weights = logarithm(part.frequency, self.reference_hz), self.measurement.natural.of(*part.samples)
            psfs = [psf + part.flat.autocorrelation(weights * time**k) for k, psf in enumerate(psfs, 1)]
        return psfs

    def update(self, image: np.ndarray) -> None:
        """One step towards the index that fits best with the image (H, W), Jy/pixel, at the reference frequency."""
        brightness = self._brightness(image)
        residual, slope = (_tensor(part / self._noise) for part in self._residuals(image))
        prior = self._filtered(_tensor(self.alpha - self._dishes - self.mean), 1 / self._covariance)
        step = self._solve_both(brightness, torch.cat([residual, brightness * slope - prior]))
        own = np.clip(self.alpha - self._dishes + step.numpy().astype(np.float64), -STEEPEST, STEEPEST)
        if image.any():
            self.mean = float(np.average(own, weights=image.astype(np.float64) ** 2))
        self.alpha = self._dishes + own

    def error(self, image: np.ndarray, seed: int) -> np.ndarray:
        """Standard deviation (H, W) of the index, given the image, from draws of the posterior distribution."""
        generator = torch.Generator().manual_seed(seed)
        brightness, squares = self._brightness(image), torch.zeros(image.shape)
        for _ in range(DRAWS):
            white = torch.randn((1, *image.shape), generator=generator)
            data = brightness * self._convolutions[2].draw(generator)
            prior = self._filtered(white, self._covariance**-0.5)
            squares += self._solve(brightness, data + prior)[0] ** 2
        return (squares / DRAWS).sqrt().numpy().astype(np.float64)

    def operator(self, exact: Operator, frequency: np.ndarray) -> Tilted:
        """The operator of samples at frequencies (M,) Hz, for images at the reference frequency."""
        return Tilted(exact, logarithm(frequency, self.reference_hz), self.alpha)

    def images(self, model: np.ndarray, bright: np.ndarray, seed: int) -> dict[str, tuple[np.ma.MaskedArray, str]]:
        """Products `alpha` and `alpha-error`, with units; masked outside `bright` (H, W) and where errors are large.

        model : image (H, W), Jy/pixel.
        """
        error = self.error(model, seed)
        unknown = ~bright | (error > KNOWN * SPREAD) | (np.abs(self._dishes) >= STEEPEST)
        arrays = {"alpha": self.alpha, "alpha-error": error}
        return {name: (np.ma.masked_array(array, unknown), "") for name, array in arrays.items()}

    def _residuals(self, image):
        """Half the derivatives of `−‖V − A exp(alpha t) I‖²_W` by I, and by alpha without the factor I: (H, W) each."""
        residual, slope = np.zeros(image.shape), np.zeros(image.shape)
        for part in TiltedParts(self.measurement.parts, self.reference_hz, self.alpha):
            missing = part.visibilities[0] - part.exact.forward(image)
            weighted = self.measurement.natural.of(*part.samples) * missing
            residual += part.exact.adjoint(weighted)
            slope += part.exact.adjoint(part.exact.logarithm * weighted)
        return residual, slope

    def _solve_both(self, brightness, rhs):
        """The change of alpha (H, W), of a right side (2, H, W) of image and index."""
        flat, mixed, curved = self._convolutions

        def operator(x):
            image, index = x[:1], brightness * x[1:]
            first = flat(image) + self._free * image + mixed(index)
            second = brightness * (mixed(image) + curved(index)) + self._filtered(x[1:], 1 / self._covariance)
            return torch.cat([first, second])

        def precondition(x):
            return torch.cat([x[:1] / self._free, self._filtered(x[1:], self._covariance)])

        def product(a, b):
            return inner(a, b).sum().expand(2)  # of both, which are one unknown

        options = {"tolerance": TOLERANCE, "max_iterations": STEPS, "precondition": precondition, "product": product}
        return conjugate_gradient(operator, rhs, **options)[0][1]

    def _solve(self, brightness, rhs):
        def operator(x):
            return brightness * self._convolutions[2](brightness * x) + self._filtered(x, 1 / self._covariance)

        def precondition(x):
            return self._filtered(x, self._covariance)

        options = {"tolerance": TOLERANCE, "max_iterations": STEPS, "precondition": precondition}
        return conjugate_gradient(operator, rhs, **options)[0]

    def _brightness(self, image):
        return _tensor(image / self._noise)

    def _filtered(self, images, response):
        return torch.fft.irfft2(torch.fft.rfft2(images) * response, s=images.shape[-2:])


def _tensor(image):
    return torch.from_numpy(np.asarray(image, dtype=np.float32))[None]
