"""The images that radio astronomers publish, and their files: one recipe for a user's data and for simulated ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from lofi.io.radio_fits import write_radio_set
from lofi.radio.beam import Beam, convolve, fit_beam
from lofi.radio.measurement import Measurement
from lofi.radio.point_sources import PointSources
from lofi.radio.weighting import Weighting

UNITS = {"dirty": "Jy/beam", "psf": "Jy/beam", "model": "Jy/pixel", "residual": "Jy/beam", "image": "Jy/beam"}


@dataclass(frozen=True, eq=False)
class Imaging:
    """What imaging weights make of a `Measurement`, before anything is reconstructed.

    Attributes
    ----------
    weighting : the weights. psf : (H, W), peak at (H // 2, W // 2). dirty : (P, H, W), Jy/beam, P skies.
    beam : in pixels. noise : (P,), theoretical, of the dirty images, Jy/beam.
    """

    weighting: Weighting
    psf: np.ndarray
    dirty: np.ndarray
    beam: Beam
    noise: np.ndarray


def imaging(measurement: Measurement, weighting: str, robust: float = 0.0) -> Imaging:
    """The `Imaging` of weights by name; ValueError where no beam can be fitted."""
    weights = measurement.weighting(weighting, robust)
    psf, dirty = measurement.psf_and_dirty(weights)
    return Imaging(weights, psf, dirty, fit_beam(psf), measurement.scale * weights.noise)


@dataclass(frozen=True, eq=False)
class Products:
    """The published images of one sky.

    Attributes
    ----------
    dirty, psf, residual, image : (H, W), Jy/beam. model : (H, W), Jy/pixel. `image` is the model convolved with the
        beam, plus the residual; the peak of the psf is at (H // 2, W // 2).
    beam : in pixels. noise : theoretical, of the dirty image, Jy/beam.
    chi2 : reduced, of the model. visibilities : their number M.
    """

    dirty: np.ndarray
    psf: np.ndarray
    model: np.ndarray
    residual: np.ndarray
    image: np.ndarray
    beam: Beam
    noise: float
    chi2: float
    visibilities: int

    def results(self, measured_arcsec: float | None = None) -> list[str]:
        """Sentences with the numbers; `measured_arcsec`: the size beyond which no flux was measured, None: no such."""
        unmeasured = "" if measured_arcsec is None else f", beyond {measured_arcsec:.3g} arcsec not measured"
        return [
            f"chi2/M {self.chi2:.3f} of {self.visibilities} visibilities",
            f"flux of the model {self.model.sum(dtype=np.float64):.4g} Jy{unmeasured}",
            f"noise {self.noise:.3g} Jy/beam, rms of the residual {self.residual.std():.3g} Jy/beam",
        ]


def products(
    measurement: Measurement, imaged: Imaging, models: np.ndarray, residuals: np.ndarray, chi2: np.ndarray
) -> list[Products]:
    """The `Products` of each sky: of models (P, H, W) in Jy/pixel, and what `Measurement.residual` tells of them."""
    return [
        Products(
            dirty=imaged.dirty[sky],
            psf=imaged.psf,
            model=model,
            residual=residuals[sky],
            image=restored(model, residuals[sky], imaged.beam),
            beam=imaged.beam,
            noise=float(imaged.noise[sky]),
            chi2=float(chi2[sky]),
            visibilities=measurement.count,
        )
        for sky, model in enumerate(models)
    ]


def with_sources(published: Products, sources: PointSources) -> Products:
    """The images with sources that were not in the model, in `image` at their exact places.

    In `model` points have their whole flux in the nearest pixel, Gaussians in the nearest pixels."""
    shape = published.model.shape
    return replace(
        published,
        model=published.model + sources.image(shape),
        image=published.image + sources.restored(shape, published.beam),
    )


def restored(model: np.ndarray, residual: np.ndarray, beam: Beam) -> np.ndarray:
    """The image (H, W) in Jy/beam: the model in Jy/pixel convolved with the beam, plus the residual in Jy/beam."""
    return convolve(model, beam) + residual


def write_products(
    prefix: Path | str,
    published: Products,
    *,
    cell_arcsec: float,
    centre: tuple[float, float],
    frequency_hz: float,
    bandwidth_hz: float,
    object: str,
    telescope: str,
    date: str = "",
    simulated: bool,
    data: Sequence[str],
    model: str,
    weighting: Mapping[str, str | float],
    results: Sequence[str],
    more: Mapping[str, tuple[np.ndarray, str]] = MappingProxyType({}),
) -> list[Path]:
    """Write `<prefix>-<product>.fits` of each product, and of `more` images `{product: ((H, W), unit)}`.

    Parameters
    ----------
    cell_arcsec to simulated : as of `lofi.io.radio_fits.write_radio_image`.
    data, results : lines of HISTORY on the visibilities and on the outcome. model : how the model was made.
    weighting : of the published images, keywords of `lofi.radio.weighting.Weighting`.
    """
    bmaj, bmin = published.beam.arcsec(cell_arcsec)
    images = {name: (getattr(published, name), unit) for name, unit in UNITS.items()}
    return write_radio_set(
        prefix,
        images | more,
        cell_arcsec=cell_arcsec,
        centre=centre,
        frequency_hz=frequency_hz,
        bandwidth_hz=bandwidth_hz,
        beam=(bmaj / 3600, bmin / 3600, published.beam.bpa),
        object=object,
        telescope=telescope,
        date=date,
        simulated=simulated,
        history=[*data, *recipe(model, weighting), *results],
    )


def recipe(model: str, weighting: Mapping[str, str | float]) -> list[str]:
    """Lines of HISTORY on what the products are; parameters as of `write_products`."""
    robust = f", robust {weighting['robust']:g}" if "robust" in weighting else ""
    return [
        f"model: {model}",
        f"weighting of dirty, psf, residual and image: {weighting['weighting']}{robust}",
        "image: model convolved with the beam, plus residual",
    ]
