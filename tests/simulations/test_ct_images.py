"""Simulated slices: what they hold, in the units of the scanner, and that they are random and repeatable."""

import sys

import numpy as np
import pytest

from lofi.seeds import stream
from simulations.images.ct import brain, chest
from simulations.images.ct.brain_tissue import folded_brain
from simulations.images.ct.canvas import Canvas, windowed


def values(*hounsfield, window=chest.WINDOW):
    return windowed(np.array(hounsfield, float), window)


@pytest.fixture(scope="module")
def chests():
    return chest.chests(range(6), 96, "test")


@pytest.fixture(scope="module")
def heads():
    return brain.heads(range(6), 96, "test")


def test_a_chest_has_air_lung_soft_tissue_and_bone(chests):
    assert chests.shape == (6, 96, 96)
    assert chests.dtype == np.float32
    assert chests.min() >= 0
    soft_low, soft_high, lung_low, lung_high, bone = values(-150, 350, -950, -700, 400)
    for image in chests:
        assert 0.15 < np.mean((image > soft_low) & (image < soft_high)) < 0.8
        assert 0.05 < np.mean((image > lung_low) & (image < lung_high)) < 0.5
        assert 0.005 < np.mean(image > bone) < 0.08
        back, front = image[:48], image[48:]
        assert np.mean(back > bone) > np.mean(front > bone)  # the spine


def test_a_head_has_a_closed_skull_round_the_brain(heads):
    assert heads.shape == (6, 96, 96)
    brain_low, brain_high = values(2, 55, window=brain.WINDOW)
    for image in heads:
        skull = image > 0.99
        assert 0.03 < skull.mean() < 0.3
        inside = (image > brain_low) & (image < brain_high)
        assert inside[32:64, 32:64].mean() > 0.15
        for ray in (image[48, :48], image[48, 48:], image[:48, 48], image[48:, 48]):
            assert ray.max() > 0.99


def test_the_cortex_is_a_ribbon_at_the_surface_of_the_brain():
    canvas = Canvas(192, 22.0, stream("cortex"), bend=0.0)
    grey, white, inside = folded_brain(canvas)
    assert grey.min() >= 0
    assert (grey + white).max() <= 1 + 1e-6
    assert not (grey + white)[~inside].max() > 0.5
    assert 0.3 < grey.sum() / (grey + white).sum() < 0.75
    radius = np.hypot(canvas.x / 6.6, canvas.y / 8.3)
    assert white[radius < 0.8].sum() > 0.95 * white.sum()


@pytest.mark.parametrize("draw", [chest.chests, brain.heads])
def test_a_name_gives_the_same_anatomy_and_each_number_another(draw):
    first, again = draw([0, 1], 48, "same"), draw(range(1, 3), 48, "same")
    np.testing.assert_array_equal(first[1], again[0])
    assert np.abs(first[0] - first[1]).mean() > 0.01


@pytest.mark.parametrize("draw", [chest.chest, brain.head])
def test_the_same_stream_gives_the_same_scene_at_any_size(draw):
    coarse, fine = draw(48, stream("scene")), draw(96, stream("scene"))
    averaged = fine.reshape(48, 2, 48, 2).mean((1, 3))
    assert np.corrcoef(coarse.ravel(), averaged.ravel())[0, 1] > 0.97


def test_the_average_brain_needs_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "nilearn", None)
    with pytest.raises(ValueError, match="needs nilearn: pip install"):
        brain.heads([0], 48, "test", anatomy="icbm152")
    with pytest.raises(ValueError, match="anatomy is 'real'; expected simulated or icbm152"):
        brain.heads([0], 48, "test", anatomy="real")


def test_the_average_brain_has_real_anatomy():
    pytest.importorskip("nilearn")
    images = brain.heads([0, 1], 96, "test", anatomy="icbm152")
    low, high = values(2, 55, window=brain.WINDOW)
    inside = (images > low) & (images < high)
    assert 0.1 < inside.mean() < 0.6
    assert ((images > 0.99).mean((1, 2)) > 0.05).all()
