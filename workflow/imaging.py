"""What the image of an observation of visibilities makes and needs, from its entry in the configuration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lofi.priors import shipped
from workflow.inputs import prior_folder

IMAGES = ["dirty", "psf", "model", "residual", "image"]
MORE = {
    ("index",): ["alpha", "alpha-error"],
    ("beam",): ["pb", "image-pb", "noise-pb"],
    ("index", "beam"): ["alpha-pb"],
    ("errors",): ["error", "lo68", "hi68", "lo90", "hi90", "image-error"],
}
FLAT, SPECTRUM = 400, 1000  # bytes for each pixel
KEPT = 12  # bytes for each one of a file of UVFITS or npz
DISK = 24  # bytes in a file or folder for each visibility, at least: two hands with weights


def kinds(options: Mapping) -> tuple[str, ...]:
    """What an entry asks for beside `IMAGES`: index and beam by name (`auto` may make them, too, uncounted), errors
    also where its prior has an error field."""
    asked = {
        "index": options.get("spectrum") == "index",
        "beam": options.get("primary_beam", "auto") not in ("auto", "none"),
        "errors": options.get("replicas", 0) > 0 or options.get("errors", _has_error_field(options)),
    }
    return tuple(kind for kind in asked if asked[kind])


def _has_error_field(options):
    prior = options.get("prior", shipped.DEFAULT["denoising"])
    if not isinstance(prior, str):  # a model of the workflow
        return False
    return Path(prior_folder(prior), "errors.json").is_file()


def images(wanted: Sequence[str]) -> list[str]:
    """Names of the FITS files that belong to `kinds`."""
    return [*IMAGES, *(name for of, names in MORE.items() if set(of) <= set(wanted) for name in names)]


def image_files(observations: Mapping[str, Mapping], names: Sequence[str]) -> list[str]:
    """FITS files and figures of the observations of these names."""
    return [
        f"observations/{name}/{file}"
        for name in names
        for file in (*(f"image-{image}.fits" for image in images(kinds(observations[name]))), "image.png")
    ]


def by_kinds(observations: Mapping[str, Mapping], names: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    """Names of observations that write the same files, by their `kinds`; those of none come first."""
    groups = {(): []}
    for name in names:
        groups.setdefault(kinds(observations[name]), []).append(name)
    return groups


def image_mb(options: Mapping) -> int:
    """Memory [MB]: grows with the pixels, with a spectral index more, and with files that are kept whole."""
    flat = options.get("spectrum") == "flat" or "cube" in options
    whole = sum(size for path, size in _sizes(options) if not path.is_dir())
    return round(1000 + 1e-6 * ((FLAT if flat else SPECTRUM) * _pixels(options) + KEPT * whole))


def image_minutes(options: Mapping) -> int:
    """Time [min] of one thread: grows with the pixels and visibilities, with the planes of a cube and replicas."""
    visibilities = sum(size for _, size in _sizes(options)) / DISK
    image = options.get("cube", 1) * 1e-5 * _pixels(options) + 1e-5 * visibilities
    return round(20 + (1 + options.get("replicas", 0)) * image)


def _pixels(options):
    pixels = options["pixels"]
    return pixels**2 if isinstance(pixels, int) else pixels[0] * pixels[1]


def _sizes(options):
    """Paths of files and Measurement Sets and their bytes; 0 where they are not there yet."""
    files = options["file"]
    for path in map(Path, [files] if isinstance(files, str) else files):
        parts = path.rglob("*") if path.is_dir() else [path]
        yield path, sum(part.stat().st_size for part in parts if part.is_file())
