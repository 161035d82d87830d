"""Images of groups of neighbouring channels: the planes of FITS cubes, each with the prior and one spectrum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io.radio_cube import write_radio_cube
from lofi.messages import say_notes
from lofi.models.denoiser import Denoiser
from lofi.radio.component_table import component_table, write_table
from lofi.radio.gridding import default_cell
from lofi.radio.history import data_history
from lofi.radio.imaged import Imaged, draw, image_field
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.products import UNITS, Products, recipe
from lofi.radio.radio_field import RadioField, read_field
from lofi.radio.visibilities.data_set import DataSet, NoVisibilities
from lofi.radio.visibilities.read import LIMIT, channels_of, named, read_together


def image_cube(
    paths: Sequence[Path],
    options: ImagingOptions,
    denoiser: Denoiser,
    record: Mapping,
    model: str,
    *,
    output: Path | str,
    figure: Path | None,
    threads: int,
) -> None:
    """Image `options.cube` groups of channels on one grid; files, arguments and errors as of `image_visibilities`.

    All groups have as many channels, in order of frequency, up to one. A group without good visibilities is a plane of
    NaN. Without a cell it is that of the longest baseline of all. The figure shows the plane with the brightest pixel.

    Parameters
    ----------
    denoiser, record : of a checkpoint. model : how the model was made, for HISTORY.
    """
    path = named(paths)
    groups = channel_groups(path, channels_of(paths, options), options.cube)
    whole = read_together(paths, options, LIMIT, options.sigma_scale)
    cell_arcsec = options.cell_arcsec or default_cell(whole.longest)
    planes = replace(options, cube=None, spectrum="flat", cell_arcsec=cell_arcsec)
    cube = _Cube(options.shape, len(groups))
    for number, group in enumerate(groups):
        label = f"plane {number}, {group.mean() / 1e6:.6g} MHz"
        try:
            seen = read_field(paths, planes, threads, (group[0], group[-1]))
        except NoVisibilities:
            cube.say([f"{label}: no good visibilities; the plane is blank"])
            continue
        cube.say(seen.notes)
        imaged = image_field(f"{path}, {label}", seen, planes, denoiser, record)
        cube.add(number, label, seen, imaged)
    _write(paths, planes, cube, whole, groups, model, output, figure)


def channel_groups(path: str, channels: np.ndarray, count: int) -> list[np.ndarray]:
    """Frequencies (C,), ascending, in `count` groups; ValueError, which names `path`, where there are fewer."""
    if count > len(channels):
        raise ValueError(f"{path} has {len(channels)} channels; --cube {count} needs at least as many as groups")
    return np.array_split(channels, count)


@dataclass(eq=False)
class _Cube:
    """What the planes that are done have given.

    Attributes
    ----------
    images : {product: (N, H, W)}, NaN where there is none. units : of them. beams : (N, 3), degrees. bandwidths : (N,).
    notes : sentences. tables : {kind: tables of planes}. brightest : field and products of the figure.
    """

    shape: tuple[int, int]
    count: int
    images: dict[str, np.ndarray] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    tables: dict[str, list[pd.DataFrame]] = field(default_factory=lambda: {"trace": [], "components": []})
    brightest: tuple[RadioField, Products] | None = None

    def __post_init__(self):
        self.beams, self.bandwidths = np.full((self.count, 3), np.nan), np.zeros(self.count)

    def say(self, sentences, kind="note"):
        """Print what was not said of another plane, and keep it."""
        new = [sentence for sentence in sentences if sentence not in self.notes]
        say_notes(new, kind)
        self.notes |= dict.fromkeys(new)

    def add(self, number: int, label: str, seen: RadioField, imaged: Imaged) -> None:
        published, sources = imaged.published, imaged.reconstruction.points
        self.say([f"{label}: {result}" for result in imaged.results])
        self.say([f"{label}: {warning}" for warning in (*seen.warnings, *imaged.warnings)], "warning")
        for name, (image, unit) in (
            {n: (getattr(published, n), u) for n, u in UNITS.items()} | imaged.more(seen)
        ).items():
            if name not in self.images:
                self.images[name], self.units[name] = np.full((self.count, *self.shape), np.nan, np.float32), unit
            self.images[name][number] = np.ma.filled(np.ma.asarray(image, np.float32), np.nan)
        self.beams[number] = *(side / 3600 for side in published.beam.arcsec(seen.cell_arcsec)), published.beam.bpa
        self.bandwidths[number] = seen.data.bandwidth
        trace = pd.DataFrame(imaged.reconstruction.trace).drop(columns="image")
        components = component_table(sources, self.shape, seen.cell_arcsec, seen.centre)
        for kind, table in (("trace", trace), ("components", components)):
            table.insert(0, "plane", number)
            self.tables[kind].append(table)
        if self.brightest is None or published.image.max() > self.brightest[1].image.max():
            self.brightest = seen, published


def _write(
    paths: Sequence[Path],
    options: ImagingOptions,
    cube: _Cube,
    whole: DataSet,
    groups: Sequence[np.ndarray],
    model: str,
    output: Path | str,
    figure: Path | None,
) -> None:
    seen, published = cube.brightest
    lines = [*recipe(model, options.imaging_weighting), "each plane has a model, weights and a beam of its own"]
    for name, images in cube.images.items():
        write_radio_cube(
            f"{output}-{name}.fits",
            images,
            cube.units[name],
            cell_arcsec=seen.cell_arcsec,
            centre=seen.centre,
            frequencies_hz=[group.mean() for group in groups],
            bandwidths_hz=cube.bandwidths,
            beams=cube.beams,
            object=whole.object,
            telescope=whole.telescope,
            date=whole.date,
            simulated=options.simulated or whole.simulated,
            history=[*data_history(paths, cube.notes, options), *lines],
        )
    for kind, tables in cube.tables.items():
        write_table(Path(f"{output}-{kind}.csv"), pd.concat(tables))
    if figure is not None:
        draw(figure, published, seen)
