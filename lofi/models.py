"""Models by name: from a YAML description to a reconstructor."""

from lofi.baselines.classical import GaussianSmoothing, Identity, Wiener, WienerCurve
from lofi.baselines.dncnn import DnCNN
from lofi.baselines.drunet import DRUNet
from lofi.baselines.ircnn import IRCNN
from lofi.baselines.total_variation import TotalVariationDenoiser
from lofi.baselines.unet import UNetReconstructor
from lofi.denoiser import FieldDenoiser, ImageDenoiser
from lofi.inr_lofi import InrFieldReconstructor
from lofi.options import construct
from lofi.reconstructor import FieldReconstructor

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


def build(description, channels, size):
    """The reconstructor of `description`, `{class: …, …the constructor's keywords}`.

    Parameters
    ----------
    channels : names of the observed channels, in order.
    size : (H, W) of the training images.
    """
    return construct(MODELS, description, "model", list(channels), tuple(size), key="class")
