"""A telescope: where its antennas stand and how large and sensitive they are."""

import re
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

COLUMNS = "name,east,north,up"


@dataclass(frozen=True)
class Telescope:
    """An array of equal antennas.

    Attributes
    ----------
    name : of the array.
    latitude_deg, longitude_deg, height_m : geodetic position of the array centre; longitude positive towards East.
    antennas : (A, 3) positions in metres towards East, North and up, about the array centre.
    diameter_m : of a dish.
    sefd_jy : system equivalent flux density of one antenna and polarisation.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    height_m: float
    antennas: np.ndarray
    diameter_m: float
    sefd_jy: float

    def baselines(self) -> np.ndarray:
        """Vectors (A (A − 1) / 2, 3) from antenna i to antenna j > i in metres (East, North, up), each pair once."""
        first, second = np.triu_indices(len(self.antennas), k=1)
        return self.antennas[second] - self.antennas[first]


def telescope(name: str) -> Telescope:
    """The telescope of the table `<name>.csv` in this package.

    Such a table has `# key = value` lines for the attributes of `Telescope`, then columns name, east, north, up
    in metres.
    """
    tables = {entry.name.removesuffix(".csv"): entry for entry in files(__package__).iterdir() if ".csv" in entry.name}
    if name not in tables:
        raise ValueError(f"telescope is {name!r}; expected one of {', '.join(sorted(tables))}")
    lines = tables[name].read_text(encoding="utf-8").splitlines()
    constants = {key: float(value) for key, value in re.findall(r"^# (\w+) = (\S+)$", "\n".join(lines), re.MULTILINE)}
    table = [line for line in lines if not line.startswith("#")]
    if table[0] != COLUMNS:
        raise ValueError(f"telescope {name}: the columns are {table[0]}; expected {COLUMNS}")
    antennas = np.array([[float(value) for value in row.split(",")[1:]] for row in table[1:]])
    antennas.flags.writeable = False
    return Telescope(name=name, antennas=antennas, **constants)
