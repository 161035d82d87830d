"""The spectral index of each pixel, from the visibilities of a band and an image at its reference frequency."""

import numpy as np
import torch

from lofi.radio.measurement import Measurement, Operator
from lofi.radio.tilted import Tilted, TiltedParts
from lofi.radio.visibilities.data_set import DataSet
from lofi.solvers.conjugate_gradient import conjugate_gradient, inner
from lofi.solvers.convolution import Convolution

# ASSUME: indices of one source scatter by 0.5 about their mean, and are alike within some five beams.
SPREAD = 0.5
LENGTH = 5.0  # beams
KNOWN = 0.5  # of the prior's scatter: an index with a larger error is not published
STEEPEST = 3.0  # of the index's modulus
TOLERANCE, STEPS = 1e-3, 300  # of the conjugate gradients
DRAWS = 12  # of the posterior distribution, for the error


WIDE = 0.1  # of the frequency; an index of narrower bands is not looked for


def is_sought(choice: str, data: DataSet) -> bool:
    """Whether images get a spectral index; `choice`: flat, index, or auto, index for a wide band."""
    return choice == "index" or (choice == "auto" and data.highest - data.lowest > WIDE * data.frequency)


def spectrum_of(choice: str, data: DataSet, measurement: Measurement, beam: float) -> "SpectralIndex | None":
    """The `SpectralIndex` to be found, None for one spectrum; `choice` as of `is_sought`.

    Raises ValueError where an index is asked for of one frequency.
    """
    if not is_sought(choice, data):
        return None
    if not data.highest > data.lowest:
        raise ValueError("--spectrum index needs several frequencies; the visibilities have one")
    return SpectralIndex(measurement, data.frequency, beam)


class SpectralIndex:
    """Spectral index alpha (H, W) of one sky, `I ∝ frequency^alpha`, with a Gaussian prior.

    The prior is a Matérn field with smoothness 1 about one index of the whole sky, which the data decide. With the
    image I at the reference frequency a step of Gauss and Newton solves `(D K D + Q) step = gradient`: K convolves
    with the PSF of weights `W t²`, `t = ln(frequency / reference)`, D multiplies by I in units of the noise, and Q is
    the inverse covariance of the prior.

    Parameters
    ----------
    measurement : of one sky, with one spectrum. reference_hz : where the images are. beam : width of the beam, pixels.
    """

    def __init__(self, measurement: Measurement, reference_hz: float, beam: float) -> None:
        self.measurement, self.reference_hz = measurement, reference_hz
        self.alpha = np.zeros(measurement.shape)
        self.mean = 0.0
        parts = TiltedParts(measurement.parts, reference_hz, self.alpha)
        psf = sum(
            part.flat.autocorrelation(measurement.natural.of(*part.samples) * parts.logarithm(part) ** 2)
            for part in measurement.parts
        )
        self._curvature = Convolution(psf)
        self._noise = float(measurement.noise[0])
        frequency = [torch.fft.fftfreq(measurement.shape[0]), torch.fft.rfftfreq(measurement.shape[1])]
        squared = (2 * np.pi) ** 2 * (frequency[0][:, None] ** 2 + frequency[1] ** 2)
        kappa = np.sqrt(8.0) / (LENGTH * beam)  # the correlation is 0.14 at LENGTH beams
        self._covariance = 4 * np.pi * kappa**2 * SPREAD**2 / (kappa**2 + squared) ** 2

    def update(self, image: np.ndarray) -> None:
        """One step towards the index that fits best with the image (H, W), Jy/pixel, at the reference frequency."""
        brightness = self._brightness(image)
        gradient = image * self._slope(image) / self._noise**2
        whole = inner(brightness, self._curvature(brightness))
        if float(whole) > 0:
            self.mean = float(np.clip(self.mean + gradient.sum() / float(whole), -STEEPEST, STEEPEST))
        prior = self._filtered(_tensor(self.alpha - self.mean), 1 / self._covariance)
        step = self._solve(brightness, _tensor(gradient) - prior)
        self.alpha = np.clip(self.alpha + step[0].numpy().astype(np.float64), -STEEPEST, STEEPEST)

    def error(self, image: np.ndarray, seed: int) -> np.ndarray:
        """Standard deviation (H, W) of the index, given the image, from draws of the posterior distribution."""
        generator = torch.Generator().manual_seed(seed)
        brightness, squares = self._brightness(image), torch.zeros(image.shape)
        for _ in range(DRAWS):
            white = torch.randn((1, *image.shape), generator=generator)
            data = brightness * self._curvature.draw(generator)
            prior = self._filtered(white, self._covariance**-0.5)
            squares += self._solve(brightness, data + prior)[0] ** 2
        return (squares / DRAWS).sqrt().numpy().astype(np.float64)

    def operator(self, exact: Operator, frequency: np.ndarray) -> Tilted:
        """The operator of samples at frequencies (M,) Hz, for images at the reference frequency."""
        return Tilted(exact, np.log(frequency / self.reference_hz), self.alpha)

    def images(self, model: np.ndarray, bright: np.ndarray, seed: int) -> dict[str, tuple[np.ma.MaskedArray, str]]:
        """Products `alpha` and `alpha-error`, with units; masked outside `bright` (H, W) and where errors are large.

        model : image (H, W), Jy/pixel.
        """
        error = self.error(model, seed)
        unknown = ~bright | (error > KNOWN * SPREAD)
        arrays = {"alpha": self.alpha, "alpha-error": error}
        return {name: (np.ma.masked_array(array, unknown), "") for name, array in arrays.items()}

    def _slope(self, image):
        """Derivative of `−‖V − A exp(alpha t) I‖²_W / 2` by alpha, without the factor I: (H, W)."""
        slope = np.zeros(image.shape)
        parts = TiltedParts(self.measurement.parts, self.reference_hz, self.alpha)
        for part in parts:
            missing = part.visibilities[0] - part.exact.forward(image)
            slope += part.exact.adjoint(self.measurement.natural.of(*part.samples) * part.exact.logarithm * missing)
        return slope

    def _solve(self, brightness, rhs):
        def operator(x):
            return brightness * self._curvature(brightness * x) + self._filtered(x, 1 / self._covariance)

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
