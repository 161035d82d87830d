"""A user's shear, on the tangent plane or on the sphere, mapped with a trained model and written."""

from collections.abc import Mapping
from pathlib import Path

from lofi.io.targets import check_targets
from lofi.lensing.observing import map_plane
from lofi.lensing.shear_file import CATALOGUE, HEALPIX_MAP, SHEAR_MAP, open_shear
from lofi.lensing.surveys import with_survey
from lofi.priors.shipped import find

OF_CATALOGUES = (
    *("columns", "shape", "estimator", "responsivity", "m", "c1", "c2", "bins"),
    *("max_ellipticity", "drop_invalid", "nside", "select"),
)
OF_HEALPIX_MAPS = ("convention", "ordering")
NOT_WITH = {  # the kind of a file: options that cannot be used with it
    CATALOGUE: ("sigma_e", "x_axis", "rebin", *OF_HEALPIX_MAPS),
    SHEAR_MAP: (*OF_CATALOGUES, *OF_HEALPIX_MAPS),
    HEALPIX_MAP: OF_CATALOGUES,
}
NOT_ON_THE_SPHERE = ("pixel_arcmin", "centre", "shape", "x_axis", "rebin", "precision", "samples")


def map_observation(
    shear: str | Path,
    options: Mapping,
    *,
    prior: str | Path | None = None,
    output: str | Path,
    figure: str | Path | None = None,
) -> None:
    """Read `shear` (catalogue or map), map it with a trained model, write FITS and a figure.

    A HEALPix map, and a catalogue with the option `nside`, are mapped on the sphere, others on the tangent plane.

    Parameters
    ----------
    options : mapping with the keys of `config/observations/*.yaml`; `precision` as of `lofi.models.precision`.
    prior : the model, a name or a folder (`lofi.priors.shipped.find`); None: the one that ships.

    Raises ValueError or OSError, one sentence, for input that cannot be used; nothing is written then.
    """
    output, figure = Path(output), None if figure is None else Path(figure)
    if output.suffix != ".fits":
        raise ValueError(f"the output {output} is FITS; its name must end in .fits")
    check_targets([shear], [output], figure)
    options = with_survey(options)
    file = open_shear(shear)
    on_sphere = file.kind == HEALPIX_MAP or "nside" in options
    if on_sphere:
        _refuse(file, "on the sphere", options, NOT_ON_THE_SPHERE)
    _refuse(file, f"a {file.kind}", options, NOT_WITH[file.kind])
    if on_sphere:
        from lofi.sphere.observing import map_sphere  # loads healpy, which the plane need not wait for

        map_sphere(file, options, prior=find(prior, "sphere"), output=output, figure=figure)
    else:
        map_plane(file, options, prior=find(prior, "lensing"), output=output, figure=figure)


def _refuse(file, what, options, names):
    given = [name for name in names if name in options]
    if given:
        raise ValueError(f"{file.path} is {what}; {', '.join(given)} cannot be used with it")
