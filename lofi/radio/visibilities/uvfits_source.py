"""Name and phase centre of the source of a UVFITS file, brought to FK5 J2000 (AIPS Memo 117, table SU)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.coordinates import FK5
from astropy.io import fits

from lofi.io.angles import degrees_in
from lofi.io.sky_frame import name as frame_name
from lofi.io.sky_frame import stated_frame, transform
from lofi.radio.visibilities.uvfits_axes import axis_cards, check_columns

OUTPUT = FK5(equinox="J2000")
SAME_CENTRE = 0.001  # degrees


@dataclass(frozen=True)
class Source:
    """The one source of a file.

    Attributes
    ----------
    name : or empty. centre : right ascension and declination, degrees, FK5 J2000, or None.
    turn : radians, by which North of J2000 is turned: an angle on the sky from North through East grows by it.
    notes : sentences.
    """

    name: str
    centre: tuple[float, float] | None
    turn: float = 0.0
    notes: tuple[str, ...] = ()

    def turned(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """u, v of the axes of J2000, of those of the file's frame."""
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        return (u * cosine + v * sine, v * cosine - u * sine) if self.turn else (u, v)


def read_source(path: str | Path, header: fits.Header, data: fits.GroupData, tables: Mapping) -> Source:
    """The `Source` of table AIPS SU where it has one, else of the header.

    Raises ValueError for several sources, a centre that is no position, rotated axes and an unknown frame.
    """
    row, notes = _su_row(path, data, tables), ()
    if row is not None:
        name, centre = str(row["SOURCE"]).strip(), tuple(_degrees(path, row, key) for key in ("RAEPO", "DECEPO"))
        written = _header_centre(path, header)
        if written not in (None, (0.0, 0.0)) and np.hypot(*np.subtract(written, centre)) > SAME_CENTRE:
            notes = (f"The header points at {written[0]:.6f} {written[1]:+.6f} deg; the table AIPS SU counts.",)
        epoch = float(row["EPOCH"]) if "EPOCH" in row.array.names else 0.0
        frame = stated_frame(path, {"EPOCH": epoch} if epoch else header, epoch_is_equinox=True)
    else:
        name = str(header.get("OBJECT", "")).strip()
        name, centre = "" if name == "MULTI" else name, _header_centre(path, header)
        frame = stated_frame(path, header, epoch_is_equinox=True)
    if frame is None or frame.is_equivalent_frame(OUTPUT):
        return Source(name, centre, notes=notes)
    if centre is None:
        raise ValueError(
            f"{path} is in {frame_name(frame)} but has no phase centre, so u and v cannot be turned to J2000"
        )
    ra, dec, angle = (float(value) for value in transform(*centre, frame, OUTPUT))
    words = f"{frame_name(frame)} {centre[0]:.6f} {centre[1]:+.6f} -> FK5 J2000 {ra:.6f} {dec:+.6f}"
    note = f"Phase centre brought from {words} deg; u and v turned by {np.degrees(angle):.4f} deg."
    return Source(name, (ra, dec), angle, (*notes, note))


def _su_row(path, data, tables):
    table = tables.get("AIPS SU")
    table = None if table is None else table.data
    if "SOURCE" not in data.parnames:
        return table[0] if table is not None and len(table) == 1 and "RAEPO" in table.names else None
    numbers = np.unique(data.par("SOURCE").astype(int))
    if table is not None:
        check_columns(path, "AIPS SU", table, ("ID. NO.", "RAEPO", "DECEPO", "SOURCE"))
    if len(numbers) > 1:
        names = {} if table is None else {int(row["ID. NO."]): str(row["SOURCE"]).strip() for row in table}
        listed = ", ".join(f"{number} {names.get(number, '')}".strip() for number in numbers)
        raise ValueError(
            f"{path} holds {len(numbers)} sources ({listed}); expected one (AIPS SPLIT, or CASA split by field)"
        )
    row = None if table is None else next((row for row in table if row["ID. NO."] == numbers[0]), None)
    if table is not None and row is None:
        known = ", ".join(str(row["ID. NO."]) for row in table) or "none"
        raise ValueError(f"{path}: SOURCE {numbers[0]} is not in the table AIPS SU, which has {known}")
    return row


def _degrees(path, row, key):
    unit = row.array.columns[key].unit or "deg"
    scale = degrees_in(unit)
    if scale is None:
        raise ValueError(f"{path}: column {key} of table AIPS SU has the unit {unit!r}; expected degrees")
    return scale * float(row[key])


def _header_centre(path, header):
    axes = {key: axis_cards(header, key, reference=None) for key in ("RA", "DEC")}
    for key, cards in axes.items():
        if cards is not None and abs(float(cards[3] or 0.0)) > 1e-3:
            raise ValueError(
                f"{path}: the {key} axis is rotated (CROTA {cards[3]}); expected 0, u and v along East and North"
            )
    centre = tuple(None if cards is None else cards[0] for cards in axes.values())
    if None in centre:
        centre = header.get("OBSRA"), header.get("OBSDEC")
    if None in centre:
        return None
    try:
        return tuple(map(float, centre))
    except (TypeError, ValueError):
        raise ValueError(f"{path}: the phase centre in the header is {centre}; expected degrees") from None
