"""Tables in text files: values separated by commas, semicolons, tabs, bars or blanks, with a line of names."""

import csv
import gzip
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import pandas as pd

from lofi.lensing.tables.stored import MISSING_WORDS, Piece, StoredColumn, StoredTable, is_number

SEPARATORS = (",", ";", "\t", "|")
NUMBERED = re.compile(r"(\d+)\s+(\S+)(?:.*\[(.+)\]$)?")


def read_text(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of a text file.

    The names stand in the first line that is no comment; or, where that line holds a number, in a comment before it:
    `# id,ra,…` with as many words (and the wanted names, where several lines have), or one comment a column, `# 1 id`,
    `# 2 ra`, …. Lines that begin with # are comments.

    Raises ValueError where there is no line of names.
    """
    with _opened(path) as stream:
        names, units, separator = _names(path, stream, wanted)

    def pieces(chosen: Sequence[str], rows: int) -> Iterator[Piece]:
        with _opened(path) as stream:
            _names(path, stream, wanted)
            yield from _columns(path, stream, names, chosen, separator, units, rows)

    return [StoredTable("", "", names, pieces)]


def _opened(path):
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    return opener(path, "rt", encoding="utf-8-sig")


def _names(path, stream, wanted):
    """The names of the columns, units by name, and what separates columns; the stream is left at the first row."""
    comments, place, first = [], stream.tell(), stream.readline()
    while first and (not first.strip() or first.lstrip().startswith("#")):
        comments.append(first.strip().lstrip("#").strip())
        place, first = stream.tell(), stream.readline()
    if not first:
        raise ValueError(f"'{path}' cannot be read as a table with a line of column names: it has no rows")
    separator = next((mark for mark in SEPARATORS if mark in first), None)
    names, units = _split(first, separator), {}
    if any(map(is_number, names)):
        names, units = _commented_names(path, comments, separator, len(names), wanted)
    else:
        place = stream.tell()
        values = _split(stream.readline(), separator)
        if len(values) > len(names) and any(values[len(names) :]):
            raise ValueError(f"'{path}' has {len(names)} column names and {len(values)} values in the first row")
    stream.seek(place)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"'{path}' has several columns '{repeated[0]}'")
    return names, units, separator


def _commented_names(path, comments, separator, count, wanted):
    """The names in the comments above `count` columns: of the line with the wanted ones, else of the last that fits.

    And the units by name of SExtractor's form of one comment a column, `# 1 ra  Right ascension  [deg]`.
    """
    numbered = [match.groups() for match in map(NUMBERED.match, comments) if match]
    if [int(number) for number, _, _ in numbered] == list(range(1, count + 1)):
        return [name for _, name, _ in numbered], {name: unit for _, name, unit in numbered if unit}
    lines = [line for line in (_split(comment, separator) for comment in comments if comment) if len(line) == count]
    if not lines:
        raise ValueError(f"'{path}' has no line of {count} column names above its numbers; add one")
    return next((line for line in lines if set(wanted) <= set(line)), lines[-1]), {}


class _Rows(io.TextIOBase):
    """The lines of a text stream that do not begin with #, as pandas reads them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self.name = stream, stream.name

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        """Whole lines, some `size` characters; empty at the end."""
        while lines := self._stream.readlines(size or -1):
            kept = "".join(line for line in lines if not line.lstrip().startswith("#"))
            if kept:
                return kept
        return ""


def _columns(path, stream, names, chosen, separator, units, rows):
    null = "empty, \\N or a word such as null"
    try:
        tables = pd.read_csv(
            _Rows(stream),
            sep=separator or r"\s+",
            names=names,
            index_col=False,
            usecols=sorted(chosen),
            skipinitialspace=True,
            keep_default_na=False,
            na_values=list(MISSING_WORDS),
            low_memory=False,
            chunksize=rows,
        )
        for table in tables:
            yield {
                name: StoredColumn(table[name].to_numpy(), table[name].isna().to_numpy(), units.get(name, ""), null)
                for name in chosen
            }
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"'{path}' cannot be read as a table with one line of column names: {error}") from error


def _split(line, separator):
    words = line.split() if separator is None else next(csv.reader([line], delimiter=separator))
    return [word.strip() for word in words]
