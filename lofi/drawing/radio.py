"""The images of one radio observation side by side."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm, Normalize
from matplotlib.patches import Ellipse

from lofi.drawing.style import save, style
from lofi.radio.error_maps import ErrorMaps
from lofi.radio.products import Products

OFFSETS = {"degree": 3600.0, "arcmin": 60.0, "arcsec": 1.0, "mas": 1e-3, "μas": 1e-6}  # arcsec


def draw_products(
    path: Path, products: Products, cell_arcsec: float, centre: tuple[float, float], errors: ErrorMaps | None = None
) -> None:
    """Dirty image, model, residual and restored image, North up and East left, offsets from the phase centre; with
    `errors` also the error of the model and the model over it.

    Model and restored image on an asinh scale, linear below three times the noise; the residual within five times the
    noise. The ellipse is the beam. `centre`: right ascension and declination in degrees.
    """
    field_arcsec = max(products.dirty.shape) * cell_arcsec
    offset = next((unit for unit, arcsec in OFFSETS.items() if field_arcsec >= 4 * arcsec), "μas")
    cell = cell_arcsec / OFFSETS[offset]
    plt, panels = style(), _panels(products) | ({} if errors is None else _error_panels(products, errors))
    rows = len(panels) // 2
    figure, axes = plt.subplots(rows, 2, figsize=(7.4, 3.2 * rows), layout="compressed", sharex=True, sharey=True)
    for panel, (title, (image, unit, norm)) in zip(axes.flat, panels.items(), strict=True):
        drawn = panel.imshow(image, norm=norm, extent=_extent(image.shape, cell), cmap="magma")
        panel.set_title(title)
        ticks = norm.inverse(np.linspace(0, 1, 6))
        figure.colorbar(drawn, ax=panel, shrink=0.9, label=unit, ticks=ticks, format="%.2g").minorticks_off()
        if unit == "Jy/beam":
            _draw_beam(panel, products, cell)
    for panel in axes[-1]:
        panel.set_xlabel(f"offset towards East [{offset}]")
    for panel in axes[:, 0]:
        panel.set_ylabel(f"offset towards North [{offset}]")
    figure.suptitle(f"about right ascension {centre[0]:.6g}°, declination {centre[1]:.6g}°", size="small")
    save(figure, [path])
    plt.close(figure)


def _panels(products: Products) -> dict[str, tuple[np.ndarray, str, Normalize]]:
    """{title: image, unit, colour scale}."""
    dirty, model, residual, image = products.dirty, products.model, products.residual, products.image
    noise, pixel_noise = products.noise, products.noise / products.beam.area
    return {
        "dirty image": (dirty, "Jy/beam", Normalize(-3 * noise, max(float(dirty.max()), 6 * noise))),
        "model": (model, "Jy/pixel", AsinhNorm(3 * pixel_noise, 0, max(float(model.max()), 6 * pixel_noise))),
        "residual": (residual, "Jy/beam", Normalize(-5 * noise, 5 * noise)),
        "restored image": (image, "Jy/beam", AsinhNorm(3 * noise, -3 * noise, max(float(image.max()), 6 * noise))),
    }


def _error_panels(products: Products, errors: ErrorMaps) -> dict[str, tuple[np.ndarray, str, Normalize]]:
    """As of `_panels`; no signal to noise where the error is 0."""
    error = errors.error
    snr = np.divide(products.model, error, out=np.zeros_like(error), where=error > 0)
    pixel_noise = products.noise / products.beam.area
    return {
        "error of the model": (error, "Jy/pixel", AsinhNorm(pixel_noise, 0, max(float(error.max()), pixel_noise))),
        "signal to noise": (snr, "model over its error", Normalize(0, max(float(np.percentile(snr, 99.7)), 3))),
    }


def _extent(shape: tuple[int, int], cell: float) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of an image, its phase centre in the middle of pixel (H // 2, W // 2)."""
    height, width = shape
    return (
        (width // 2 + 0.5) * cell,
        (width // 2 + 0.5 - width) * cell,
        -(height // 2 + 0.5) * cell,
        (height - height // 2 - 0.5) * cell,
    )


def _draw_beam(axes: Axes, products: Products, cell: float) -> None:
    """The beam's half-power contour in the lower left corner of axes (East, North), of which the first points left."""
    height, width = products.dirty.shape
    left, _, bottom, _ = _extent((height, width), cell)
    corner = (left - 0.08 * width * cell, bottom + 0.08 * height * cell)
    beam = products.beam
    size = (beam.bmin * cell, beam.bmaj * cell)
    axes.add_patch(Ellipse(corner, *size, angle=-beam.bpa, fill=False, color="white", lw=0.8))
