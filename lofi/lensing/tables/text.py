"""Tables in text files: values separated by commas, semicolons, tabs, bars or blanks, with a line of names."""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lofi.lensing.tables.stored import MISSING_WORDS, StoredColumn, StoredTable

SEPARATORS = (",", ";", "\t", "|")


def read_text(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of a text file, with those of its columns that are wanted.

    The names stand in the first line that is no comment; or in the last comment before it (`# id,ra,…`), if that has as
    many words and the line holds numbers. Lines that begin with # are comments.
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig") as stream:
        comment, place, first = None, stream.tell(), stream.readline()
        while first and (not first.strip() or first.lstrip().startswith("#")):
            comment = first.strip().lstrip("#").strip() or comment
            place, first = stream.tell(), stream.readline()
        if not first:
            raise ValueError(f"'{path}' cannot be read as a table with a line of column names: it has no rows")
        separator = next((mark for mark in SEPARATORS if mark in first), None)
        names = _split(first, separator)
        if comment and _is_data(names) and len(_split(comment, separator)) == len(names):
            names = _split(comment, separator)
            stream.seek(place)
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"'{path}' has several columns '{repeated[0]}'")
        found = StoredTable("", "the table", names, read=lambda name: columns[name])
        chosen = {found.find(name)[0] for name in wanted if found.find(name)}
        columns = _columns(path, stream, names, chosen, separator) if chosen else {}
    return [found]


def _columns(path, stream, names, chosen, separator):
    try:
        table = pd.read_csv(
            stream,
            sep=separator or r"\s+",
            names=names,
            index_col=False,
            usecols=sorted(chosen),
            comment="#",
            skipinitialspace=True,
            keep_default_na=False,
            na_values=list(MISSING_WORDS),
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"'{path}' cannot be read as a table with one line of column names: {error}") from error
    null = "empty, \\N or a word such as null"
    return {name: StoredColumn(table[name].to_numpy(), table[name].isna().to_numpy(), null=null) for name in chosen}


def _split(line, separator):
    words = line.split() if separator is None else next(csv.reader([line], delimiter=separator))
    return [word.strip() for word in words]


def _is_data(words):
    """Whether a line holds values: some numbers, and else nothing but missing values."""
    numbers = 0
    for word in words:
        if word in MISSING_WORDS:
            continue
        try:
            float(word)
        except ValueError:
            return False
        numbers += 1
    return numbers > 0
