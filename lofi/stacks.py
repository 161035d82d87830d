"""A file of `lofi map` stacked at the positions of a table."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy import units
from astropy.coordinates import ICRS, SkyCoord
from astropy.table import Table

from lofi.io.atomic import replacing
from lofi.io.sky_frame import is_modern, name, stated_frame, transform
from lofi.io.targets import check_targets
from lofi.lensing.shear_file import CATALOGUE, open_shear
from lofi.lensing.stacking import Stack, stack
from lofi.lensing.tables.columns import read_columns
from lofi.maps import read_maps
from lofi.messages import say_notes
from lofi.seeds import stream

FORMATS = (".json", ".csv")
FEWEST = 50  # draws


def stack_map(
    path: str | Path,
    positions: str | Path,
    *,
    output: str | Path | None = None,
    image: str = "KAPPA",
    columns: Mapping[str, str] | None = None,
    select: str | None = None,
    reach: float = 10.0,
    rings: int = 10,
    draws: int = 300,
    seed: int = 0,
) -> None:
    """Print the mean of a map at positions and around them, and write it (`output`, JSON or CSV).

    Parameters
    ----------
    image : HDU of the file of `lofi map`. columns, select : names of `ra` and `dec`, and rows, of the positions.
    reach, rings : radius of the profile [arcmin], and its rings. draws : sets of random and of turned positions.

    Raises ValueError or OSError, one sentence, for input that cannot be used; nothing is written then.
    """
    output = None if output is None else Path(output)
    if output is not None and output.suffix not in FORMATS:
        raise ValueError(f"the output {output} is a table; its name must end in {' or '.join(FORMATS)}")
    for option, value, least in (("--radius", reach, 0), ("--rings", rings, 1), ("--draws", draws, FEWEST)):
        if not (value >= least and math.isfinite(value)):
            raise ValueError(f"{option} is {value:g}; expected at least {least}, and finite")
    check_targets([path, positions], [] if output is None else [output])
    file = read_maps(path)
    found = file.surface(file.image(image, f"--map takes one of {', '.join(file.images)}"))
    if reach > found.side_arcmin:
        raise ValueError(
            f"--radius is {reach:g}; expected at most {found.side_arcmin:.4g}, the size of the map '{path}'"
        )
    sky, notes = _positions(positions, columns or {}, select)
    places = file.places(sky)
    seen = found.inside(places)
    if not seen.any():
        raise ValueError(f"none of the {len(seen)} positions of '{positions}' lies in the map '{path}'")
    notes.append(f"{seen.sum()} of {len(seen)} positions lie in the map")
    say_notes(notes)
    table = _table(stack(found, places[seen], np.linspace(0, reach, rings + 1), draws, stream("stack", seed)))
    print(f"{'radius':>8}{image:>16}{'random':>10}{'error':>10}{'S/N':>8}{'turned':>10}{'error':>10}{'S/N':>8}")
    for row in table:
        print("{:>7.2f}'{:>16.5f}{:>10.5f}{:>10.5f}{:>8.2f}{:>10.5f}{:>10.5f}{:>8.2f}".format(*row))
    if output is not None:
        _write(output, table, {"map": str(path), "hdu": image, "positions": int(seen.sum()), "notes": notes})


def _positions(path, columns, select):
    """Positions of a table, and notes."""
    file = open_shear(path)
    if file.kind != CATALOGUE:
        raise ValueError(f"'{path}' is a {file.kind}; expected a table of positions")
    unknown = sorted(set(columns) - {"ra", "dec"})
    if unknown:
        raise ValueError(f"--columns names {', '.join(unknown)}; expected ra and dec of '{path}'")
    read = read_columns(file, {"ra": "ra", "dec": "dec"} | dict(columns), select=select)
    ra, dec = read.values["ra"], read.values["dec"]
    if not len(ra):
        raise ValueError(f"'{path}' has no rows" + (f" where {select}" if select else ""))
    bad = ~(np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90) & (ra >= -180) & (ra <= 360))
    if bad.any():
        raise ValueError(
            f"'{path}' has {bad.sum()} of {len(bad)} rows whose ra or dec is missing or no angle in degrees (first: "
            f"row {np.flatnonzero(bad)[0] + 1})"
        )
    notes, frame = list(read.notes), stated_frame(path, read.header)
    if not is_modern(frame):
        ra, dec, _ = transform(ra, dec, frame, ICRS())
        notes.append(f"positions brought from {name(frame)} to ICRS")
    return SkyCoord(ra * units.deg, dec * units.deg), notes


def _table(stacked: Stack) -> Table:
    columns = {"radius_arcmin": stacked.radius, "mean": stacked.mean}
    for kind, draws in (("random", stacked.random), ("turned", stacked.rotated)):
        known = np.ma.masked_invalid(draws)
        level, error = (np.ma.filled(part, np.nan) for part in (known.mean(axis=0), known.std(axis=0)))
        significance = np.divide(stacked.mean - level, error, out=np.full(len(error), np.nan), where=error > 0)
        columns |= {kind: level, f"{kind}_error": error, f"{kind}_snr": significance}
    return Table(columns)


def _write(output, table, record):
    with replacing(output) as path:
        if output.suffix == ".csv":
            table.write(path, format="ascii.csv", overwrite=True)
        else:
            rows = {column: table[column].tolist() for column in table.colnames}
            path.write_text(json.dumps(record | {"profile": rows}, indent=1), encoding="utf-8")
