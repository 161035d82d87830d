"""Errors and warnings as one sentence each."""

import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

EXPECTED = (ValueError, OSError)  # bad input and unusable files; anything else is a defect and shows its traceback


def _sentence(message, category, filename, line, file=None, text=None):
    print(f"warning: {message}", file=sys.stderr)


@contextmanager
def brief_warnings() -> Iterator[None]:
    """Warnings are one sentence on stderr."""
    showwarning, warnings.showwarning = warnings.showwarning, _sentence
    try:
        yield
    finally:
        warnings.showwarning = showwarning


@contextmanager
def one_sentence(log: TextIO | None = None) -> Iterator[None]:
    """Expected errors end the process with one sentence on stderr and exit code 1; `log` keeps the traceback."""
    try:
        with brief_warnings():
            yield
    except EXPECTED as error:
        if log is not None:
            traceback.print_exc(file=log)
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def say_notes(notes: Iterable[str], kind: str = "note") -> None:
    """Each note, or another kind of sentence such as a warning, as one line on stderr."""
    for note in notes:
        print(f"{kind}: {note}", file=sys.stderr)
