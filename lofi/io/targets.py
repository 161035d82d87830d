"""Files that a command is going to write, checked before any work is done."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

FIGURE_FORMATS = (".png", ".pdf", ".svg")


def check_targets(
    sources: Iterable[str | Path], targets: Iterable[str | Path], figure: str | Path | None = None
) -> None:
    """Refuse `targets` and a `figure` (None: no figure) that cannot be written or would overwrite a source."""
    inputs = {Path(source).resolve() for source in sources}
    if figure is not None and Path(figure).suffix not in FIGURE_FORMATS:
        raise ValueError(f"the figure {figure} must end in one of {', '.join(FIGURE_FORMATS)}")
    for path in map(Path, targets if figure is None else [*targets, figure]):
        if path.resolve() in inputs:
            raise ValueError(f"{path} is the input itself and would be overwritten; give another output")
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; give the name of a file")
        existing = _existing(path.absolute().parent)
        try:
            with tempfile.TemporaryFile(dir=existing):  # permissions promise what /proc and read-only disks do not keep
                pass
        except OSError:
            raise PermissionError(f"{path} cannot be written: {existing} is not a writable folder") from None


def check_room(folder: str | Path, needed: float) -> None:
    """OSError, one sentence, unless the disk of `folder`, which need not exist, has `needed` bytes left."""
    left = shutil.disk_usage(_existing(Path(folder).absolute())).free
    if left < needed:
        raise OSError(f"{folder} needs {needed / 1e9:.2g} GB, and its disk has {left / 1e9:.2g} GB left; make room")


def _existing(folder):
    return next(parent for parent in (folder, *folder.parents) if parent.exists())
