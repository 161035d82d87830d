"""A user's shear, on the tangent plane or on the sphere, mapped with a trained model and written."""

from collections.abc import Mapping
from pathlib import Path

from lofi.io.checkpoint import channels_of
from lofi.lensing.observing import check_targets, is_healpix, map_plane
from lofi.sphere.pixels import CHANNELS as SPHERE


def map_observation(
    shear: str | Path, options: Mapping, *, checkpoint: str | Path, output: str | Path, figure: str | Path | None = None
) -> None:
    """Read `shear` (catalogue or binned map), map it with the model of `checkpoint`, write FITS and a figure.

    The sphere is meant by a HEALPix map, and by a catalogue with `nside`.

    Parameters
    ----------
    options : mapping with the keys of `config/observations/*.yaml`; `int8`: evaluate a field in 8-bit integers.
    """
    shear, output = Path(shear), Path(output)
    figure = None if figure is None else Path(figure)
    check_targets(shear, output, figure)
    if "nside" in options or is_healpix(shear):
        from lofi.sphere.observing import map_sphere  # loads healpy, which the plane need not wait for

        map_sphere(shear, options, checkpoint=checkpoint, output=output, figure=figure)
    else:
        if channels_of(checkpoint) == SPHERE:
            raise ValueError(
                f"{checkpoint} was trained on the sphere; give a HEALPix shear map, or a catalogue with --nside"
            )
        map_plane(shear, options, checkpoint=checkpoint, output=output, figure=figure)
