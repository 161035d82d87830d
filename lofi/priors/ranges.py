"""What a prior was trained for: ranges of the observations, from the description of its training, and in words."""

import math
from collections.abc import Mapping

Ranges = dict[str, list[float]]  # {quantity: [lowest, highest]}
WORDS = {
    "noise": "noise of {} of the peak",
    "pixel_arcmin": "pixels of {} arcmin",
    "galaxy_density": "{} galaxies per arcmin²",
    "redshift": "sources at redshift {}",
}


def ranges_of(experiment: Mapping, depth: Mapping) -> Ranges:
    """Ranges of a training; `experiment` and the training split's `depth` as in `config/experiments`.

    noise : relative to the peak. pixel_arcmin : side of a pixel. galaxy_density : per arcmin², at the ellipticity
    dispersion of the experiment; the noise of the shear falls as its square root. redshift : of the sources.
    """
    task, field, observation = (experiment[key] for key in ("task", "field", "observation"))
    if task == "denoising":
        return {"noise": list(observation["noise"])}
    if task == "lensing":
        low, high = depth.get("relative_noise", (1.0, 1.0))
        pixel = field.get("pixel_arcmin", [field["extent_arcmin"] / field["pixels"]] * 2)
        drawn = {"redshift": list(field["redshift"])} if "redshift" in field else {}
    elif task == "sphere":
        high = math.exp(observation.get("depth_variation", 0.0))
        low, pixel, drawn = 1 / high, [math.degrees(math.sqrt(math.pi / 3) / field["nside"]) * 60] * 2, {}
    else:
        return {}
    density = observation["galaxy_density"]
    return {"pixel_arcmin": list(pixel), "galaxy_density": [density / high**2, density / low**2]} | drawn


def in_words(ranges: Mapping) -> str:
    """The ranges as a phrase, such as `noise of 3e-05 to 0.15 of the peak`."""
    return ", ".join(WORDS[key].format(_span(*bounds)) for key, bounds in ranges.items() if key in WORDS)


def _span(low, high):
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
