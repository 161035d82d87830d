"""What every script does around its one function: a log, threads, and errors as one sentence."""

import sys
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

from workflow.lines import Lines, Log
from workflow.memory import keep_freed_memory

EXPECTED = (ValueError, OSError)  # bad input and unusable files; anything else is a defect and shows its traceback


def _sentence(message, category, filename, line, file=None, text=None):
    print(f"warning: {message}", file=sys.stderr)


@contextmanager
def brief_warnings():
    """Warnings are one sentence on stderr."""
    showwarning, warnings.showwarning = warnings.showwarning, _sentence
    try:
        yield
    finally:
        warnings.showwarning = showwarning


@contextmanager
def one_sentence(log=None):
    """Expected errors end the process with one sentence on stderr and exit code 1; `log` keeps the traceback."""
    try:
        with brief_warnings():
            yield
    except EXPECTED as error:
        if log is not None:
            traceback.print_exc(file=log)
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None


@contextmanager
def job(snakemake):
    """Run the body of a Snakemake script: stderr also goes to the rule's log, expected errors become one sentence."""
    keep_freed_memory()
    stderr = sys.stderr
    with Log(Path(snakemake.log[0])) as log:
        sys.stderr = Lines(" ".join([snakemake.rule, ".".join(snakemake.wildcards)]).strip(), stderr, log)
        try:
            with one_sentence(log):
                yield
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            raise SystemExit(130) from None
        except Exception:
            traceback.print_exc(file=log)
            raise
        finally:
            sys.stderr.close()
            sys.stderr = stderr
