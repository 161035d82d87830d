"""Ellipticities calibrated to shear: `gamma = (R⁻¹ e − c) / (1 + m)`, with R and m means over a bin.

A single galaxy's response or m is noise; what is calibrated is the mean of an ensemble (Sheldon & Huff 2017).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lofi.lensing.bins import Bins, listed
from lofi.lensing.catalogue_options import CatalogueOptions, Column
from lofi.lensing.estimators import BIASES, ESTIMATORS, RESPONSES, SHEARED
from lofi.lensing.ordered_sums import OrderedSums
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.variants import places, response_of_means

LIMITS = {"m": 0.9, "c1": 0.1, "c2": 0.1}  # of means: larger ones are in another unit, or are 1 + m


@dataclass(frozen=True)
class Calibration:
    """How the ellipticities of a file become shear; made by `lofi.lensing.calibration_options.calibration`.

    biases : of the options, checked. bins : of the galaxies. hdu : the table of unsheared galaxies.
    """

    file: ShearFile
    options: CatalogueOptions
    biases: Mapping[str, tuple[float, ...]]
    bins: Bins | None
    hdu: str | None

    @property
    def wanted(self) -> dict[str, Column]:
        """Columns to be read beside positions, ellipticities and weights."""
        estimator, columns = self.options.estimator, self.options.named
        keys = [key for key in BIASES if key in columns]
        if self.options.responsivity is None:
            keys += [key for key in RESPONSES if key in columns and estimator in SHEARED]
            keys += ["rms_e"] if estimator == "hsc-regauss" else []
        return {key: columns[key] for key in keys} | ({} if self.bins is None else {"bin": self.bins.column})

    def add(self, sums: OrderedSums, table: Mapping[str, np.ndarray], index: np.ndarray) -> None:
        """Add the valid rows of a piece to the sums that the means follow from.

        Parameters
        ----------
        table : columns (n,), `weight` and those of `wanted`. index : bin (n,) of each row.
        """
        values = {key: table[key] for key in (*RESPONSES, *BIASES) if key in table}
        values |= {"rms_e": table["rms_e"] ** 2} if "rms_e" in table else {}
        sums.add(index, weight=table["weight"], **{key: table["weight"] * value for key, value in values.items()})

    def solve(self, sums: OrderedSums, bins: Bins | None) -> "Solution":
        """What the means of all rows make of the ellipticities; ValueError where the response is not believable.

        bins : with the names of all of them.
        """
        names = [""] if bins is None else bins.names
        total = sums["weight"]
        if not (total > 0).all():
            raise ValueError(f"'{self.file.path}' has no valid row left in the bin {names[int(total.argmin())]}")
        factor = ESTIMATORS[self.options.estimator].factor
        response, notes = self._response(sums, bins, names)
        divisor = factor * (response[:, 0, 0] + response[:, 1, 1]) / 2
        if (divisor != 1).any():
            text = "{:g}" if self.options.responsivity is not None else "{:.4g}"
            texts = listed(names, [text.format(value) for value in divisor])
            notes.insert(0, f"shear: ellipticities of {self.options.estimator} divided by {texts}")
        bias = {key: self._bias(key, sums, names, notes) for key in BIASES}
        return Solution(np.linalg.inv(factor * response), bias, tuple(notes))

    def _response(self, sums, bins, names):
        """R (bins, 2, 2) and notes."""
        path, count, notes = self.file.path, len(names), []
        estimator, responsivity = self.options.estimator, self.options.responsivity
        if responsivity is not None or not ESTIMATORS[estimator].needed:
            return np.tile(np.eye(2) * (responsivity or 1.0), (count, 1, 1)), notes
        if estimator == "hsc-regauss":
            response = (1 - sums.mean("rms_e"))[:, None, None] * np.eye(2)
        elif "r11" in sums:
            entries = [sums.mean(key) if key in sums else np.zeros(count) for key in RESPONSES]
            response = np.stack(entries, axis=-1).reshape(count, 2, 2)
            selection = self._response_of_selection(bins, notes)
            response = response if selection is None else response + selection
        else:
            response = response_of_means(self.file, self.options, self.hdu, bins, places(self.file, self.hdu))
            notes.append("response: of the means of the sheared variants, with that of the selection")
        _, low, high, _ = ESTIMATORS[estimator]
        for number, name in enumerate(names):
            for value in np.diagonal(response[number]):
                if not low < value <= high:
                    place = f" in the bin {name}" if name else ""
                    raise ValueError(
                        f"the mean response of '{path}'{place} is {value:.3g}; expected R of {estimator}, from "
                        f"{low:g} to {high:g}: check the columns and the selection"
                    )
        return response, notes

    def _response_of_selection(self, bins, notes):
        """That of --select, by the columns' variants; None where there is no selection or no variant of its columns."""
        select = self.options.select
        found = None if select is None else places(self.file, self.hdu)
        if found is not None and any(place.own_table or place.selects(select) for place in found):
            response = response_of_means(self.file, self.options, self.hdu, bins, found, of_selection=True)
            notes.append(
                f"response of the selection: {np.mean(np.trace(response, axis1=1, axis2=2) / 2):+.4f}, included"
            )
            return response
        if select is not None:
            notes.append("response of the selection: unknown, the columns of --select have no sheared variants")
        return None

    def _bias(self, key, sums, names, notes):
        """Of each bin; None for columns of c, which are each galaxy's own."""
        if key in sums and key != "m":
            notes.append(f"{key}: {sums.mean(key).mean():.3g} in the mean, subtracted")
            return None
        if key not in sums and key not in self.biases:
            return np.zeros(len(names))
        values = sums.mean(key) if key in sums else np.array(self.biases[key])
        if len(values) not in (1, len(names)):
            raise ValueError(
                f"'{self.file.path}': {len(values)} values of {key} for {len(names)} bins; expected one for each of "
                f"{', '.join(names[:10])}"
            )
        values = np.broadcast_to(values, len(names))
        if not (np.abs(values) < LIMITS[key]).all():
            raise ValueError(
                f"{key} of '{self.file.path}' is {values[np.abs(values).argmax()]:.3g} in the mean; expected "
                f"less than {LIMITS[key]:g}"
            )
        texts = [f"{value:.4g}" for value in values]
        text = texts[0] if len(set(values)) == 1 else listed(names, texts)
        notes.append(f"m: shear divided by 1 + {text}" if key == "m" else f"{key}: {text} subtracted")
        return values


@dataclass(frozen=True)
class Solution:
    """What turns ellipticities into shear.

    Attributes
    ----------
    inverse : (bins, 2, 2), of the responses. bias : m, c1 and c2 (bins,) by name, None where the column's own count.
    notes : sentences.
    """

    inverse: np.ndarray
    bias: Mapping[str, np.ndarray | None]
    notes: tuple[str, ...]

    def shear(self, table: Mapping[str, np.ndarray], index: np.ndarray) -> np.ndarray:
        """Complex shear (n,) in the frame of the columns, of rows (n,) in the bins `index` (n,)."""
        inverse = self.inverse[index]
        e1 = inverse[:, 0, 0] * table["e1"] + inverse[:, 0, 1] * table["e2"]
        e2 = inverse[:, 1, 0] * table["e1"] + inverse[:, 1, 1] * table["e2"]
        m, c1, c2 = (table[key] if self.bias[key] is None else self.bias[key][index] for key in BIASES)
        return (e1 - c1 + 1j * (e2 - c2)) / (1 + m)
