"""Lines of HISTORY in the files of an image."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lofi.radio.imaging_options import ImagingOptions


def data_history(paths: Sequence[Path], notes: Sequence[str], options: ImagingOptions) -> list[str]:
    """Which visibilities, and `notes` on them."""
    names = ", ".join(path.name for path in paths)
    return [f"visibilities: {names}; noise times {options.sigma_scale:g}", *notes]


def model_history(checkpoint: Path, record: Mapping) -> str:
    """How the model was made; `record`: of the checkpoint."""
    trained = record["data"].get("description", "unnamed images")
    return (
        f"LoFi-ADMM, natural weights, prior {record['model']['class']} of {Path(checkpoint).name}, trained on "
        f"{trained}, seed {'/'.join(map(str, record['seed']))}"
    )
