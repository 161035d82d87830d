"""A user's shear catalogue through the null tests, before any map."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lofi.io.atomic import replacing
from lofi.io.targets import check_targets
from lofi.lensing.catalogue import open_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.estimators import PSF
from lofi.lensing.null_tests.result import NullTest
from lofi.lensing.null_tests.suite import failures, null_tests
from lofi.lensing.shear_file import CATALOGUE, listed, open_shear
from lofi.lensing.surveys import with_survey
from lofi.lensing.tables.columns import tables_of
from lofi.messages import say_notes
from lofi.options import given
from lofi.seeds import stream

PIXEL_ARCMIN = 2.34375  # of the maps that `lofi map` makes by default
FORMATS = (".json", ".csv")


def check_catalogue(
    catalogue: str | Path | Sequence[str | Path],
    options: Mapping,
    *,
    pixel_arcmin: float = PIXEL_ARCMIN,
    rotations: int = 200,
    seed: int = 0,
    output: str | Path | None = None,
) -> None:
    """Read a catalogue, print its null tests with their p-values, and write them (`output`, JSON or CSV).

    Parameters
    ----------
    options : of the catalogue, as of `lofi.lensing.catalogue_options`, and `survey`.

    Raises ValueError or OSError, one sentence, for input that cannot be used; nothing is written then.
    """
    output = None if output is None else Path(output)
    if output is not None and output.suffix not in FORMATS:
        raise ValueError(f"the output {output} is a table; its name must end in {' or '.join(FORMATS)}")
    check_targets(listed(catalogue), [] if output is None else [output])
    checked = checks_of(catalogue, options, pixel_arcmin=pixel_arcmin, rotations=rotations, seed=seed)
    say_notes(checked.notes)
    print(f"{'null test':<34}{'value':>12}{'error':>12}{'p-value':>10}")
    for test in checked.tests:
        print(f"{test.name:<34}{test.value:>12.3g}{test.error:>12.2g}{test.p_value:>10.3f}")
    say_notes(checked.warnings, "warning")
    if output is not None:
        record = {"catalogue": checked.catalogue, "galaxies": checked.galaxies}
        record |= {"notes": checked.notes + checked.warnings, "tests": checked.rows}
        with replacing(output) as path:
            text = json.dumps(record, indent=1) if output.suffix == ".json" else _csv(checked.rows)
            path.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Checked:
    """Null tests of a catalogue.

    Attributes
    ----------
    catalogue : its files. galaxies : their number. tests : as of `lofi.lensing.null_tests.suite`.
    notes : sentences. warnings : on tests that fail.
    """

    catalogue: str
    galaxies: int
    tests: list[NullTest]
    notes: list[str]
    warnings: list[str]

    @property
    def rows(self) -> list[dict]:
        """The tests as rows of a table."""
        return [asdict(test) for test in self.tests]


def checks_of(
    catalogue: str | Path | Sequence[str | Path],
    options: Mapping,
    *,
    pixel_arcmin: float = PIXEL_ARCMIN,
    rotations: int = 200,
    seed: int = 0,
) -> Checked:
    """The null tests of a catalogue; parameters and errors as of `check_catalogue`."""
    if rotations < 100:
        raise ValueError(f"--rotations is {rotations}; expected at least 100, so that p-values can be below 0.01")
    if not (math.isfinite(pixel_arcmin) and pixel_arcmin > 0):
        raise ValueError(f"--pixel-arcmin is {pixel_arcmin:g}; expected a finite number above 0")
    file = open_shear(catalogue)
    if file.kind != CATALOGUE:
        raise ValueError(f"{file.path} is a {file.kind}; null tests are of catalogues")
    options = _without_absent_psf(file, options)
    catalogue = open_catalogue(file, CatalogueOptions(**given(CatalogueOptions, options)), psf=True)
    tests, notes, galaxies = null_tests(catalogue, pixel_arcmin, stream("null tests", seed), rotations)
    notes = [*catalogue.notes, f"{galaxies} galaxies", *notes]
    warnings = [f"the catalogue fails the null test {sentence}" for sentence in failures(tests)]
    return Checked(file.label, galaxies, tests, notes, warnings)


def _without_absent_psf(file, options):
    """Options with those of the survey, but without its columns of the PSF where the file lacks one of them."""
    whole, tables = with_survey(options), tables_of(file)
    named = set(options.get("columns", {}))
    psf = {key: name for key, name in whole.get("columns", {}).items() if key in PSF and key not in named}
    if all(any(table.find(name) for table in tables) for name in psf.values()):
        return whole
    return whole | {"columns": {key: name for key, name in whole["columns"].items() if key not in psf}}


def _csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
