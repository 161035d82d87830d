"""Shear maps as FITS files: one image HDU per quantity, a TAN WCS in each (docs/conventions.md)."""

import numpy as np

from lofi.io.user_file import guarded
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.shear_frames import check_signs, frame_signs
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tables.implausible import check_moduli, marks
from lofi.lensing.tables.units import shear_scale
from lofi.lensing.tangent_plane import plane_from_headers, tangent_wcs

SAME_PLACE = 0.1  # pixels
ALIASES = {"GAMMA1": ("GAMMA1", "G1"), "GAMMA2": ("GAMMA2", "G2")}


def shear_images(binned: BinnedShear) -> dict[str, tuple[np.ndarray, str]]:
    """The images of a `BinnedShear` by HDU name, with their units: what `read_shear_map` reads back from FITS.

    GAMMA1, GAMMA2 and NOISE_STD are NaN where masked; MASK is True where there are data.
    """
    images = {
        "GAMMA1": (np.where(binned.mask, binned.gamma.real, np.nan), ""),
        "GAMMA2": (np.where(binned.mask, binned.gamma.imag, np.nan), ""),
        "NOISE_STD": (np.where(binned.mask, binned.noise_std, np.nan), ""),
        "MASK": (binned.mask, ""),
        "COUNT": (binned.count, "galaxies"),
        "WSUM": (binned.weight_sum, ""),
    }
    return {name: (image, unit) for name, (image, unit) in images.items() if image is not None}


@guarded
def read_shear_map(
    file: ShearFile,
    sigma_e: float | None = None,
    pixel_arcmin: float | None = None,
    centre: tuple[float, float] | None = None,
    x_axis: str | None = None,
    e1_sign: int = 1,
    e2_sign: int | None = None,
    hdu: str | None = None,
) -> BinnedShear:
    """Read a binned shear map from FITS.

    The file needs the image HDUs GAMMA1 and GAMMA2 (or G1, G2) and, for the noise, the first of these that is there:
    NOISE_STD; WSUM and W2SUM with `sigma_e`; COUNT with `sigma_e`. Without the HDU MASK (non-zero = data), the map
    covers the pixels with finite shear and noise; with it, those among them.

    Parameters
    ----------
    sigma_e : ellipticity dispersion per component; None takes the header's SIGMA_E.
    pixel_arcmin, centre : for files without celestial WCS; (ra, dec) in degrees.
    x_axis : where columns run, "west" or "east"; None asks the WCS. East is turned into West by reversing the columns.
    e1_sign, e2_sign : ±1, bring the stored components to the (West, North) frame. `e2_sign` may be left out where
        columns run West, where the map is turned by half a turn, and where the card POLCCONV tells the frame (the signs
        then come on top). A map measured in its own (East, North) pixels needs -1.
    hdu : numbers or names of the images to read, separated by commas, where several have one name.

    Raises ValueError, one sentence, for a file that does not say what is needed or that contradicts the options.
    """
    path = file.path
    images, headers, notes = _images(file, hdu)
    gamma1, gamma2 = (_required(path, images, name) for name in ("GAMMA1", "GAMMA2"))
    shape = gamma1.shape
    for name, image in images.items():
        if image.shape != shape:
            raise ValueError(f"'{path}': {name} has the shape {image.shape}, GAMMA1 has {shape}; expected one shape")
    if sigma_e is None:
        sigma_e = next((header["SIGMA_E"] for header in headers.values() if "SIGMA_E" in header), None)
    noise_std = _noise(path, images, sigma_e)
    wcs, x_in_wcs, south = _plane(path, headers, shape, pixel_arcmin, centre)
    frame = next((header["POLCCONV"] for header in headers.values() if "POLCCONV" in header), None)
    x_axis, e2_sign = _axes(path, x_in_wcs, x_axis, south, e1_sign, e2_sign, stated=frame is not None)
    first, second = (1, 1) if frame is None else frame_signs(path, frame)
    marked = marks("e1", gamma1) | marks("e2", gamma2)
    mask = np.isfinite(gamma1) & np.isfinite(gamma2) & np.isfinite(noise_std) & ~marked
    if "MASK" in images:
        mask &= np.nan_to_num(images["MASK"]) != 0
    if not mask.any():
        raise ValueError(f"'{path}' has no pixel with finite shear and noise inside its mask")
    if (noise_std[mask] <= 0).any():
        raise ValueError(f"'{path}': noise is ≤ 0 in {(noise_std[mask] <= 0).sum()} unmasked pixels; expected > 0")
    check_moduli(path, np.hypot(gamma1[mask], gamma2[mask]))
    if (marked & np.isfinite(noise_std)).any():
        notes.append(f"{np.count_nonzero(marked)} pixels with a shear such as {gamma1[marked][0]:g} are masked")
    if south:
        notes.append("rows run South by the WCS: the map is turned")
    gamma = np.where(mask, e1_sign * first * gamma1, 0.0) + 1j * np.where(mask, e2_sign * second * gamma2, 0.0)
    turn = slice(None, None, -1 if south else 1), slice(None, None, -1 if x_axis == "east" else 1)
    count, weight_sum = (
        np.where(mask, images[name], 0.0)[turn] if name in images else None for name in ("COUNT", "WSUM")
    )
    return BinnedShear(
        gamma=gamma[turn],
        noise_std=np.where(mask, noise_std, np.inf)[turn],
        mask=mask[turn],
        count=count,
        weight_sum=weight_sum,
        pixel_arcmin=float(wcs.wcs.cd[1, 1] * 60.0),
        wcs=wcs,
        sigma_e=float("nan") if sigma_e is None else float(sigma_e),
        notes=tuple(notes),
    )


