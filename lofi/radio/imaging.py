"""A user's visibilities, imaged with a trained denoiser as the prior and written as radio astronomers expect."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from lofi.drawing.radio import draw_image
from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.io.radio_fits import write_radio_set
from lofi.io.targets import check_targets
from lofi.models.pyramid import multiscale
from lofi.radio.measurement import UNITS, products
from lofi.radio.measuring import measure_visibilities
from lofi.seeds import seed
from lofi.solvers.admm import Schedule, admm
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.positivity import positivity_only

CHI2 = (0.9, 1.05)  # what a good reconstruction has


def image_visibilities(path, options, *, checkpoint, output, figure=None):
    """Image the visibilities of a file: five FITS files `<output>-<product>.fits`, `<output>-trace.csv`, a figure.

    Parameters
    ----------
    path : npz or UVFITS (`lofi.radio.visibilities`).
    options : mapping with the keys of radio observations in `config/observations/*.yaml`; only `pixels` is needed.
    checkpoint : folder of a denoiser. output : beginning of the names of the files.

    Raises ValueError or OSError, one sentence, for what cannot be read, imaged or written.
    """
    path = Path(path)
    if str(output).endswith("/") or Path(output).name in ("", ".."):
        raise ValueError(
            f"the output {str(output)!r} is no beginning of names of files; expected one such as results/m31"
        )
    trace_file = Path(f"{output}-trace.csv")
    check_targets(path, [*(f"{output}-{name}.fits" for name in UNITS), trace_file], figure)
    schedule = _schedule(options.get("iterations", Schedule.iterations))
    denoiser, record = load_denoiser(checkpoint)
    field = measure_visibilities(path, options)
    _say("note", field.remarks)
    _say("warning", field.doubts)
    model, trace, doubts = reconstruct(path, field, denoiser, record, schedule)
    chi2 = float(field.measurement.chi2(field.measurement.missing(model[None]))[0])
    if not np.isfinite(chi2):
        largest = np.abs(field.visibilities.values).max()
        raise ValueError(f"{path}: the reconstruction is not finite; the largest visibility is {largest:.3g} Jy")
    made = products(field.measurement, model, field.weights)
    results = [
        f"chi2/M {chi2:.3f} of {len(field.visibilities)} visibilities",
        f"flux of the model {model.sum():.4g} Jy"
        + (f", beyond {field.largest_arcsec:.3g} arcsec not measured" if field.beyond else ""),
        f"noise {made.noise:.3g} Jy/beam, rms of the residual {made.residual.std():.3g} Jy/beam",
    ]
    doubts += judge(chi2)
    _say("note", results)
    _say("warning", doubts)
    about = _history(path, checkpoint, record, options) + field.remarks + field.doubts + results + doubts
    _write(output, field, made, about, options)
    with replacing(trace_file) as temporary:
        pd.DataFrame(trace).drop(columns="image").to_csv(temporary, index=False)
    if figure is not None:
        with replacing(figure) as temporary:
            draw_image(temporary, made, field.cell_arcsec, field.centre, Path(figure).suffix[1:])


def reconstruct(path, field, denoiser, record, schedule):
    """The image (H, W) in Jy/pixel, float64; the trace of ADMM; and doubts about the prior."""
    measurement = field.measurement
    unit = float(np.abs(measurement.dirty).max()) or 1.0  # single precision holds no extreme fluxes
    dirty = torch.from_numpy((measurement.dirty / unit).astype(np.float32))
    noise, power = measurement.noise / unit, measurement.power / unit**2
    term = Deconvolution(measurement.psf, dirty, noise, power, len(field.visibilities))
    start = positivity_only(term)
    peak = float(start.max())
    if not peak > 0:
        raise ValueError(
            f"{path}: the positive image that fits best is 0 everywhere; the visibilities hold no source, or are not "
            "calibrated"
        )
    images, trace = admm(term, multiscale(denoiser.denoise), start, schedule, seed("image visibilities") % 2**32)
    lowest, level = record["noise"][0], trace[-1]["sigma"] / max(peak, float(images.max()))
    doubts = []
    if level < lowest:
        doubts.append(
            f"the data are better than what the prior was trained for: its last noise level is {level:.2g} of the "
            f"peak, the training's lowest {lowest:.2g}; faint structure may be lost"
        )
    for row in trace:
        row["sigma"] *= unit
    return unit * images[0].double().numpy(), trace, doubts


def judge(chi2):
    """No sentence if the reduced chi^2 passes, one if it does not."""
    if CHI2[0] <= chi2 <= CHI2[1]:
        return []
    if not np.isfinite(chi2):
        reason = "the reconstruction failed"
    elif chi2 > CHI2[1]:
        reason = (
            "the visibilities are noisier than their weights say, or not calibrated, or emission lies outside the "
            "image, or the cell is too coarse for point sources"
        )
    else:
        reason = "the image follows the noise: the data are fewer than the pixels, or less noisy than their weights say"
    return [f"chi2/M is {chi2:.2g}, outside {CHI2[0]:g} to {CHI2[1]:g}: {reason}"]


def _schedule(iterations):
    if iterations < 2:
        raise ValueError(f"iterations is {iterations}; expected at least 2")
    return Schedule(iterations=iterations, annealing=min(Schedule.annealing, iterations // 2))


def _say(kind, sentences):
    for sentence in sentences:
        print(f"{kind}: {sentence}", file=sys.stderr)


def _history(path, checkpoint, record, options):
    weighting = options.get("weighting", "briggs")
    robust = f", robust {options.get('robust', 0.0):g}" if weighting == "briggs" else ""
    trained = record["data"].get("description", "unnamed images")
    return [
        f"visibilities: {path.name}; noise times {options.get('sigma_scale', 1.0):g}",
        f"model: LoFi-ADMM, prior {record['model']['class']} of {Path(checkpoint).name}, trained on {trained}",
        f"seed of the training: {'/'.join(map(str, record['seed']))}",
        f"weighting of dirty, psf, residual and image: {weighting}{robust}; of the reconstruction: natural",
    ]


def _write(output, field, made, history, options):
    visibilities, beam = field.visibilities, field.beam
    bmaj, bmin = (size / 3600 for size in beam.arcsec(field.cell_arcsec))
    write_radio_set(
        output,
        made.images(),
        cell_arcsec=field.cell_arcsec,
        centre=field.centre,
        frequency_hz=visibilities.centre_frequency,
        bandwidth_hz=visibilities.bandwidth,
        beam=(bmaj, bmin, beam.bpa),
        object=visibilities.object,
        telescope=visibilities.telescope,
        date=visibilities.date,
        simulated=bool(options.get("simulated")) or visibilities.simulated,
        history=history,
    )
