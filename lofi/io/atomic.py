"""Outputs that appear whole or not at all."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

FULL = ("No space left on device", "Not enough space on disk", "Disk quota exceeded")  # as errors say it


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`, as of `temporary`; renamed to it when the block ends."""
    with temporary(path) as written:
        yield written
        written.replace(path)


@contextmanager
def temporary(path: str | Path) -> Iterator[Path]:
    """A path beside `path` for a file or a folder, which is removed when the block ends.

    What writers that were killed on this machine left beside `path` is removed, too. OSError, one sentence, where the
    disk is full, whatever the library that writes calls it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}.{socket.gethostname()}"
    for left in path.parent.glob(f"{escape(prefix)}.*.tmp"):
        writer = left.name.removeprefix(f"{prefix}.").removesuffix(".tmp")
        if writer.isdecimal() and not _runs(int(writer)):
            _remove(left)
    written = path.with_name(f"{prefix}.{os.getpid()}.tmp")
    try:
        yield written
    except (OSError, RuntimeError) as error:
        if any(words in str(error) for words in FULL):
            raise OSError(f"{path} cannot be written: the disk is full, or the quota used up") from error
        raise
    finally:
        _remove(written)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
