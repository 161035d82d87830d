"""Images of groups of neighbouring channels: the planes of FITS cubes, each with the prior and one spectrum."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io.atomic import temporary
from lofi.io.radio_cube import PlaneStore, write_radio_cube
from lofi.messages import say_notes
from lofi.models.denoiser import Denoiser
from lofi.radio.component_table import component_table, write_table
from lofi.radio.error_field import ErrorField
from lofi.radio.error_maps import ErrorMaps
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
    bars: ErrorField | None,
    model: str,
    *,
    output: Path | str,
    figure: Path | None,
    threads: int,
) -> None:
    """Image `options.cube` groups of channels on one grid; files, arguments and errors as of `image_visibilities`.

    All groups have as many channels, in order of frequency, up to one. A group without good visibilities is a plane of
    NaN, and so is one that cannot be imaged; ValueError, nothing written, where that is so of all. Without a cell it is
    that of the longest baseline of all. The figure shows the plane with the brightest pixel. Planes wait on the disk
    beside the output, so that memory is that of one plane.

    Parameters
    ----------
    denoiser, record : of a checkpoint. model : how the model was made, for HISTORY.
    """
    path = named(paths)
    groups = channel_groups(path, channels_of(paths, options), options.cube)
    whole = read_together(paths, options, LIMIT, options.sigma_scale)
    cell_arcsec = options.cell_arcsec or default_cell(whole.longest)
    planes = replace(options, cube=None, spectrum="flat", cell_arcsec=cell_arcsec)
    with ExitStack() as stack:
        cube, failures = _Cube(stack, Path(f"{output}-planes"), (len(groups), *options.shape)), []
        for number, group in enumerate(groups):
            label = f"plane {number}, {group.mean() / 1e6:.6g} MHz"
            try:
                seen = read_field(paths, planes, threads, (group[0], group[-1]))
                cube.say(seen.notes)
                imaged = image_field(path, seen, planes, denoiser, record, bars)
            except NoVisibilities:
                cube.say([f"{label}: no good visibilities; the plane is blank"])
            except ValueError as error:
                failures.append(f"{label} cannot be imaged and is blank: {error}")
                cube.say(failures[-1:], "warning")
            else:
                cube.add(number, label, seen, imaged, figure is not None)
            seen = imaged = None  # not in memory beside the next ones
        if cube.store is None:
            raise ValueError(f"no plane of the cube can be imaged; {failures[0]}")
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
    stack : closes the `store` of images, which lies at `path` once there is a plane. shape : (N, H, W).
    units : of the products. beams : (N, 3), degrees. bandwidths : (N,). centre, cell_arcsec : of all planes.
    notes : sentences. tables : {kind: tables of planes}. brightest : products and error bars of the figure's plane.
    """

    stack: ExitStack
    path: Path
    shape: tuple[int, int, int]
    store: PlaneStore | None = None
    units: dict[str, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    tables: dict[str, list[pd.DataFrame]] = field(default_factory=lambda: {"trace": [], "components": []})
    brightest: tuple[Products, ErrorMaps | None] | None = None

    def __post_init__(self):
        self.beams, self.bandwidths = np.full((self.shape[0], 3), np.nan), np.zeros(self.shape[0])

    def say(self, sentences, kind="note"):
        """Print what was not said of another plane, and keep it."""
        new = [sentence for sentence in sentences if sentence not in self.notes]
        say_notes(new, kind)
        self.notes |= dict.fromkeys(new)

    def add(self, number: int, label: str, seen: RadioField, imaged: Imaged, with_figure: bool) -> None:
        published, sources = imaged.published, imaged.reconstruction.points
        self.say([f"{label}: {result}" for result in imaged.results])
        self.say([f"{label}: {warning}" for warning in (*seen.warnings, *imaged.warnings)], "warning")
        if self.store is None:
            folder = self.stack.enter_context(temporary(self.path))
            folder.mkdir()
            self.store, self.cell_arcsec, self.centre = PlaneStore(folder, self.shape), seen.cell_arcsec, seen.centre
        images = {name: (getattr(published, name), unit) for name, unit in UNITS.items()}
        for name, (image, self.units[name]) in (images | imaged.more(seen)).items():
            self.store.put(name, number, image)
        self.beams[number] = *(side / 3600 for side in published.beam.arcsec(seen.cell_arcsec)), published.beam.bpa
        self.bandwidths[number] = seen.data.bandwidth
        trace = pd.DataFrame(imaged.reconstruction.trace).drop(columns="image")
        components = component_table(sources, self.shape[1:], seen.cell_arcsec, seen.centre)
        for kind, table in (("trace", trace), ("components", components)):
            table.insert(0, "plane", number)
            self.tables[kind].append(table)
        if with_figure and (self.brightest is None or published.image.max() > self.brightest[0].image.max()):
            self.brightest = published, imaged.errors


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
    lines = [*recipe(model, options.imaging_weighting), "each plane has a model, weights and a beam of its own"]
    for name in cube.store.names:
        write_radio_cube(
            f"{output}-{name}.fits",
            cube.store.cube(name),
            cube.units[name],
            cell_arcsec=cube.cell_arcsec,
            centre=cube.centre,
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
        draw(figure, *cube.brightest, cube.cell_arcsec, cube.centre)
