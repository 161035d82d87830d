"""Take the page of results and the pictures of docs/ from a run: `python docs/from_run.py results/laptop`."""

import shutil
import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parent
WIDTH = 1500  # pixels; with 256 colours a picture of maps is below half a megabyte


def take(run: Path) -> None:
    """Copy the results page of a run, of the whole paper if it has one, and shrink those pictures that docs/ shows."""
    pages = [run / name for name in ("paper_results.md", "results.md")]
    shutil.copyfile(next(page for page in pages if page.exists()), DOCS / "results.md")
    for shown in sorted(DOCS.glob("images/*.png")):
        if (run / "figures" / shown.name).exists():
            picture = Image.open(run / "figures" / shown.name).convert("RGB")
            picture.thumbnail((WIDTH, WIDTH))
            picture.quantize(256).save(shown, optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
