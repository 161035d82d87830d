"""Names of models in figures."""

LABELS = {
    "gaussian": "KS, smoothed",
    "wiener": "Wiener",
    "wiener_curve": "Wiener + curve",
    "unet": "U-Net",
    "dncnn": "DnCNN",
    "ircnn": "IRCNN",
    "drunet": "DRU-Net",
    "inr_lofi": "INR-LoFi",
    "lofi": "LoFi",
    "total_variation": "total variation",
    "dncnn_denoiser": "DnCNN",
    "lofi_denoiser": "LoFi",
}


def label(model: str, observed: str = "Kaiser–Squires") -> str:
    """The name of a model's class in figures; that of the identity is what was `observed`."""
    return observed if model == "identity" else LABELS.get(model, model)
