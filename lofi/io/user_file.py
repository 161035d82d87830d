"""A user's file: whatever a library raises about a damaged one becomes one sentence that names the file."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")


@contextmanager
def reading(path: str | Path, *more: str | Path) -> Iterator[None]:
    """Run the block that reads `path`, and perhaps `more` files; any error becomes a ValueError, one sentence that
    begins with the file's name.

    Errors that name a file already, and files that are missing or may not be read (OSError with a file name), pass
    unchanged. Warnings that are errors count as errors. Defects of the reader itself are reported in the same way; the
    original error is the cause of the new one.
    """
    try:
        yield
    except MemoryError as error:
        raise ValueError(f"'{path}' cannot be read: it asks for more memory than there is") from error
    except Exception as error:
        if any(str(name) in str(error) for name in (path, *more)) or (
            isinstance(error, OSError) and error.filename is not None
        ):
            raise
        detail = " ".join(str(error).split()).rstrip(".") or "no reason given"
        kind = "" if type(error) in (ValueError, OSError) else f" ({type(error).__name__})"
        raise ValueError(
            f"'{path}' cannot be read (truncated, damaged or of another format): {detail}{kind}"
        ) from error


def guarded(reader: Callable[..., Result]) -> Callable[..., Result]:
    """A reader whose first argument is a path, or has one as `.path`, or several `.files` that do, run in `reading`."""

    @functools.wraps(reader)
    def wrapper(file: Any, *arguments: Any, **keywords: Any) -> Result:
        with reading(*(getattr(part, "path", part) for part in getattr(file, "files", (file,)))):
            return reader(file, *arguments, **keywords)

    return wrapper
