"""Images as they would be without the primary beam: which beam, whether it matters, and what is published."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lofi.radio.beam_weights import beam_weights
from lofi.radio.coverage import ARCSEC
from lofi.radio.primary_beam import PrimaryBeam, airy, half_power_degrees, meerkat, power_image
from lofi.radio.visibilities.data_set import DataSet

CUT = 0.1  # of the power on the axis; nothing is corrected where there is less
NEGLIGIBLE = 0.99  # least power in an image whose beam does not matter
UNITS = {"pb": "", "image-pb": "Jy/beam", "noise-pb": "Jy/beam", "alpha-pb": ""}
LEAST = 1e-6  # of the power, below which its logarithm does not matter
TYPICAL = airy(25.0)  # of dishes that nothing is known of
SAME_POINTING = 10.0  # arcsec


@dataclass(frozen=True, eq=False)
class Correction:
    """A primary beam on an image.

    Attributes
    ----------
    power : (H, W), 1 on the axis. index : (H, W), of the power, `P ∝ frequency^index`, where images have a spectral
        index; else None. note : a sentence on the beam.
    """

    power: np.ndarray
    index: np.ndarray | None
    note: str

    def images(
        self, image: np.ndarray, noise: float, alpha: np.ndarray | None = None
    ) -> Mapping[str, tuple[np.ndarray, str]]:
        """Power, corrected image, noise and spectral index (H, W), with units; all but power masked below `CUT`.

        image : Jy/beam. noise : of the image, Jy/beam. alpha : spectral index of the image, None where it has none.
        """
        power = np.ma.masked_less(self.power, CUT)
        arrays = {"pb": self.power, "image-pb": image / power, "noise-pb": noise / power}
        if alpha is not None:
            arrays["alpha-pb"] = np.ma.masked_where(np.ma.getmaskarray(power), alpha - self.index)
        return {name: (array, UNITS[name]) for name, array in arrays.items()}


def correction(
    choice: str | float,
    data: DataSet,
    shape: tuple[int, int],
    cell_radians: float,
    with_index: bool = False,
    simulated: bool = False,
) -> tuple[Correction | None, list[str]]:
    """The `Correction` of an image, None where there is none, and sentences on what is not corrected.

    choice : `auto`, `none`, `meerkat` or the effective diameter of a dish in metres. `auto` corrects for the dishes of
        MeerKAT, where they weaken a corner of the image by 1 % and nothing says that the visibilities are simulated.
    with_index : whether images are at the data's mean frequency, with a spectral index; else the mean over the band.
    simulated : whether the user says that the visibilities are simulated; they may say so, too.

    Raises ValueError where the beam of the data's frequencies is not known, and where a beam is chosen but the dishes
    pointed in several directions or far from the image.
    """
    beam, reason = _beam(choice, data, simulated or data.simulated)
    axes = [_direction_cosines(pointing, data.centre) for pointing in data.pointings]
    if np.ptp(axes, axis=0).max() > SAME_POINTING * ARCSEC:
        beam, reason = None, f"the dishes pointed in {len(axes)} directions"
        if choice not in ("auto", "none"):
            raise ValueError(f"{reason}, which have no beam in common; use --primary-beam none")
    shown = beam or TYPICAL
    band = beam_weights(data.sample, data.pointings[0], shown.site)
    seen = band.at(data.frequency) if with_index else band
    power = power_image(shown, shape, cell_radians, seen, axes[0])
    if power.min() > NEGLIGIBLE and choice in ("auto", "none"):
        return None, []
    if beam is None:
        return None, [f"{reason}: fluxes off the centre are as the dishes saw them, the primary beam is not corrected"]
    if power.max() < CUT:
        raise ValueError(
            f"the dishes pointed so far from the image that their power is below {CUT:g} in all of it; use "
            "--primary-beam none"
        )
    half = 60 * half_power_degrees(beam, seen)
    index = _index(beam, shape, cell_radians, band, data.frequency, axes[0]) if with_index else None
    lowest, highest = seen.frequencies[[0, -1]] / 1e6
    offset = np.degrees(np.hypot(*axes[0])) * 60
    note = f"primary beam: {beam.name}, {lowest:.5g} to {highest:.5g} MHz, half power {half:.3g} arcmin from the axis"
    if offset * 60 > SAME_POINTING:
        note += f", which is {offset:.3g} arcmin from the phase centre"
    if beam.site:
        note += f"; {seen.angles}"
    return Correction(
        power, index, f"{note}; image-pb and noise-pb are divided by it, blank where it is below {CUT:g}"
    ), []


def _index(beam, shape, cell_radians, band, reference_hz, axis):
    """Index (H, W) of the power law that fits the power over the band best, as the spectra of sources are fitted."""
    moments = np.zeros((5, *shape))  # sums of 1, t, t², ln P, t ln P
    for seen in band.each():
        power = np.maximum(power_image(beam, shape, cell_radians, seen, axis), LEAST)
        time, level = np.full(shape, np.log(seen.frequencies[0] / reference_hz)), np.log(power)
        moments += seen.weights.sum() * power**2 * np.stack([np.ones(shape), time, time**2, level, time * level])
    whole, first, second, level, product = moments
    return (product - first * level / whole) / (second - first**2 / whole)


def _beam(choice, data, simulated) -> tuple[PrimaryBeam | None, str]:
    """The beam, or None and a reason."""
    is_meerkat = data.telescope.strip().lower() == "meerkat"
    if choice == "none":
        return None, "--primary-beam none"
    if choice == "auto" and simulated:
        return None, "simulated visibilities (--primary-beam says which beam they have)"
    if choice == "meerkat" or (choice == "auto" and is_meerkat):
        try:
            return meerkat(data.lowest, data.highest), ""
        except ValueError as error:
            if choice == "meerkat":
                raise
            return None, str(error)
    if choice == "auto":
        name = data.telescope or "an unnamed telescope"
        return None, f"the dishes of {name} are not known (--primary-beam METRES tells their diameter)"
    return airy(choice), ""


def _direction_cosines(pointing, centre):
    """(l, m) of a position in degrees, towards East and North of another."""
    if pointing is None or centre is None:
        return 0.0, 0.0
    (a, d), (a0, d0) = np.radians(pointing), np.radians(centre)
    return np.cos(d) * np.sin(a - a0), np.sin(d) * np.cos(d0) - np.cos(d) * np.sin(d0) * np.cos(a - a0)
