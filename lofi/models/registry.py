"""Models by name: from a YAML description to a reconstructor."""

from collections.abc import Mapping, Sequence

from torch import nn

from lofi.models.baselines.classical import GaussianSmoothing, Identity, Wiener, WienerCurve
from lofi.models.baselines.dncnn import DnCNN
from lofi.models.baselines.drunet import DRUNet
from lofi.models.baselines.ircnn import IRCNN
from lofi.models.baselines.total_variation import TotalVariationDenoiser
from lofi.models.baselines.unet import UNetReconstructor
from lofi.models.denoiser import FieldDenoiser, ImageDenoiser
from lofi.models.inr_lofi import InrFieldReconstructor
from lofi.models.reconstructor import FieldReconstructor
from lofi.options import construct, given

MODELS = {
    "identity": Identity,
    "gaussian": GaussianSmoothing,
    "wiener": Wiener,
    "wiener_curve": WienerCurve,
    "dncnn": DnCNN,
    "ircnn": IRCNN,
    "unet": UNetReconstructor,
    "drunet": DRUNet,
    "lofi": FieldReconstructor,
    "inr_lofi": InrFieldReconstructor,
    "lofi_denoiser": FieldDenoiser,
    "dncnn_denoiser": ImageDenoiser,
    "tv_denoiser": TotalVariationDenoiser,
}


def build(description: Mapping, channels: Sequence[str], size: Sequence[int]) -> nn.Module:
    """The reconstructor of `description`, `{class: …, …the constructor's keywords}`.

    Parameters
    ----------
    channels : names of the observed channels, in order.
    size : (H, W) of the training images.
    """
    return construct(MODELS, description, "model", list(channels), tuple(size), key="class")


def takes(description: object, keyword: str) -> bool:
    """Whether `reconstruct` of a model has an optional keyword; nothing is built. True of what `build` would refuse."""
    name = description.get("class") if isinstance(description, Mapping) else None
    return name not in list(MODELS) or bool(given(MODELS[name].reconstruct, {keyword: None}))