def _images(file, hdu):
    """Known images by name, as float64 and without units; headers by name; notes."""
    shear = {alias for aliases in ALIASES.values() for alias in aliases}
    known = shear | {"NOISE_STD", "COUNT", "WSUM", "W2SUM", "MASK"}
    chosen = file.chosen(hdu)
    found = [
        (number, other.name.upper(), other) for number, other in chosen if other.is_image and other.data is not None
    ]
    images, notes = {}, []
    for number, name, image in found:
        if name not in known:
            continue
        same = [str(other) for other, other_name, _ in found if other_name == name]
        if len(same) > 1:
            raise ValueError(
                f"'{file.path}' has several images {name} (HDU {', '.join(same)}); choose the HDUs to read with --hdu"
            )
        try:
            images[name] = np.array(image.data, np.float64)
        except (ValueError, TypeError) as error:
            raise ValueError(f"'{file.path}' holds images that are no numbers: {error}") from error
        if name in shear | {"NOISE_STD"}:
            scale, unit_notes = shear_scale(f"{name} of '{file.path}'", image.header.get("BUNIT", ""))
            images[name] *= scale
            notes += unit_notes
        if hdu is not None:
            notes.append(f"HDU {number} {name} is used")
    return images, {other.name.upper(): other.header for _, other in chosen}, notes


def _plane(path, headers, shape, pixel_arcmin, centre):
    """WCS of the image, by its header or by the options; where columns run by the header, None if it is silent; whether
    rows run South."""
    relevant = [headers[name] for name in (*ALIASES["GAMMA1"], "PRIMARY") if name in headers]
    wcs, x_in_wcs, south = plane_from_headers(path, relevant, shape)
    for name in (*ALIASES["GAMMA2"], "NOISE_STD", "COUNT", "WSUM", "W2SUM", "MASK"):
        other = plane_from_headers(path, [headers[name]], shape) if name in headers else (None, None, False)
        if wcs is not None and other[0] is not None and not _same_plane((wcs, x_in_wcs, south), other, shape):
            raise ValueError(f"'{path}': the WCS of {name} is not that of GAMMA1; expected images of one grid")
    if wcs is None:
        if pixel_arcmin is None or centre is None:
            raise ValueError(f"'{path}' has no celestial WCS; give pixel_arcmin and centre (ra, dec)")
        wcs = tangent_wcs(centre, pixel_arcmin, shape)
    side = float(wcs.wcs.cd[1, 1] * 60.0)
    if pixel_arcmin is not None and abs(pixel_arcmin / side - 1) > 0.01:
        raise ValueError(f"'{path}' has pixels of {side:.4g}′ by its WCS, but pixel_arcmin is {pixel_arcmin:g}")
    return wcs, x_in_wcs, south


def _same_plane(first, second, shape):
    """Whether the corners of two images lie at the same places of the sky, to a tenth of a pixel."""
    x, y = np.array([0, shape[1] - 1]), np.array([0, shape[0] - 1])
    there = second[0].all_world2pix(*first[0].all_pix2world(x, y, 0), 0)
    return first[1:] == second[1:] and np.abs(np.subtract(there, (x, y))).max() < SAME_PLACE


def _axes(path, x_in_wcs, x_axis, south, e1_sign, e2_sign, *, stated):
    """Where columns run, "west" or "east", and the sign of e2."""
    x_axis = x_in_wcs if x_axis is None else x_axis
    if x_axis not in ("west", "east") or x_in_wcs not in (None, x_axis):
        asked = f"x_axis is '{x_axis}'" if x_axis else "x_axis is not given"
        known = f"the WCS says '{x_in_wcs}'" if x_in_wcs else "the file has no celestial WCS"
        raise ValueError(f"'{path}': {asked} and {known}; expected 'west' or 'east', as columns run in the file")
    if e2_sign is None and (x_axis == "east") != south and not stated:  # mirrored; half a turn changes no component
        run = "rows run South" if south else "columns run East"
        raise ValueError(
            f"'{path}': {run}, and nothing says against which axes the shear was measured: give e2_sign, -1 for (East, "
            "North) as the pixels, 1 for (West, North)"
        )
    e2_sign = 1 if e2_sign is None else e2_sign
    check_signs(path, e1_sign, e2_sign)
    return x_axis, e2_sign


def _required(path, images, name):
    for alias in ALIASES.get(name, (name,)):
        if alias in images:
            if images[alias].ndim != 2:
                raise ValueError(f"'{path}': {alias} has the shape {images[alias].shape}; expected (H, W)")
            return images[alias]
    names = " or ".join(ALIASES.get(name, (name,)))
    raise ValueError(f"'{path}' has no image HDU {names}; available: {', '.join(images) or 'none that is known'}")


def _noise(path, images, sigma_e):
    if "NOISE_STD" in images:
        return images["NOISE_STD"]
    pair = "WSUM" in images and "W2SUM" in images
    if not pair and "COUNT" not in images:
        found = ", ".join(images)
        raise ValueError(
            f"'{path}' has no map of the noise: it has {found}; expected NOISE_STD, WSUM and W2SUM, or COUNT"
        )
    if sigma_e is None:
        found = "WSUM and W2SUM" if pair else "COUNT"
        raise ValueError(f"'{path}' gives its noise by {found}, which needs sigma_e, the dispersion per component")
    if not (np.isfinite(sigma_e) and sigma_e > 0):
        raise ValueError(f"sigma_e is {sigma_e} for '{path}'; expected a number > 0")
    with np.errstate(invalid="ignore", divide="ignore"):
        if pair:
            return sigma_e * np.sqrt(images["W2SUM"]) / images["WSUM"]
        return sigma_e / np.sqrt(images["COUNT"])
