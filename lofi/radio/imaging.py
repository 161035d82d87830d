"""A user's visibilities, imaged with a trained denoiser as the prior and written as radio astronomers expect."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.io.targets import check_targets
from lofi.messages import say_notes
from lofi.radio import beam_correction
from lofi.radio.component_table import write_components
from lofi.radio.coverage import ARCSEC
from lofi.radio.diagnosis import chi2_warnings
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.point_sources import PointSources
from lofi.radio.prediction import predictor
from lofi.radio.products import UNITS, products, with_sources, write_products
from lofi.radio.radio_field import RadioField, read_field
from lofi.radio.reconstruction import Reconstruction, reconstruct, schedule_of
from lofi.radio.spectral_index import SpectralIndex, spectrum_of
from lofi.radio.visibilities.ms_predict import check_predict, write_model
from lofi.radio.visibilities.read import LIMIT, named
from lofi.seeds import seed

BRIGHT = 5.0  # of the noise, from which an image has a spectral index
STREAM = "image visibilities"  # of the random orientations


def image_visibilities(
    paths: Sequence[Path],
    options: ImagingOptions,
    *,
    checkpoint: Path,
    output: Path | str,
    figure: Path | None = None,
    threads: int = 1,
    predict: str | None = None,
) -> None:
    """Image the visibilities of one or several files as one data set.

    Writes five FITS files `<output>-<product>.fits`, three more where the primary beam is corrected, two more with a
    spectral index,
    `<output>-trace.csv`, `<output>-components.csv` with the unresolved sources that were taken out, a figure.

    Parameters
    ----------
    paths : of formats of `lofi.radio.visibilities.read`, of one phase centre. checkpoint : folder of a denoiser.
    output : beginning of the names of the files. threads : of the transforms.
    predict : column of the Measurement Sets that gets the model's visibilities, None: they are not written.

    Raises ValueError or OSError, one sentence, for what cannot be read, imaged or written.
    """
    path = named(paths)
    if str(output).endswith("/") or Path(output).name in ("", ".."):
        raise ValueError(
            f"the output {str(output)!r} cannot be the beginning of the files' names; give one such as results/m31"
        )
    trace_file, components_file = Path(f"{output}-trace.csv"), Path(f"{output}-components.csv")
    images = [f"{output}-{name}.fits" for name in (*UNITS, *beam_correction.UNITS, "alpha", "alpha-error")]
    inputs = paths if options.mask is None else [*paths, options.mask]
    check_targets(inputs, [*images, trace_file, components_file], figure)
    if predict is not None:
        for name in paths:
            check_predict(name, predict, options)
    denoiser, record = load_denoiser(checkpoint)
    field = read_field(paths, options, threads)
    say_notes(field.notes)
    say_notes(field.warnings, "warning")
    data = field.data
    try:
        beam = field.imaged.beam
        spectrum = spectrum_of(options.spectrum, data, field.measurement, (beam.bmaj * beam.bmin) ** 0.5)
        reconstruction = reconstruct(
            field.measurement,
            denoiser,
            schedule_of(options.iterations),
            seed(STREAM) % 2**32,
            points=options.points == "auto" and spectrum is None,
            allowed=field.allowed,
            spectrum=spectrum,
            spacings=field.spacings,
        )
        unexplained = []  # of the visibilities that checks look at

        def see(part, missing):
            unexplained.append(missing[0][part.sampled])

        (published,) = products(reconstruction.measurement, field.imaged, reconstruction.images.numpy(), see)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not np.isfinite(published.chi2):
        raise ValueError(f"{path}: the reconstruction is not finite; the largest visibility is {data.largest:.3g} Jy")
    sources = reconstruction.points
    published = with_sources(published, sources)
    results = [*_components(sources), *_spectrum(spectrum), *published.results(field.measured_arcsec)]
    warnings = prior_warnings(reconstruction, record) + chi2_warnings(
        published.chi2,
        data.sample,
        np.concatenate(unexplained),
        field.side_radians,
        options.sigma_scale,
        one_spectrum=spectrum is None,
    )
    say_notes(results)
    say_notes(warnings, "warning")
    more, alpha = {}, None
    if spectrum is not None:
        more = spectrum.images(published.model, published.image > BRIGHT * published.noise, seed(STREAM) % 2**32)
        alpha, _ = more["alpha"]
    if field.correction:
        more |= field.correction.images(published.image, published.noise, alpha)
    write_products(
        output,
        published,
        cell_arcsec=field.cell_arcsec,
        centre=field.centre,
        frequency_hz=data.frequency,
        bandwidth_hz=data.bandwidth,
        object=data.object,
        telescope=data.telescope,
        date=data.date,
        simulated=options.simulated or data.simulated,
        data=_data_history(paths, field, options),
        model=_model_history(checkpoint, record),
        weighting=options.imaging_weighting,
        results=results + warnings,
        more=more,
    )
    with replacing(trace_file) as temporary:
        pd.DataFrame(reconstruction.trace).drop(columns="image").to_csv(temporary, index=False)
    write_components(components_file, sources, options.shape, field.cell_arcsec, field.centre)
    if figure is not None:
        from lofi.drawing.radio import draw_products  # here: it takes half a second that an image has no use for

        draw_products(figure, published, field.cell_arcsec, field.centre)
    if predict is not None:
        image = reconstruction.images[0].numpy()
        model = predictor(image, sources, field.cell_arcsec * ARCSEC, threads, spectrum)
        limit = max(LIMIT, published.model.size // 4)  # each call takes the time and memory of transforms of the image
        for name in paths:
            say_notes(write_model(name, predict, model, options, limit))


def prior_warnings(reconstruction: Reconstruction, record: Mapping) -> list[str]:
    """A sentence if ADMM ended below the noise levels that the denoiser was trained for; `record` of its checkpoint."""
    peak = max(float(reconstruction.start.max()), float(reconstruction.images.max()))
    level, lowest = reconstruction.trace[-1]["sigma"] / peak, record["noise"][0]
    if level >= lowest:
        return []
    return [
        f"the data are better than what the prior was trained for: its last noise level is {level:.2g} of the peak, "
        f"the training's lowest {lowest:.2g}; faint structure may be lost"
    ]


def _components(sources: PointSources) -> list[str]:
    if not len(sources):
        return []
    return [
        f"unresolved sources: {len(sources)} of {sources.flux.sum():.4g} Jy in all, measured with the visibilities and "
        "taken out before the reconstruction; in model each is in its nearest pixel, in image it is the beam at its "
        "exact place, in components.csv are position and flux"
    ]


def _spectrum(spectrum: SpectralIndex | None) -> list[str]:
    if spectrum is None:
        return []
    return [
        f"spectral index {spectrum.mean:.2f} of the whole, one of its own in each pixel; model is at "
        f"{spectrum.reference_hz / 1e6:.6g} MHz; unresolved sources are not taken out"
    ]


def _data_history(paths: Sequence[Path], field: RadioField, options: ImagingOptions) -> list[str]:
    names = ", ".join(path.name for path in paths)
    return [f"visibilities: {names}; noise times {options.sigma_scale:g}", *field.notes, *field.warnings]


def _model_history(checkpoint: Path, record: Mapping) -> str:
    trained = record["data"].get("description", "unnamed images")
    return (
        f"LoFi-ADMM, natural weights, prior {record['model']['class']} of {Path(checkpoint).name}, trained on "
        f"{trained}, seed {'/'.join(map(str, record['seed']))}"
    )
