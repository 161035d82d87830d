"""What the rows of a catalogue say only together: which of them count, how wide it is, its calibration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lofi.lensing.bins import Bins
from lofi.lensing.calibration import Solution


@dataclass(frozen=True)
class Census:
    """Found by reading a whole catalogue once or twice; with it each piece can be read by itself.

    Attributes
    ----------
    bins : of galaxies that are calibrated together, their numbers known; None without.
    middle, limit : unit vector (3,), and the distance from it beyond which a galaxy is left out; inf for none.
    solution : what turns ellipticities into shear. notes : sentences on what was used, converted and left out.
    """

    bins: Bins | None
    middle: np.ndarray
    limit: float
    solution: Solution
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """All of it as numbers, text and lists, for JSON: every bit is kept."""
        bias = {
            key: None if values is None else np.asarray(values).tolist() for key, values in self.solution.bias.items()
        }
        return {
            "bins": None if self.bins is None else asdict(self.bins),
            "middle": self.middle.tolist(),
            "limit": float(self.limit),
            "inverse": self.solution.inverse.tolist(),
            "bias": bias,
            "notes": list(self.notes),
        }


def census_of(record: Mapping[str, Any]) -> Census:
    """The `Census` of its record."""
    bins = record["bins"]
    if bins is not None:
        ranges = None if bins["ranges"] is None else tuple(map(tuple, bins["ranges"]))
        bins = Bins(bins["column"], ranges, bins["text"], tuple(bins["numbers"]))
    bias = {key: None if values is None else np.array(values) for key, values in record["bias"].items()}
    solution = Solution(np.array(record["inverse"]), bias, ())
    return Census(bins, np.array(record["middle"]), record["limit"], solution, tuple(record["notes"]))
