"""How a job ended, from its logs and from what Snakemake says of it."""

import re
from pathlib import Path


def states(paths):
    """{path: what changes when the file is written anew, or None without a file}."""
    return {path: _state(path) for path in paths}


def told(before):
    """The sentence of the first log that has one and changed since it was as in `before`, else None."""
    changed = (path for path, state in before.items() if _state(path) != state)
    return next(filter(None, map(last_error, changed)), None)


def last_error(path):
    """The sentence of the last `error: …` in a log, or the last line of its traceback; None without either."""
    try:
        lines = Path(path).read_text(errors="replace").splitlines()
    except OSError:
        return None
    sentences = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if sentences:
        return sentences[-1]
    ends = [line for line in lines if line[:1].isalpha() and "Error" in line.partition(":")[0].split(" ")[0]]
    return ends[-1] if ends else None


def ending(reason):
    """How a process ended, out of what Snakemake says of it."""
    found = re.search(r"died with <Signals\.\w+|returned non-zero exit status \d+", reason)
    return f"its process {found[0].replace('<Signals.', '')}" if found else reason


def _state(path):
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
