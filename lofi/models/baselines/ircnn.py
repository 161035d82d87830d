"""IRCNN (Zhang et al. 2017, arXiv:1704.03264): dilated convolutions that widen and narrow again."""

from collections.abc import Mapping, Sequence

from lofi.models.baselines.dncnn import convolutions
from lofi.models.inputs import Inputs
from lofi.models.reconstructor import ImageReconstructor, Loss, Padding
from lofi.options import call

DILATIONS = (1, 2, 3, 4, 3, 2, 1)


class IRCNN(ImageReconstructor):
    """IRCNN on images; with `residual: observed` it learns, as published, what to subtract from the observed image.

    Seven convolutions of `features` channels with dilations 1-2-3-4-3-2-1 (33 pixels seen across), batch normalisation
    in all but the first and the last. Other keywords as `lofi.models.reconstructor.ImageReconstructor` and
    `lofi.models.inputs.Inputs`.
    # ASSUME: the LoFi paper's 13 layers of 256 channels count the ReLUs; so they have its 3 million parameters.
    """

    def __init__(
        self,
        channels: Sequence[str],
        size: tuple[int, int],
        inputs: Mapping,
        features: int = 64,
        dilations: Sequence[int] = DILATIONS,
        padding: Padding = "zeros",
        loss: Loss = "l1",
        crop: int = 0,
        outputs: int = 1,
    ) -> None:
        prepared = call(Inputs, inputs, "inputs", channels, outputs)
        network = convolutions(prepared.outputs, outputs, features, list(dilations), padding=padding)
        super().__init__(prepared, network, loss, crop)
