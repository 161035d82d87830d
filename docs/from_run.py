"""Take pages of results and pictures of docs/ from a run: `python docs/from_run.py results/laptop`."""

import re
import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parent
WIDTH = 1200  # pixels; with 256 colours a picture of maps is below half a megabyte


def take(run: Path) -> None:
    """Copy the newest results page and the scoreboard of a run, and shrink those pictures that docs/ shows.

    Pages that they name, such as `docs/sphere.md`, become links. Ends with a sentence if the run has neither.
    """
    results = [path for path in (run / "results.md", run / "paper_results.md") if path.exists()]
    pages = {"results.md": max(results, key=lambda path: path.stat().st_mtime)} if results else {}
    pages |= {path.name: path for path in (run / "scoreboard.md",) if path.exists()}
    if not pages:
        sys.exit(f"{run} has no results.md; `make run` writes one")
    for name, page in pages.items():
        text = page.read_text(encoding="utf-8")
        (DOCS / name).write_text(re.sub(r"`docs/(\w+)\.md`", r"[\1](\1.md)", text), encoding="utf-8")
    for shown in sorted(DOCS.glob("images/*.png")):
        found = [folder / "figures" / shown.name for folder in (run, run.parent / "long")]  # the usual run first
        if drawn := [path for path in found if path.exists()]:
            picture = Image.open(drawn[0]).convert("RGB")
            picture.thumbnail((WIDTH, WIDTH))
            picture.quantize(256).save(shown, optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
