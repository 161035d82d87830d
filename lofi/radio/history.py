"""Lines of HISTORY in the files of an image."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lofi.priors.shipped import note
from lofi.radio.imaging_options import ImagingOptions


def data_history(paths: Sequence[Path], notes: Sequence[str], options: ImagingOptions) -> list[str]:
    """Which visibilities, and `notes` on them."""
    names = ", ".join(path.name for path in paths)
    return [f"visibilities: {names}; noise times {options.sigma_scale:g}", *notes]


def model_history(prior: Path, record: Mapping) -> str:
    """How the model was made; `record`: of the folder `prior`."""
    trained = record["data"].get("description", "unnamed images")
    return (
        f"LoFi-ADMM, natural weights; {note(prior, record)}, trained on {trained}, "
        f"seed {'/'.join(map(str, record['seed']))}"
    )
