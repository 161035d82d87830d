"""Figures of maps and images with error bars show them and the signal to noise, and only where there are any."""

import numpy as np
import pytest
from astropy.wcs import WCS

from lofi.drawing import lensing, radio, sphere
from lofi.radio.beam import Beam
from lofi.radio.error_maps import BOUNDS, ErrorMaps
from lofi.radio.products import Products

IMAGE = np.random.default_rng(0).random((16, 16)) + 0.1


def on_the_plane(path, with_errors):
    maps = {"KAPPA": IMAGE, "KAPPA_WIENER": IMAGE} | ({"KAPPA_STD": IMAGE} if with_errors else {})
    header = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CDELT1": -0.04, "CDELT2": 0.04, "CRVAL1": 30.0}
    lensing.draw_observation(path, maps, WCS(header), "png", "LoFi")


def on_the_sphere(path, with_errors):
    names = ["KAPPA", "KAPPA_WIENER", "KAPPA_SMOOTHED", "KAPPA_KS_E", *(["KAPPA_STD"] if with_errors else [])]
    seen = np.arange(192) > 20
    maps = {name: np.where(seen, np.linspace(0.1, 1, 192), np.nan) for name in names}
    sphere.draw_maps(path, "png", maps, seen, 4, "LoFi")


def of_radio(path, with_errors):
    published = Products(IMAGE, IMAGE, IMAGE, IMAGE - 0.5, IMAGE, Beam(3.0, 2.0, 10.0), 0.1, 1.0, 100)
    error = np.where(IMAGE > 0.2, IMAGE, 0.0)  # nothing is known to be wrong where it is 0
    errors = ErrorMaps(error, dict.fromkeys(BOUNDS, IMAGE), IMAGE, "a test")
    radio.draw_products(path, published, 1.0, (30.0, -40.0), errors if with_errors else None)


@pytest.mark.parametrize("draw", [on_the_plane, on_the_sphere, of_radio])
def test_errors_are_drawn_where_there_are_any(draw, tmp_path, monkeypatch):
    shown = []

    def keep(figure, *_):
        shown.append([axes.get_title() for axes in figure.axes if axes.get_title()])

    for module in (lensing, sphere):
        monkeypatch.setattr(module, "write", keep)
    monkeypatch.setattr(radio, "save", keep)
    monkeypatch.setattr(sphere, "WIDTH", 100)
    for with_errors in (False, True):
        draw(tmp_path / "figure.png", with_errors)
    new = [title for title in shown[1] if title not in shown[0]]
    assert len(new) == 2
    assert new[0].startswith("error of")
    assert new[1] in ("signal to noise", "LoFi over its error")
    assert set(shown[0]) <= set(shown[1])
