"""What mapping the dark matter of a survey costs once a network is trained: 5° fields that overlap."""

import math

from small_runs import catalogue_seconds

from lofi.data.ktng_planes import FIELD_DEGREES

PADDED = 4  # pixels that are computed for each that is kept: half a field of masked pixels on every side
BYTES = 41  # per pixel of a map's FITS file: ten images of 4 bytes and the mask


def fields_of(area, overlap):
    """Number of 5° fields that cover `area` square degrees when neighbours share a strip of `overlap` degrees."""
    if not 0 <= overlap < FIELD_DEGREES:
        raise SystemExit(f"error: the overlap is {overlap}°; expected 0 or more and less than {FIELD_DEGREES:g}°")
    return math.ceil(area / (FIELD_DEGREES - overlap) ** 2)


def survey_table(config, networks, area, overlap, gpu_flops):
    """Markdown: each trained model of the lensing experiment, at the pixels it was trained on and at those of κTNG."""
    experiment = config["experiments"]["mass"]
    fields = fields_of(area, overlap)
    galaxies = fields * (FIELD_DEGREES * 60) ** 2 * experiment["observation"]["galaxy_density"]
    binning = galaxies * catalogue_seconds() / 3600
    lines = [
        "| model | pixel | fields | core-hours, binning | core-hours, no GPU | GPU-hours, estimated | GB written |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (name, model), network in networks.items():
        for pixels in (network.pixels, 1024) if name == "mass" else ():
            images = fields * PADDED * (pixels / network.pixels) ** 2
            core, gpu = images * network.image_seconds / 3600, images * network.image_flops / gpu_flops / 3600
            size = fields * pixels**2 * BYTES / 1e9
            arcmin = FIELD_DEGREES * 60 / pixels
            lines.append(
                f"| `{model}` | {arcmin:.2f}′ | {fields} | {binning:.1f} | {core:.2f} | {gpu:.3f} | {size:.1f} |"
            )
    return "\n".join(lines)
