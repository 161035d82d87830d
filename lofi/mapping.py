"""A user's shear, on the tangent plane or on the sphere, mapped with a trained model and written."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from lofi.io.atomic import replacing, temporary
from lofi.io.targets import check_targets
from lofi.lensing.observing import map_plane
from lofi.lensing.parts import Parts
from lofi.lensing.shear_file import CATALOGUE, HEALPIX_MAP, SHEAR_MAP, listed, open_shear
from lofi.lensing.surveys import with_survey
from lofi.priors.shipped import find

OF_CATALOGUES = (
    *("columns", "shape", "estimator", "responsivity", "m", "c1", "c2", "bins"),
    *("max_ellipticity", "drop_invalid", "nside", "select", "zbins", "joint"),
)
OF_HEALPIX_MAPS = ("convention", "ordering")
NOT_WITH = {  # the kind of a file: options that cannot be used with it
    CATALOGUE: ("sigma_e", "x_axis", "rebin", *OF_HEALPIX_MAPS),
    SHEAR_MAP: (*OF_CATALOGUES, *OF_HEALPIX_MAPS),
    HEALPIX_MAP: OF_CATALOGUES,
}
SPARSE = (".hsp", ".hs")  # healsparse
NOT_ON_THE_SPHERE = ("pixel_arcmin", "centre", "shape", "x_axis", "rebin", "precision", "samples", "joint")


def map_observation(
    shear: str | Path | Sequence[str | Path],
    options: Mapping,
    *,
    prior: str | Path | None = None,
    output: str | Path,
    figure: str | Path | None = None,
    parts: Parts | None = None,
) -> None:
    """Read `shear` (a catalogue, in one file or several, or a map), map it with a trained model, write FITS and
    a figure.

    A HEALPix map, and a catalogue with the option `nside`, are mapped on the sphere, others on the tangent plane. With
    the option `zbins` there is a map of each bin of redshift beside that of all: `kappa-bin1.fits` beside `kappa.fits`;
    with `joint` those of the bins also have what all bins say together.

    Parameters
    ----------
    options : mapping with the keys of `config/observations/*.yaml`; `precision` as of `lofi.models.precision`.
    parts : what jobs found of a catalogue on the plane, without `zbins`, file by file with the same options.
    prior : the model, a name or a folder (`lofi.priors.shipped.find`); None: the one that ships.

    Raises ValueError or OSError, one sentence, for input that cannot be used; nothing is written then.
    """
    output, figure = Path(output), None if figure is None else Path(figure)
    if output.suffix not in (".fits", *SPARSE):
        raise ValueError(f"the output {output} is FITS; its name must end in .fits, or of maps of the sphere in .hsp")
    inputs = [*listed(shear), *(options[key] for key in ("mask", "nz") if key in options)]
    check_targets(inputs, [output], figure)
    options = with_survey(options)
    file = open_shear(shear)
    on_sphere = file.kind == HEALPIX_MAP or "nside" in options
    if not on_sphere and output.suffix in SPARSE:
        raise ValueError(f"the output {output} is healsparse, a map of the sphere; the name of a plane's ends in .fits")
    if on_sphere:
        _refuse(file, "on the sphere", options, NOT_ON_THE_SPHERE)
    _refuse(file, f"a {file.kind}", options, NOT_WITH[file.kind])
    if parts is not None and (on_sphere or "zbins" in options):
        raise ValueError(f"'{file.path}': files of a catalogue are binned apart on the plane, and without --zbins")
    folder = find(prior, "sphere" if on_sphere else "lensing")
    if on_sphere:
        from lofi.sphere.observing import map_sphere as map_shear  # loads healpy, which the plane need not wait for
    else:
        map_shear = partial(map_plane, parts=parts)
    if options.get("joint") and "zbins" not in options:
        raise ValueError(f"'{file.path}': --joint maps bins of redshift together; name them with --zbins")
    if not {"zbins", "nz"} & set(options):
        map_shear(file, options, prior=folder, output=output, figure=figure)
        return
    from lofi.lensing.tomography import joint_bins, slices

    cuts, field, joint = slices(file, options, folder), {}, {}
    outputs = [part.beside(output) for part in cuts]
    figures = [] if figure is None else [part.beside(figure) for part in cuts]
    check_targets(inputs, [*outputs, *figures])
    with temporary(output) as drafts:  # all maps or none
        drafts.mkdir()
        for part in cuts:
            if options.get("joint") and part.name and not joint:  # the map of all has chosen the pixels
                joint = joint_bins(file, cuts[1:], field, folder)
            own_figure = None if figure is None else drafts / part.beside(figure).name
            draft, more = drafts / part.beside(output).name, {"notes": part.notes} | joint.get(part.name, {})
            field = map_shear(file, part.options | field, prior=folder, output=draft, figure=own_figure, **more)
        if figure is not None:
            figure.parent.mkdir(parents=True, exist_ok=True)
        for target in outputs:
            (drafts / target.name).replace(target)
        for target in figures:  # may be on another disk
            with replacing(target) as path:
                shutil.move(drafts / target.name, path)


def _refuse(file, what, options, names):
    given = [name for name in names if name in options]
    if given:
        raise ValueError(f"{file.path} is {what}; {', '.join(given)} cannot be used with it")
