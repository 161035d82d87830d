"""A user's visibilities, imaged with a trained denoiser as the prior and written as radio astronomers expect."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lofi.io.checkpoint import load_denoiser
from lofi.io.replica_cube import write_replicas
from lofi.io.targets import check_targets
from lofi.messages import say_notes
from lofi.models.precision import with_precision
from lofi.priors.shipped import find, note
from lofi.radio import beam_correction, error_maps
from lofi.radio.component_table import component_table, write_table
from lofi.radio.coverage import ARCSEC
from lofi.radio.cube import image_cube
from lofi.radio.error_field import error_field_of
from lofi.radio.history import data_history, model_history
from lofi.radio.imaged import draw, image_field
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.prediction import predictor
from lofi.radio.products import UNITS, write_products
from lofi.radio.radio_field import read_field
from lofi.radio.visibilities.ms_predict import check_predict, write_model
from lofi.radio.visibilities.read import LIMIT, named

# Products that only some images have.
OPTIONAL = (*beam_correction.UNITS, *error_maps.UNITS, "alpha", "alpha-error", "replicas")


def image_visibilities(
    paths: Sequence[Path],
    options: ImagingOptions,
    *,
    prior: str | Path | None = None,
    output: Path | str,
    figure: Path | None = None,
    threads: int = 1,
    predict: str | None = None,
    precision: str | None = None,
) -> None:
    """Image the visibilities of one or several files as one data set.

    Writes five FITS files `<output>-<product>.fits`, three more where the primary beam is corrected, two more with a
    spectral index, six with error bars, a seventh with replicas, `<output>-trace.csv`, `<output>-components.csv` with
    the unresolved sources that were taken out, a figure. Such files of an earlier image that this one does not have are
    removed. With `options.cube` each FITS file is a cube
    (`lofi.radio.cube`).

    Parameters
    ----------
    paths : of formats of `lofi.radio.visibilities.read`, of one phase centre.
    prior : a denoiser, a name or a folder (`lofi.priors.shipped.find`); None: the one that ships.
    output : beginning of the names of the files. threads : of the transforms.
    precision : of the denoiser's layers, exact or fast (`lofi.models.precision`); None: as it was trained.
    predict : column of the Measurement Sets that gets the model's visibilities, None: they are not written.

    Raises ValueError or OSError, one sentence, for what cannot be read, imaged or written.
    """
    path = named(paths)
    if str(output).endswith("/") or Path(output).name in ("", ".."):
        raise ValueError(
            f"the output {str(output)!r} cannot be the beginning of the files' names; give one such as results/m31"
        )
    trace_file, components_file = Path(f"{output}-trace.csv"), Path(f"{output}-components.csv")
    images = [f"{output}-{name}.fits" for name in (*UNITS, *OPTIONAL)]
    inputs = paths if options.mask is None else [*paths, options.mask]
    check_targets(inputs, [*images, trace_file, components_file], figure)
    if options.cube is not None and predict is not None:
        raise ValueError("--cube cannot be used with --predict; image one range of --channels after the other")
    if predict is not None:
        check_predict(paths, predict, options)
    folder = find(prior, "denoising")
    denoiser, record = load_denoiser(folder)
    denoiser, computed = with_precision(denoiser, precision)
    bars, of_bars = error_field_of(folder, record, options.errors)
    of_prior, history = note(folder, record), "; ".join([model_history(folder, record), *computed])
    if options.cube is not None:
        say_notes([of_prior, *computed, *of_bars])
        image_cube(paths, options, denoiser, record, bars, history, output=output, figure=figure, threads=threads)
        return
    field = read_field(paths, options, threads)
    say_notes([*field.notes, of_prior, *computed, *of_bars])
    say_notes(field.warnings, "warning")
    data = field.data
    imaged = image_field(path, field, options, denoiser, record, bars)
    published, sources, spectrum = imaged.published, imaged.reconstruction.points, imaged.spectrum
    say_notes(imaged.results)
    say_notes(imaged.warnings, "warning")
    more = imaged.more(field)
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
        data=data_history(paths, [*field.notes, *field.warnings], options),
        model=history,
        weighting=options.imaging_weighting,
        results=imaged.results + imaged.warnings,
        more=more,
    )
    replicated = imaged.errors is not None and imaged.errors.replicas is not None
    if replicated:
        write_replicas(
            f"{output}-replicas.fits",
            imaged.errors.replicas,
            field.cell_arcsec,
            field.centre,
            simulated=options.simulated or data.simulated,
            history=[history, *imaged.results],
        )
    _remove_earlier(output, {*more, "replicas"} if replicated else set(more))
    write_table(trace_file, pd.DataFrame(imaged.reconstruction.trace).drop(columns="image"))
    write_table(components_file, component_table(sources, options.shape, field.cell_arcsec, field.centre))
    if figure is not None:
        draw(figure, imaged.published, imaged.errors, field.cell_arcsec, field.centre)
    if predict is not None:
        image = imaged.reconstruction.images[0].numpy()
        model = predictor(image, sources, field.cell_arcsec * ARCSEC, threads, spectrum)
        limit = max(LIMIT, published.model.size // 4)  # each call takes the time and memory of transforms of the image
        say_notes(write_model(paths, predict, model, options, limit))


def _remove_earlier(output, written):
    """Remove the products of an earlier image of the same name that this one does not have; a note says so."""
    stale = [Path(f"{output}-{name}.fits") for name in OPTIONAL if name not in written]
    stale = [path for path in stale if path.is_file()]
    for path in stale:
        path.unlink()
    if stale:
        say_notes([f"removed {', '.join(path.name for path in stale)} of an earlier image of this name"])
