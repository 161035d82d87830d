"""The names of models and methods in the figures and tables of the paper."""

from lofi.drawing import labels

LABELS = labels.LABELS | {
    "unet_plain": "U-Net",
    "lofi_plain": "LoFi",
    "lofi_filter": "LoFi with filter",
    "dncnn_tiny": "DnCNN",
    "ircnn_tiny": "IRCNN",
    "unet_tiny": "U-Net",
    "drunet_tiny": "DRU-Net",
    "local_tiny": "local CNN",
    "lofi_tiny": "LoFi",
    "lofi_geometry_0": "T = 0",
    "lofi_geometry_1": "T = 1",
    "lofi_geometry_2": "T = 2",
    "lofi_geometry_3": "T = 3",
    "lofi_geometry_wide": "T = 0, wide",
    "lofi_geometry_free": "T = 0, free",
    "lofi_geometry_filter": "T = 0, filter",
    "dncnn_warped": "DnCNN",
    "ircnn_warped": "IRCNN",
    "unet_warped": "U-Net",
    "drunet_warped": "DRU-Net",
    "lofi_paper": "LoFi (paper's configuration)",
    "dncnn_paper": "DnCNN (paper's)",
    "ircnn_paper": "IRCNN (paper's)",
    "unet_paper": "U-Net (paper's)",
    "drunet_paper": "DRU-Net (paper's)",
    "dirty": "dirty, scaled",
    "clean": "CLEAN, restored",
    "positivity": "positivity",
    "total_variation_oracle": "TV, λ by the truth",
    "dncnn_admm": "DnCNN-ADMM",
    "lofi_admm": "LoFi-ADMM",
    "shipped_convergence": "shipped prior",
    "shipped_radio": "shipped prior",
    "shipped_admm": "shipped prior, ADMM",
    "delaunay": "Delaunay, linear",
    "biharmonic": "biharmonic",
    "lofi_admm_paper": "LoFi-ADMM, as published",
    "lofi_photographs": "LoFi",
    "tv_denoiser": "total variation, λ/σ by validation",
}


def label(model: str, observed: str = "Kaiser–Squires") -> str:
    """The name of a model in figures and tables; that of the identity is what was `observed`."""
    return observed if model == "identity" else LABELS.get(model, model)
