"""The error field: the error of each pixel of a radio image, predicted from the image, its residual and the prior.

The logarithm of the error is a polynomial of `lofi.radio.error_features`, fitted to simulated skies of every texture.
Skies differ in their errors by more than their pixels tell: a factor of the sky follows from those of skies like it.
Tables, from skies that took no part in a fit, say how errors scatter about all this (conformal prediction).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from lofi.io.atomic import replacing
from lofi.priors.record import check_errors_of
from lofi.radio.error_features import FEATURES, SKY_FEATURES, Features, sources
from lofi.radio.error_maps import BOUNDS, ErrorMaps

RECORD = "errors.json"
FORMAT = 2
CLIP = 4.0  # standard deviations of a feature; farther out nothing was fitted
KINDS = ("source", "empty")  # of pixels, each with a factor of its own
REACH = 2.0  # rms over a sky's features, in standard deviations: how far from a sky it tells about others


@dataclass(frozen=True, eq=False)
class ErrorField:
    """A predictor of errors.

    Attributes
    ----------
    mean, spread : (D,) of the terms of the polynomial. model, restored : (D + 1,) coefficients, the constant last: ln
        of the error of the model over the denoiser's level, of the restored image over its noise.
    nodes : of each of `KINDS`, (2, B), ln of a pixel's value over its predicted error, with the factor of its sky.
        quantiles : (2, B, 4) of truth less image over the same error, of `BOUNDS`, and rms : (2, B) of it, at the
        nodes. restored_rms : of the restored image's, over what the polynomial says.
    sky_mean, sky_spread : (S,) of the features of a sky. skies : (C, S), standardised, of the calibration. weights :
        (C, 2) of the logarithm of the factors of `KINDS`, and typical : (2,), that of a sky like none of these.
    """

    mean: np.ndarray
    spread: np.ndarray
    model: np.ndarray
    restored: np.ndarray
    nodes: np.ndarray
    quantiles: np.ndarray
    rms: np.ndarray
    restored_rms: np.ndarray
    sky_mean: np.ndarray
    sky_spread: np.ndarray
    skies: np.ndarray
    weights: np.ndarray
    typical: np.ndarray

    def scale(self, features: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
        """What the polynomial says of features (..., F): exp, without the tables."""
        standard = ((terms(features) - self.mean) / self.spread).clip(-CLIP, CLIP)
        return np.exp(standard @ coefficients[:-1] + coefficients[-1])

    def factors(self, sky: np.ndarray) -> np.ndarray:
        """Factors (2,) of `KINDS` on what the polynomial says, of the features (S,) of a sky: kernel regression."""
        near = kernel(standardised(sky, self.sky_mean, self.sky_spread)[None], self.skies)[0]
        return np.exp(self.typical + near @ self.weights)

    def error_maps(self, features: Features, model: np.ndarray, noise: float) -> ErrorMaps:
        """Error bars of a model (H, W), Jy/pixel; noise : of the restored image, Jy/beam."""
        error, image_error = np.empty_like(model), np.empty_like(model)
        bounds = {name: np.empty_like(model) for name in BOUNDS}
        source, factors, first = sources(model, features.level), self.factors(features.sky()), 0
        for stripe in features.pixels():
            rows = slice(first, first := first + len(stripe))
            scale = features.level * self.scale(stripe, self.model)
            for kind, inside in enumerate((source[rows], ~source[rows])):
                values, width = model[rows][inside], factors[kind] * scale[inside]
                guide = signal(values, width)
                for bound, quantiles in zip(bounds.values(), self.quantiles[kind].T, strict=True):
                    wrong = width * np.interp(guide, self.nodes[kind], quantiles)
                    bound[rows][inside] = np.maximum(values + wrong, 0)
                error[rows][inside] = width * np.interp(guide, self.nodes[kind], self.rms[kind])
            image_error[rows] = noise * float(self.restored_rms) * self.scale(stripe, self.restored)
        return ErrorMaps(error, bounds, image_error, "an error field, calibrated on simulated skies")


def terms(features: np.ndarray) -> np.ndarray:
    """The terms (..., 2 F) of the polynomial: features and their squares."""
    return np.concatenate([features, features**2 / 10], -1)


def signal(model: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Guide of the tables: ln of pixels over their predicted errors."""
    return np.log(np.maximum(model / scale, 1e-2))


def standardised(skies: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Features (..., S) of skies in standard deviations."""
    return (skies - mean) / spread


def kernel(skies: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How alike skies (N, S) are to others (C, S), both standardised: (N, C), 1 for the same."""
    return np.exp(-((skies[:, None] - others) ** 2).mean(-1) / (2 * REACH**2))


def save_errors(folder: str | Path, field: ErrorField, prior: Mapping, **about: Any) -> None:
    """Write the error field of the prior that has the record `prior`; `about` says what it was made of."""
    named = {"features": list(FEATURES), "sky_features": list(SKY_FEATURES)}
    record = {"format": FORMAT, "prior": prior["weights"]} | named | about
    record |= {part.name: np.round(getattr(field, part.name), 6).tolist() for part in fields(ErrorField)}
    Path(folder).mkdir(parents=True, exist_ok=True)
    with replacing(Path(folder) / RECORD) as path:
        lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in record.items())
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def load_errors(folder: str | Path, prior: Mapping) -> tuple[ErrorField, dict] | None:
    """The error field and its record; None where the prior in `folder`, whose record is `prior`, has none.

    Raises ValueError, one sentence, where it is of another prior, damaged, or of another version.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        version, of_prior, described = record["format"], record["prior"], isinstance(record["description"], str)
        known = version == FORMAT
        known = known and [record["features"], record["sky_features"]] == [list(FEATURES), list(SKY_FEATURES)]
        arrays = {part.name: np.array(record[part.name], float) for part in fields(ErrorField)} if known else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{path} does not describe error bars; make them again, or image with --no-errors") from None
    if not known:
        raise ValueError(f"{path} is of another version of lofi; make the error bars again, or --no-errors")
    finite = all(np.isfinite(array).all() for array in arrays.values())
    if not (described and finite and _fit_together(arrays)):
        raise ValueError(f"{path} does not describe error bars; make them again, or image with --no-errors")
    check_errors_of(path, of_prior, prior, "image")
    return ErrorField(**arrays), record


def _fit_together(arrays):
    """Whether arrays have the shapes of an `ErrorField`."""
    count, of_sky, kinds = 2 * len(FEATURES), len(SKY_FEATURES), len(KINDS)
    bins, skies = arrays["nodes"].shape[-1:], arrays["skies"].shape[:1]
    shapes = [(count,), (count,), (count + 1,), (count + 1,)]
    shapes += [(kinds, *bins), (kinds, *bins, len(BOUNDS)), (kinds, *bins), ()]
    shapes += [(of_sky,), (of_sky,), (*skies, of_sky), (*skies, kinds), (kinds,)]
    return arrays["nodes"].size > 0 and [array.shape for array in arrays.values()] == shapes


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
