"""Outputs that appear whole or not at all."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

FULL = ("No space left on device", "Not enough space on disk", "Disk quota exceeded")  # as errors say it


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`; renamed to it when the block ends, removed when the block fails.

    What writers that were killed on this machine left beside `path` is removed, too. OSError, one sentence, where the
    disk is full, whatever the library that writes calls it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}.{socket.gethostname()}"
    for left in path.parent.glob(f"{escape(prefix)}.*.tmp"):
        writer = left.name.removeprefix(f"{prefix}.").removesuffix(".tmp")
        if writer.isdecimal() and not _runs(int(writer)):
            left.unlink(missing_ok=True)
    temporary = path.with_name(f"{prefix}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except (OSError, RuntimeError) as error:
        if any(words in str(error) for words in FULL):
            raise OSError(f"{path} cannot be written: the disk is full, or the quota used up") from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
