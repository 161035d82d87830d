"""The error field: the error of each pixel of a radio image, predicted from the image, its residual and the prior.

The logarithm of the error is a polynomial of `lofi.radio.error_features`, fitted to simulated skies of every texture.
Tables, from skies that took no part in a fit, say how errors scatter about it (conformal prediction).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from lofi.io.atomic import replacing
from lofi.priors.record import check_errors_of
from lofi.radio.error_features import FEATURES
from lofi.radio.error_maps import BOUNDS, ErrorMaps

RECORD = "errors.json"
FORMAT = 1
CLIP = 4.0  # standard deviations of a feature; farther out nothing was fitted


@dataclass(frozen=True, eq=False)
class ErrorField:
    """A predictor of errors.

    Attributes
    ----------
    mean, spread : (D,) of the terms of the polynomial. model, restored : (D + 1,) coefficients, the constant last: ln
        of the error of the model over the denoiser's level, of the restored image over its noise.
    nodes : (B,) ln of a pixel's value over its predicted error. quantiles : (B, 4) of truth less image over the
        predicted error, of `BOUNDS`, and rms : (B,) of it, at the nodes. restored_rms : of the restored image's.
    """

    mean: np.ndarray
    spread: np.ndarray
    model: np.ndarray
    restored: np.ndarray
    nodes: np.ndarray
    quantiles: np.ndarray
    rms: np.ndarray
    restored_rms: np.ndarray

    def scale(self, features: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
        """What the polynomial says of features (..., F): exp, without the tables."""
        standard = ((terms(features) - self.mean) / self.spread).clip(-CLIP, CLIP)
        return np.exp(standard @ coefficients[:-1] + coefficients[-1])

    def error_maps(self, features: Iterable[np.ndarray], model: np.ndarray, level: float, noise: float) -> ErrorMaps:
        """Error bars of a model (H, W), Jy/pixel, with features in stripes (rows, W, F) from top to bottom; level : of
        the denoiser, Jy/pixel; noise : of the restored image, Jy/beam."""
        error, image_error = np.empty_like(model), np.empty_like(model)
        bounds = {name: np.empty_like(model) for name in BOUNDS}
        first = 0
        for stripe in features:
            rows = slice(first, first := first + len(stripe))
            scale = level * self.scale(stripe, self.model)
            guide = signal(model[rows], scale)
            for i, bound in enumerate(bounds.values()):
                wrong = scale * np.interp(guide, self.nodes, self.quantiles[:, i])
                bound[rows] = np.maximum(model[rows] + wrong, 0)
            error[rows] = scale * np.interp(guide, self.nodes, self.rms)
            image_error[rows] = noise * float(self.restored_rms) * self.scale(stripe, self.restored)
        return ErrorMaps(error, bounds, image_error, "an error field, calibrated on simulated skies")


def terms(features: np.ndarray) -> np.ndarray:
    """The terms (..., 2 F) of the polynomial: features and their squares."""
    return np.concatenate([features, features**2 / 10], -1)


def signal(model: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Guide of the tables: ln of pixels over their predicted errors."""
    return np.log(np.maximum(model / scale, 1e-2))


def save_errors(folder: str | Path, field: ErrorField, prior: Mapping, **about: Any) -> None:
    """Write the error field of the prior that has the record `prior`; `about` says what it was made of."""
    record = {"format": FORMAT, "prior": prior["weights"], "features": list(FEATURES)} | about
    record |= {part.name: np.round(getattr(field, part.name), 6).tolist() for part in fields(ErrorField)}
    Path(folder).mkdir(parents=True, exist_ok=True)
    with replacing(Path(folder) / RECORD) as path:
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def load_errors(folder: str | Path, prior: Mapping) -> tuple[ErrorField, dict] | None:
    """The error field and its record; None where the prior in `folder`, whose record is `prior`, has none.

    Raises ValueError, one sentence, where it is of another prior, damaged, or of another version.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        arrays = {part.name: np.array(record[part.name], float) for part in fields(ErrorField)}
        known = record["format"] == FORMAT and record["features"] == list(FEATURES)
        of_prior, described = record["prior"], isinstance(record["description"], str)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{path} does not describe error bars; make them again, or image with --no-errors") from None
    if not known:
        raise ValueError(f"{path} is of another version of lofi; make the error bars again, or --no-errors")
    count, bins = 2 * len(FEATURES), arrays["nodes"].size
    shapes = [(count,), (count,), (count + 1,), (count + 1,), (bins,), (bins, len(BOUNDS)), (bins,), ()]
    finite = all(np.isfinite(array).all() for array in arrays.values())
    if not (described and bins and finite and [array.shape for array in arrays.values()] == shapes):
        raise ValueError(f"{path} does not describe error bars; make them again, or image with --no-errors")
    check_errors_of(path, of_prior, prior, "image")
    return ErrorField(**arrays), record


def error_field_of(folder: str | Path, prior: Mapping, wanted: bool | None) -> tuple[ErrorField | None, list[str]]:
    """The error field of the prior in `folder`, whose record is `prior`, and a note on it.

    wanted : the option `errors`; None: where the prior has one. Raises ValueError where it is wanted and not there.
    """
    if wanted is False:
        return None, []
    found = load_errors(folder, prior)
    if found is not None:
        return found[0], [f"error bars: {found[1]['description']}"]
    missing = f"the prior {Path(folder).resolve().name} has no error bars ({RECORD})"
    if wanted:
        raise ValueError(f"{missing}, which --errors asks for; leave it out, or give --replicas N")
    return None, []
