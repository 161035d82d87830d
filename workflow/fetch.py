"""One file over HTTP: taken up where it stopped, checked, and under its own name only when it is whole and right.

pooch, the well-kept downloader that scikit-image and scipy use, starts a broken file again from its first byte: over a
poor line, tens of gigabytes never arrive so.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow.checksums import digests
from workflow.fetch_attempt import PATIENT, Interrupted, forget, length, receive

LONGEST_PAUSE = 60.0
USEFUL = 1 << 20  # bytes that an attempt must bring so that the failures before it are forgotten


def download(url, path, checksum=None, size=None, patience=PATIENT):
    """Fetch `url` to `path`, by way of `path.part`, which is kept when this fails and continued by the next call.

    Returns {algorithm: checksum} of what came, SHA-256 and that of `checksum`.

    Parameters
    ----------
    checksum : `sha256:…` or `md5:…`, or None.
    size : bytes that the file must have, or None.

    Raises
    ------
    OSError, ValueError : one sentence, if the server refuses, keeps failing, or has another file than expected.
    """
    part = Path(path).with_name(Path(path).name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    with _locked(part):
        found = _fetch(url, part, checksum, size, patience)
        part.replace(path)
        forget(part)
    return found


@contextmanager
def _locked(part: Path) -> Iterator[None]:
    """Hold `part.lock`, which lasts no longer than this process; OSError if another run holds it."""
    lock = part.with_name(part.name + ".lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = lock.exists() and os.path.samestat(os.fstat(file.fileno()), lock.stat())
        except BlockingIOError:
            free = False
        except OSError:  # a file system without locks
            free = True
        if not free:
            raise OSError(f"{part} is being fetched by another run; run this again when that one has ended")
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _fetch(url, part, checksum, size, patience):
    """Attempts until `part` is whole and right; its checksums."""
    while True:
        continued = _receive_whole(url, part, checksum, size, patience)
        algorithm, _, expected = (checksum or "sha256:").partition(":")
        found = digests(part, {"sha256", algorithm})
        wrong = _wrong(algorithm, found[algorithm], expected)
        if wrong is None:
            return found
        forget(part)
        if not continued:
            raise ValueError(f"{url} has {wrong}: it is not the file expected, or was damaged on its way")
        print(f"{part}: {wrong}; starting again from the first byte", file=sys.stderr)


def _receive_whole(url, part, checksum, size, patience):
    """Attempts until `part` is complete; whether any of its bytes are older than the last attempt."""
    failures = 0
    while True:
        before = length(part)
        try:
            return receive(url, part, checksum is not None, size, patience)
        except Interrupted as error:
            failures = 1 if length(part) - before >= USEFUL else failures + 1
            if failures >= patience.attempts:
                raise OSError(
                    f"{url}: {error}; given up after {failures} attempts in a row, "
                    f"{length(part)} bytes are kept in {part} for the next run"
                ) from error
            pause = max(min(patience.pause * 2 ** (failures - 1), LONGEST_PAUSE), error.wait)
            print(f"{url}: {error}; trying again in {pause:.0f} s", file=sys.stderr)
            time.sleep(pause)


def _wrong(algorithm, found, expected):
    """What speaks against a complete file, or None."""
    return None if found == (expected.lower() or found) else f"the {algorithm} {found}, expected {expected}"
