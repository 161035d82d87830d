"""One image from the visibilities of a field, and what is said of it: the recipe of images and of planes of cubes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lofi.messages import say_notes
from lofi.models.denoiser import Denoiser
from lofi.radio.diagnosis import chi2_warnings
from lofi.radio.error_field import ErrorField
from lofi.radio.error_maps import ErrorMaps, of_replicas
from lofi.radio.error_training import features_of
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.point_sources import PointSources
from lofi.radio.products import Products, products, with_sources
from lofi.radio.radio_field import RadioField
from lofi.radio.reconstruction import Reconstruction, reconstruct, schedule_of
from lofi.radio.replicas import replicas
from lofi.radio.spectral_index import SpectralIndex, spectrum_of
from lofi.seeds import seed

BRIGHT = 5.0  # of the noise, from which an image has a spectral index
STREAM = "image visibilities"  # of the random orientations


@dataclass(frozen=True, eq=False)
class Imaged:
    """An image.

    Attributes
    ----------
    published : with the unresolved sources of the `reconstruction`. spectrum : index of each pixel, or None.
    errors : its error bars, or None.
    results : sentences. warnings : on what may be wrong.
    """

    published: Products
    reconstruction: Reconstruction
    spectrum: SpectralIndex | None
    errors: ErrorMaps | None
    results: list[str]
    warnings: list[str]

    def more(self, field: RadioField) -> dict[str, tuple[np.ndarray, str]]:
        """Further products of the `field`: what the primary beam, the spectral index, the errors give, with units."""
        published = self.published
        images, alpha = {}, None
        if self.spectrum is not None:
            bright = published.image > BRIGHT * published.noise
            images = self.spectrum.images(published.model, bright, seed(STREAM) % 2**32)
            alpha, _ = images["alpha"]
        if field.correction:
            images |= field.correction.images(published.image, published.noise, alpha)
        return images | (self.errors.images if self.errors else {})


def image_field(
    path: str,
    field: RadioField,
    options: ImagingOptions,
    denoiser: Denoiser,
    record: Mapping,
    bars: ErrorField | None = None,
) -> Imaged:
    """Reconstruct a field; `record`: of the denoiser's checkpoint; `bars`: its error field, None: without.

    Raises ValueError, which names `path`, where that fails.
    """
    data = field.data
    try:
        beam = field.imaged.beam
        spectrum = spectrum_of(
            options.spectrum,
            data,
            field.measurement,
            (beam.bmaj * beam.bmin) ** 0.5,
            None if field.correction is None else field.correction.index,
        )
        started = time.perf_counter()
        reconstruction = reconstruct(
            field.measurement,
            denoiser,
            schedule_of(options.iterations),
            seed(STREAM) % 2**32,
            points=options.points == "auto" and spectrum is None,
            allowed=field.allowed,
            spectrum=spectrum,
            spacings=field.spacings,
            coarse_first=True,
        )
        seconds = time.perf_counter() - started
        unexplained = []  # of the visibilities that checks look at

        def see(part, missing):
            unexplained.append(missing[0][part.sampled])

        measurement, images = reconstruction.measurement, reconstruction.images.numpy()
        weightings = [field.imaged.weighting, *([] if bars is None else [measurement.natural])]
        residuals, chi2 = measurement.residual(images, *weightings, see=see)
        (published,) = products(measurement, field.imaged, images, residuals[0], chi2)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not np.isfinite(published.chi2):
        raise ValueError(f"{path}: the reconstruction is not finite; the largest visibility is {data.largest:.3g} Jy")
    sources = reconstruction.points
    published = with_sources(published, sources)
    errors = None
    if options.replicas:
        say_notes([f"{options.replicas} replicas take about {options.replicas * seconds / 60:.2g} minutes"])
        errors = of_replicas(published.model, _replicas(field, options, denoiser, reconstruction, spectrum is None))
    if bars is not None:
        errors = _predicted(bars, reconstruction, residuals[1], published, denoiser, errors)
    warnings = prior_warnings(reconstruction, record) + chi2_warnings(
        published.chi2,
        data.sample,
        np.concatenate(unexplained),
        field.side_radians,
        options.sigma_scale,
        one_spectrum=spectrum is None,
    )
    results = [*_components(sources), *_spectrum(spectrum), *published.results(field.measured_arcsec)]
    if errors is not None:
        results.append(f"error bars: {errors.source}")
    return Imaged(published, reconstruction, spectrum, errors, results, warnings)


def _predicted(bars, reconstruction, residuals, published, denoiser, drawn):
    """`ErrorMaps` of the error field, residuals in natural weights; with the replicas that were drawn, or None."""
    (found,) = features_of(reconstruction, residuals, denoiser)
    errors = bars.error_maps(found, published.model, published.noise)
    return errors if drawn is None else replace(errors, replicas=drawn.replicas)


def _replicas(field, options, denoiser, reconstruction, one_spectrum):
    """`Replicas` of what was reconstructed, without the unresolved sources and with the spectral index as it was."""
    points = reconstruction.points

    def recipe(measurement, allowed, number):
        spacings = field.spacings
        if spacings and len(points):
            spacings = spacings.of_rest(measurement, points.flux.sum())
        orientations = seed(STREAM, "replica", number) % 2**32
        schedule = schedule_of(options.iterations)
        more = {"allowed": allowed, "spacings": spacings, "coarse_first": one_spectrum}
        return reconstruct(measurement, denoiser, schedule, orientations, **more).images[0].numpy()

    model, imaged = reconstruction.images[0].numpy(), field.imaged
    weighting, beam = imaged.weighting, imaged.beam
    return replicas(reconstruction.measurement, model, recipe, options.replicas, weighting, beam, field.allowed)


def draw(
    figure: Path, published: Products, errors: ErrorMaps | None, cell_arcsec: float, centre: tuple[float, float]
) -> None:
    """Write the picture of an image; `cell_arcsec`, `centre`: as of `RadioField`."""
    from lofi.drawing.radio import draw_products  # here: it takes half a second that an image has no use for

    draw_products(figure, published, cell_arcsec, centre, errors)


def prior_warnings(reconstruction: Reconstruction, record: Mapping) -> list[str]:
    """A sentence if ADMM ended outside the noise levels of the denoiser's training; `record` of its checkpoint."""
    peak = max(float(reconstruction.start.max()), float(reconstruction.images.max()))
    level, (lowest, highest) = reconstruction.trace[-1]["sigma"] / peak, record["noise"]
    if level > highest:
        return [
            f"the data are noisier than what the prior was trained for: its last noise level is {level:.2g} of the "
            f"peak, the training's highest {highest:.2g}; what the image shows may be noise"
        ]
    if level >= lowest:
        return []
    return [
        f"the data are better than what the prior was trained for: its last noise level is {level:.2g} of the peak, "
        f"the training's lowest {lowest:.2g}; faint structure may be lost"
    ]


def _components(sources: PointSources) -> list[str]:
    if not len(sources):
        return []
    number = np.count_nonzero(sources.extended)
    gaussians = f", of which {number} small Gaussians" if number else ""
    return [
        f"unresolved sources: {len(sources)} of {sources.flux.sum():.4g} Jy in all{gaussians}, measured with the "
        "visibilities and taken out before the reconstruction; in model each is in its nearest pixels, in image it is "
        "at its exact place with the beam, in components.csv are position, flux and size"
    ]


def _spectrum(spectrum: SpectralIndex | None) -> list[str]:
    if spectrum is None:
        return []
    return [
        f"spectral index {spectrum.mean:.2f} of the whole, one of its own in each pixel; model is at "
        f"{spectrum.reference_hz / 1e6:.6g} MHz; unresolved sources are not taken out"
    ]
