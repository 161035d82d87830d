"""Which tables of a file are meant: one, all of a name, or those that are asked for."""

from collections.abc import Sequence
from pathlib import Path

from lofi.lensing.tables.stored import StoredTable

ALL = "all"


def choose(path: Path, tables: Sequence[StoredTable], wanted: Sequence[str], hdu: str | None) -> list[StoredTable]:
    """The tables to be read, one below the other.

    With `hdu` those of these numbers or names (or `all` with the columns); else those that have the columns `wanted`:
    one, or all of one name, as the CCDs of a camera have.

    Raises ValueError, which lists them, where tables of different names have the columns: they may be alternatives.
    """
    complete = [table for table in tables if all(table.find(name) for name in wanted)]
    if hdu is not None and hdu != ALL:
        places = by_number_or_name(path, "table", hdu, [(table.number, table.name) for table in tables])
        chosen = [tables[place] for place in places]
        incomplete = next((table for table in chosen if table not in complete), None)
        if incomplete is not None:
            missing = [name for name in wanted if not incomplete.find(name)]
            raise ValueError(
                f"'{path}': table {incomplete.label} has no column {_listed(missing)}; available columns: "
                f"{_listed(incomplete.names)}"
            )
        return chosen
    if not complete:
        _refuse_missing(path, tables, wanted)
    if hdu is None and len(complete) > 1 and (len({table.name for table in complete}) > 1 or not complete[0].name):
        labels = ", ".join(table.label for table in complete)
        raise ValueError(
            f"'{path}' has several tables with these columns: {labels}; choose with --hdu NAME or NUMBER (several "
            "separated by commas, or all)"
        )
    return complete


def by_number_or_name(path: Path, kind: str, asked: str, entries: Sequence[tuple[str, str]]) -> list[int]:
    """Places among `entries`, numbers and names of HDUs or tables (`kind`), of those that a list with commas asks for.

    A name stands for all that have it, in capitals or not. Raises ValueError, which lists the entries, for others.
    """
    places = []
    for word in (part.strip() for part in asked.split(",")):
        matches = [
            place for place, (number, name) in enumerate(entries) if word == number or word.lower() == name.lower()
        ]
        if not matches or not word:
            listed = ", ".join(f"{number} {name}".strip() for number, name in entries)
            raise ValueError(f"'{path}' has no {kind} '{word}' (--hdu); it has {listed}")
        places += matches
    return list(dict.fromkeys(places))


def _refuse_missing(path, tables, wanted):
    if not tables:
        raise ValueError(f"'{path}' has no table; expected one with the columns {_listed(wanted)}")
    if len(tables) == 1:
        missing = [name for name in wanted if not tables[0].find(name)]
        raise ValueError(f"'{path}' has no column {_listed(missing)}; available columns: {_listed(tables[0].names)}")
    found = "; ".join(f"{table.label}: {_listed(table.names)}" for table in tables)
    raise ValueError(f"'{path}' has no table with all the columns {_listed(wanted)}; available columns: {found}")


def _listed(names):
    return ", ".join(f"'{name}'" for name in names) or "none"
