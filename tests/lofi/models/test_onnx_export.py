"""The denoiser as an ONNX file, and the page that shows it: the numbers of PyTorch, in another program."""

import re
from pathlib import Path

import pytest
import torch

from lofi.models import onnx_export
from lofi.models.registry import build

PAGE = Path(__file__).parents[3] / "docs" / "using.md"
CHANNELS = ["image", "noise_std"]
DNCNN = {"class": "dncnn_denoiser", "features": 4, "layers": 3}
TURNING = {
    "class": "lofi_denoiser",
    "geometry": {"kind": "conditioned", "steps": 1, "base": {"kind": "square", "size": 3}},
    "network": {"kind": "mlp", "width": 4, "depth": 1},
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What the blocks of the page leave, those of deepinv where it is installed."""
    namespace, folder = {}, tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL):
            if "deepinv" in block:
                try:
                    import deepinv  # noqa: F401
                except ImportError:
                    continue
            exec(block, namespace)
    return namespace


def error(image, page):
    return float((image - page["sky"]).square().mean().sqrt())


def test_the_denoiser_of_the_page_denoises(page):
    assert error(page["denoised"], page) < 0.4 * error(page["noisy"], page)


def test_onnx_gives_the_numbers_of_pytorch(page):
    difference = torch.from_numpy(page["result"]) - page["denoised"][0, 0]
    assert difference.abs().max() < 1e-5


def test_windows_of_any_number_may_have_any_noise(page):
    windows = torch.rand(11, page["side"], page["side"])
    level = torch.linspace(0.01, 0.3, 11)
    (pixels,) = page["session"].run(None, {"windows": windows.numpy(), "level": level.numpy()})
    expected = [  # the centre of an image that is the window
        page["model"].denoise(window[None], sigma[None])[0, page["side"] // 2, page["side"] // 2]
        for window, sigma in zip(windows, level, strict=True)
    ]
    torch.testing.assert_close(torch.from_numpy(pixels), torch.stack(expected), rtol=0, atol=1e-5)


def test_deepinv_deblurs_where_it_is_installed(page):
    pytest.importorskip("deepinv")
    assert error(page["sharp"], page) < error(page["blurred"], page)


@pytest.mark.parametrize(
    ("description", "reason"),
    [(DNCNN, "for a lofi_denoiser; the model is a ImageDenoiser"), (TURNING, "this one depends on the image")],
)
def test_other_denoisers_are_refused(description, reason, tmp_path):
    with pytest.raises(ValueError, match=f"ONNX is written .*{reason}"):
        onnx_export.export(tmp_path / "other.onnx", build(description, CHANNELS, (9, 9)))
    assert not list(tmp_path.iterdir())


def test_missing_packages_are_named(tmp_path, monkeypatch, page):
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install lofi-maps\[onnx\]"):
        onnx_export.export(tmp_path / "other.onnx", page["model"])
    assert not list(tmp_path.iterdir())
