"""What is said of a shear catalogue before it is read: its columns, its estimator, its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lofi.lensing.estimators import DEFAULT_ESTIMATOR, REQUIRED

Column = str | Mapping[str, str | float]  # a name, or name, scale and offset (`lofi.lensing.tables.columns`)
Values = float | Sequence[float]


@dataclass(frozen=True)
class CatalogueOptions:
    """Options of a catalogue, of the same names as those of the command.

    Attributes
    ----------
    columns : mapping with the keys `ra`, `dec`, `e1`, `e2` and others of `lofi.lensing.estimators.KEYS`; each a
        column's name, or `{name, scale, offset}`. Rows of weight 0 are ignored.
    e1_sign, e2_sign : ±1, bring the columns to the (West, North) frame (docs/conventions.md).
    estimator, responsivity : what the columns are divided by to give shear (`lofi.lensing.estimators`); without R it is
        that of the columns or of the sheared variants.
    m, c1, c2 : biases, `e / R = (1 + m) gamma + c` in the frame of the columns: a number, or one for each bin.
    bins : `COLUMN` or `COLUMN=EDGE,EDGE,…`: galaxies whose response and biases are one; those outside are left out.
    max_ellipticity : largest modulus of the columns that is believed.
    drop_invalid : leave rows with missing or impossible values out, with a warning, instead of refusing the file.
    hdu, select : tables and rows (`lofi.lensing.tables.columns.ColumnReader`).
    """

    columns: Mapping[str, Column | None] = field(default_factory=lambda: {name: name for name in REQUIRED})
    e1_sign: int = 1
    e2_sign: int = 1
    estimator: str = DEFAULT_ESTIMATOR
    responsivity: float | None = None
    m: Values | None = None
    c1: Values | None = None
    c2: Values | None = None
    bins: str | None = None
    max_ellipticity: float = 1.0
    drop_invalid: bool = False
    hdu: str | None = None
    select: str | None = None

    @property
    def named(self) -> dict[str, Column]:
        """The columns that are named."""
        return {key: column for key, column in self.columns.items() if column is not None}
