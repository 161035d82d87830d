"""Which observed channels a network may read, decided without torch."""

from collections.abc import Sequence

NOISE = "noise_std"
CURL = "kappa_b"  # of a spin-2 field whose gradient part is the first channel
SIGHT = ("pixel_arcmin", "redshift")  # of a sky whose pixel size and source redshift differ from image to image
DENOISED = ("image", NOISE)  # what every denoiser reads


def chosen_channels(
    available: Sequence[str],
    targets: int,
    channels: Sequence[str] | str,
    wiener: bool,
    residual: str,
    length_arcmin: float | None = None,
) -> list[str]:
    """Names of the channels that a network reads, keywords as of `lofi.models.inputs.Inputs`.

    Raises ValueError, one sentence, if the choice does not fit the observed channels or itself.
    """
    chosen = available if channels == "all" else channels
    if isinstance(chosen, str) or not (isinstance(chosen, Sequence) and all(isinstance(name, str) for name in chosen)):
        raise ValueError(f"inputs: channels is {channels!r}; expected all, or a list of {', '.join(available)}")
    if not chosen and not wiener:
        raise ValueError("inputs: channels is empty and wiener is false; a network needs at least one channel")
    for name in [*chosen, *([NOISE] if wiener else [])]:
        if name not in available:
            raise ValueError(f"inputs: channel {name!r} is not observed; expected one of {', '.join(available)}")
    if residual not in ("none", "observed", "wiener"):
        raise ValueError(f"inputs: residual is {residual!r}; expected none, observed or wiener")
    if residual == "wiener" and not wiener:
        raise ValueError("inputs: residual: wiener needs wiener: true")
    if targets > (1 if wiener else len(available)):
        raise ValueError(
            f"inputs: the truth has {targets} channels; expected one with a Wiener filter, and without at most as "
            f"many as are observed ({', '.join(available)})"
        )
    if (length_arcmin is None) == (set(SIGHT) <= set(available)):
        raise ValueError(
            f"inputs: length_arcmin is {length_arcmin}; expected a length where pixel_arcmin and redshift are "
            "observed, and none elsewhere"
        )
    return list(chosen)
