"""Ellipticities calibrated to shear: `gamma = (R⁻¹ e − c) / (1 + m)`, with R and m means over a bin.

A single galaxy's response or m is noise; what is calibrated is the mean of an ensemble (Sheldon & Huff 2017).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lofi.lensing.bins import Bins, listed
from lofi.lensing.estimators import BIASES, ESTIMATORS, RESPONSES, SHEARED
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.tables.columns import Column
from lofi.lensing.variants import places, response_of_means

LIMITS = {"m": 0.9, "c1": 0.1, "c2": 0.1}  # of means: larger ones are in another unit, or are 1 + m


@dataclass(frozen=True)
class Calibration:
    """How the ellipticities of a file become shear; made by `lofi.lensing.calibration_options.calibration`."""

    file: ShearFile
    columns: Mapping[str, Column]
    estimator: str
    responsivity: float | None
    biases: Mapping[str, tuple[float, ...]]
    bins: Bins | None
    hdu: str | None
    select: str | None
    drop_invalid: bool

    @property
    def wanted(self) -> dict[str, Column]:
        """Columns to be read beside positions, ellipticities and weights."""
        keys = [key for key in BIASES if key in self.columns]
        if self.responsivity is None:
            keys += [key for key in RESPONSES if key in self.columns and self.estimator in SHEARED]
            keys += ["rms_e"] if self.estimator == "hsc-regauss" else []
        return {key: self.columns[key] for key in keys} | ({} if self.bins is None else {"bin": self.bins.column})

    def shear(
        self, table: Mapping[str, np.ndarray], index: np.ndarray, names: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        """Complex shear (n,) in the frame of the columns, and notes.

        Parameters
        ----------
        table : columns (n,) of valid rows, `e1`, `e2`, `weight` and those of `wanted`.
        index, names : bin (n,) of each row, and the bins' names for messages.
        """
        count = len(names)
        total = np.bincount(index, table["weight"], minlength=count)
        if not (total > 0).all():
            raise ValueError(f"'{self.file.path}' has no valid row left in the bin {names[int(total.argmin())]}")

        def mean(values):
            return np.bincount(index, table["weight"] * values, minlength=count) / total

        factor = ESTIMATORS[self.estimator].factor
        response, notes = self._response(table, names, mean)
        inverse = np.linalg.inv(factor * response)[index]
        e1 = inverse[:, 0, 0] * table["e1"] + inverse[:, 0, 1] * table["e2"]
        e2 = inverse[:, 1, 0] * table["e1"] + inverse[:, 1, 1] * table["e2"]
        divisor = factor * (response[:, 0, 0] + response[:, 1, 1]) / 2
        if (divisor != 1).any():
            texts = [f"{value:g}" if self.responsivity is not None else f"{value:.4g}" for value in divisor]
            notes.insert(0, f"shear: ellipticities of {self.estimator} divided by {listed(names, texts)}")
        bias = {key: self._bias(key, table, index, count, mean, names, notes) for key in BIASES}
        return (e1 - bias["c1"] + 1j * (e2 - bias["c2"])) / (1 + bias["m"]), notes

    def _response(self, table, names, mean):
        """R (bins, 2, 2) and notes."""
        path, count, notes = self.file.path, len(names), []
        if self.responsivity is not None or not ESTIMATORS[self.estimator].needed:
            return np.tile(np.eye(2) * (self.responsivity or 1.0), (count, 1, 1)), notes
        if self.estimator == "hsc-regauss":
            response = (1 - mean(table["rms_e"] ** 2))[:, None, None] * np.eye(2)
        elif "r11" in table:
            entries = [mean(table[key]) if key in table else np.zeros(count) for key in RESPONSES]
            response = np.stack(entries, axis=-1).reshape(count, 2, 2)
            selection = self._response_of_selection(notes)
            response = response if selection is None else response + selection
        else:
            response = self._response_of_variants(of_selection=False)
            notes.append("response: of the means of the sheared variants, with that of the selection")
        _, low, high, _ = ESTIMATORS[self.estimator]
        for number, name in enumerate(names):
            for value in np.diagonal(response[number]):
                if not low < value <= high:
                    place = f" in the bin {name}" if name else ""
                    raise ValueError(
                        f"the mean response of '{path}'{place} is {value:.3g}; expected R of {self.estimator}, from "
                        f"{low:g} to {high:g}: check the columns and the selection"
                    )
        return response, notes

    def _response_of_selection(self, notes):
        """That of --select, by the columns' variants; None where there is no selection or no variant of its columns."""
        found = None if self.select is None else places(self.file, self.hdu)
        if found is not None and any(place.own_table or place.selects(self.select) for place in found):
            response = self._response_of_variants(of_selection=True)
            notes.append(
                f"response of the selection: {np.mean(np.trace(response, axis1=1, axis2=2) / 2):+.4f}, included"
            )
            return response
        if self.select is not None:
            notes.append("response of the selection: unknown, the columns of --select have no sheared variants")
        return None

    def _response_of_variants(self, of_selection):
        return response_of_means(
            self.file,
            self.columns,
            self.hdu,
            self.select,
            self.bins,
            places(self.file, self.hdu),
            drop_invalid=self.drop_invalid,
            of_selection=of_selection,
        )

    def _bias(self, key, table, index, count, mean, names, notes):
        """Of each galaxy, (n,), or 0: c of columns is each galaxy's own, all else the bin's."""
        if key in table and key != "m":
            notes.append(f"{key}: {mean(table[key]).mean():.3g} in the mean, subtracted")
            return table[key]
        if key not in table and key not in self.biases:
            return 0.0
        values = mean(table[key]) if key in table else np.array(self.biases[key])
        if len(values) not in (1, count):
            raise ValueError(
                f"'{self.file.path}': {len(values)} values of {key} for {count} bins; expected one for each of "
                f"{', '.join(names[:10])}"
            )
        values = np.broadcast_to(values, count)
        if not (np.abs(values) < LIMITS[key]).all():
            raise ValueError(
                f"{key} of '{self.file.path}' is {values[np.abs(values).argmax()]:.3g} in the mean; expected "
                f"less than {LIMITS[key]:g}"
            )
        one = len(set(values)) == 1
        texts = [f"{value:.4g}" for value in values]
        text = texts[0] if one else listed(names, texts)
        notes.append(f"m: shear divided by 1 + {text}" if key == "m" else f"{key}: {text} subtracted")
        return values[index]
