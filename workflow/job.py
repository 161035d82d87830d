"""What every script does around its one function: a log, threads, and errors as one sentence."""

import sys
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

EXPECTED = (ValueError, OSError)  # bad input and unusable files; anything else is a defect and shows its traceback


class _Tee:
    def __init__(self, *streams):
        self.streams = streams

    def write(self, text):
        for stream in self.streams:
            stream.write(text)

    def flush(self):
        for stream in self.streams:
            stream.flush()

    def isatty(self):
        return self.streams[0].isatty()


def _sentence(message, category, filename, line, file=None, text=None):
    print(f"warning: {message}", file=sys.stderr)


@contextmanager
def one_sentence(log=None):
    """Expected errors end the process with one sentence on stderr and exit code 1; `log` keeps the traceback."""
    showwarning, warnings.showwarning = warnings.showwarning, _sentence
    try:
        yield
    except EXPECTED as error:
        if log is not None:
            traceback.print_exc(file=log)
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    finally:
        warnings.showwarning = showwarning


@contextmanager
def job(snakemake):
    """Run the body of a Snakemake script: stderr is copied to the rule's log, expected errors become one sentence."""
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    stderr = sys.stderr
    with path.open("w") as log:
        sys.stderr = _Tee(stderr, log)
        try:
            with one_sentence(log):
                yield
        except Exception:
            traceback.print_exc(file=log)
            raise
        finally:
            sys.stderr = stderr
