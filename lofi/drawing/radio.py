"""The images of one radio observation side by side."""

import numpy as np
from matplotlib.colors import AsinhNorm, Normalize
from matplotlib.patches import Ellipse

from lofi.drawing.style import style, write

OFFSETS = {"degree": 3600.0, "arcmin": 60.0, "arcsec": 1.0, "mas": 1e-3, "μas": 1e-6}  # arcsec


def draw_image(path, products, cell_arcsec, centre, form):
    """Dirty image, model, residual and restored image, North up and East left, offsets from the phase centre.

    Parameters
    ----------
    products : `lofi.radio.measurement.Products`. centre : right ascension and declination in degrees.
    form : the format of the file.

    Model and restored image on an asinh scale, linear below three times the noise; the residual within five times the
    noise. The ellipse is the beam.
    """
    noise, beam = products.noise, products.beam
    pixel_noise = noise / beam.area
    panels = {
        "dirty image": (products.dirty, "Jy/beam", Normalize(-3 * noise, _top(products.dirty, 6 * noise))),
        "model": (products.model, "Jy/pixel", AsinhNorm(3 * pixel_noise, 0, _top(products.model, 6 * pixel_noise))),
        "residual": (products.residual, "Jy/beam", Normalize(-5 * noise, 5 * noise)),
        "restored image": (
            products.image,
            "Jy/beam",
            AsinhNorm(3 * noise, -3 * noise, _top(products.image, 6 * noise)),
        ),
    }
    height, width = products.dirty.shape
    unit, size = next(
        ((unit, size) for unit, size in OFFSETS.items() if max(height, width) * cell_arcsec >= 4 * size),
        ("μas", OFFSETS["μas"]),
    )
    cell = cell_arcsec / size
    extent = (
        (width // 2 + 0.5) * cell,
        (width // 2 + 0.5 - width) * cell,
        -(height // 2 + 0.5) * cell,
        (height - height // 2 - 0.5) * cell,
    )
    plt = style()
    figure, axes = plt.subplots(2, 2, figsize=(7.4, 6.4), layout="compressed", sharex=True, sharey=True)
    for panel, (title, (image, jansky, norm)) in zip(axes.flat, panels.items(), strict=True):
        drawn = panel.imshow(image, norm=norm, extent=extent, cmap="magma")
        panel.set_title(title)
        ticks = norm.inverse(np.linspace(0, 1, 6))
        figure.colorbar(drawn, ax=panel, shrink=0.9, label=jansky, ticks=ticks, format="%.2g").minorticks_off()
        if title != "model":
            corner = (extent[0] - 0.08 * width * cell, extent[2] + 0.08 * height * cell)
            panel.add_patch(_ellipse(beam, corner, cell))
    for panel in axes[1]:
        panel.set_xlabel(f"offset towards East [{unit}]")
    for panel in axes[:, 0]:
        panel.set_ylabel(f"offset towards North [{unit}]")
    figure.suptitle(f"about right ascension {centre[0]:.6g}°, declination {centre[1]:.6g}°", size="small")
    write(figure, path, form)
    plt.close(figure)


def _top(image, least):
    return max(float(np.max(image)), least)


def _ellipse(beam, centre, cell):
    """The beam's half-power contour on axes (East, North) of which the first points left."""
    return Ellipse(centre, beam.bmin * cell, beam.bmaj * cell, angle=-beam.bpa, fill=False, color="white", lw=0.8)
