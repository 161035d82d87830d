"""Which error bars of a prior a map of the sphere has: those that were fitted to skies of its Nside."""

import math
import re
from collections.abc import Mapping
from pathlib import Path

from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import NAME, error_bars_of

FITTED = re.compile(rf"{NAME}_nside([1-9]\d*)\.json")
OF_THE_PLANE = (
    "error bars were calibrated in the plane; on the sphere they are too narrow by some per cent, and too wide at high "
    "KAPPA (docs/sphere.md, Error bars)"
)


def name_at(nside: int) -> str:
    """Name of the files of the error bars that were fitted to skies of this Nside."""
    return f"{NAME}_nside{nside}"


def sphere_bars_of(
    folder: str | Path, prior: Mapping, nside: int, wanted: bool | None
) -> tuple[ErrorBars | None, list[str]]:
    """Error bars of the prior in `folder`, whose record is `prior`, for maps of this Nside, and notes on them.

    They are those of the nearest Nside that the prior has some of, or else those of the plane.

    wanted : the option `errors`; None: where the prior has them.
    Raises ValueError as `lofi.lensing.error_files.error_bars_of`.
    """
    fitted = [int(found[1]) for path in Path(folder).iterdir() if (found := FITTED.fullmatch(path.name))]
    if not fitted:
        bars, notes = error_bars_of(folder, prior, wanted)
        return bars, notes if bars is None else [*notes, OF_THE_PLANE]
    nearest = min(sorted(fitted), key=lambda other: abs(math.log2(other / nside)))
    bars, notes = error_bars_of(folder, prior, wanted, name=name_at(nearest))
    if bars is not None and nearest != nside:
        notes = [
            *notes,
            f"error bars were fitted to skies of Nside {nearest}; the map has {nside}: they may be some per cent off "
            "(docs/sphere.md, Error bars)",
        ]
    return bars, notes
