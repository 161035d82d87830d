"""The images that radio astronomers publish, and their files: one recipe for a user's data and for simulated ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lofi.io.radio_fits import write_radio_set
from lofi.radio.beam import Beam, convolve, fit_beam
from lofi.radio.measurement import Measurement
from lofi.radio.noise import theoretical_noise

UNITS = {"dirty": "Jy/beam", "psf": "Jy/beam", "model": "Jy/pixel", "residual": "Jy/beam", "image": "Jy/beam"}


@dataclass(frozen=True, eq=False)
class Products:
    """The published images of one sky.

    Attributes
    ----------
    dirty, psf, residual, image : (H, W), Jy/beam. model : (H, W), Jy/pixel. `image` is the model convolved with the
        beam, plus the residual; the psf is cut to (H, W), its peak at (H // 2, W // 2).
    beam : in pixels. noise : theoretical, of the dirty image, Jy/beam.
    chi2 : reduced, of the model. unexplained : (M,) complex, visibilities minus those of the model, Jy.
    visibilities : their number M.
    """

    dirty: np.ndarray
    psf: np.ndarray
    model: np.ndarray
    residual: np.ndarray
    image: np.ndarray
    beam: Beam
    noise: float
    chi2: float
    unexplained: np.ndarray
    visibilities: int

    def results(self, measured_arcsec: float | None = None) -> list[str]:
        """Sentences with the numbers; `measured_arcsec`: the size beyond which no flux was measured, None: no such."""
        unmeasured = "" if measured_arcsec is None else f", beyond {measured_arcsec:.3g} arcsec not measured"
        return [
            f"chi2/M {self.chi2:.3f} of {self.visibilities} visibilities",
            f"flux of the model {self.model.sum(dtype=np.float64):.4g} Jy{unmeasured}",
            f"noise {self.noise:.3g} Jy/beam, rms of the residual {self.residual.std():.3g} Jy/beam",
        ]


def products(measurement: Measurement, model: np.ndarray, weights: np.ndarray, index: int = 0) -> Products:
    """The `Products` of sky `index` and a model (H, W) in Jy/pixel, with imaging weights (M,).

    Raises ValueError where no beam can be fitted.
    """
    operator, visibilities = measurement.operator, measurement.visibilities[index]
    psf = operator.psf(weights)
    beam = fit_beam(psf)
    unexplained = visibilities - operator.forward(model)
    residual = operator.dirty(unexplained, weights)
    height, width = operator.shape
    return Products(
        dirty=operator.dirty(visibilities, weights),
        psf=psf[height - height // 2 :, width - width // 2 :][:height, :width],
        model=model,
        residual=residual,
        image=restored(model, residual, beam),
        beam=beam,
        noise=float(measurement.scale[index] * theoretical_noise(weights, measurement.sigma)),
        chi2=float(measurement.chi2(unexplained)[index]),
        unexplained=unexplained,
        visibilities=len(operator),
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
    truth: np.ndarray | None = None,
) -> list[Path]:
    """Write `<prefix>-<product>.fits` of each product, and of the `truth` (H, W) in Jy/pixel where it is known.

    Parameters
    ----------
    cell_arcsec to simulated : as of `lofi.io.radio_fits.write_radio_image`.
    data, results : lines of HISTORY on the visibilities and on the outcome. model : how the model was made.
    weighting : of the published images, keywords of `lofi.radio.weighting.imaging_weights`.
    """
    bmaj, bmin = published.beam.arcsec(cell_arcsec)
    robust = f", robust {weighting['robust']:g}" if "robust" in weighting else ""
    images = {name: (getattr(published, name), unit) for name, unit in UNITS.items()}
    return write_radio_set(
        prefix,
        images if truth is None else images | {"truth": (truth, "Jy/pixel")},
        cell_arcsec=cell_arcsec,
        centre=centre,
        frequency_hz=frequency_hz,
        bandwidth_hz=bandwidth_hz,
        beam=(bmaj / 3600, bmin / 3600, published.beam.bpa),
        object=object,
        telescope=telescope,
        date=date,
        simulated=simulated,
        history=[
            *data,
            f"model: {model}",
            f"weighting of dirty, psf, residual and image: {weighting['weighting']}{robust}",
            "image: model convolved with the beam, plus residual",
            *results,
        ],
    )
