"""The page that the report opens on: the two main pictures, the two headline tables, and how to read on."""

import base64
from pathlib import Path

from workflow.results_page import mass_table, radio_table

STYLE = """<style>
.opening img {width: 100%} .opening table {border-collapse: collapse; font-size: 12px; margin: 1em 0}
.opening td, .opening th {border-bottom: 1px solid #ccc; padding: 2px 8px; text-align: right}
.opening td:first-child, .opening th:first-child {text-align: left; padding-left: 0}
</style>"""
MASS = "One simulated field: the truth, maps of it by every method (above), and their errors (below)."
RADIO = "One simulated sky observed by MeerKAT, at two sizes: the truth, images by several methods, the last error."


def opening(run: Path) -> str:
    """A part of an HTML page, with the pictures in it. `run`: the folder of the run."""
    sections = {
        "Dark-matter maps": (run / "figures/fig06.png", MASS, mass_table(run)),
        "Radio images": (run / "figures/fig10.png", RADIO, radio_table(run)),
    }
    parts = [_section(heading, *content) for heading, content in sections.items()]
    return f'<div class="opening">{STYLE}{"".join(parts)}</div>\n'


def _section(heading, picture, caption, table):
    data = base64.b64encode(picture.read_bytes()).decode()
    shown = table.to_html(index=False, border=0)
    return f'<h2>{heading}</h2><p>{caption}</p><img alt="{heading}" src="data:image/png;base64,{data}">{shown}'
