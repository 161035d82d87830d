"""The error field: errors whose law is known are recovered; files, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from lofi.radio import error_features
from lofi.radio.error_features import FEATURES, SKY_FEATURES, Features, features
from lofi.radio.error_field import RECORD, error_field_of, load_errors, save_errors
from lofi.radio.error_training import Pixels, Sky, fit_errors
from lofi.seeds import stream

PRIOR = {"weights": "a" * 64}
COUNT = 1000
LEVEL = 3.0


class Known(Features):
    """Features that are given; not made of images."""

    def __init__(self, sky):
        object.__setattr__(self, "known", sky)
        object.__setattr__(self, "level", LEVEL)

    def pixels(self):
        shaped = self.known.pixels.features.reshape(20, 50, -1)
        return iter([shaped[:7], shaped[7:]])

    def sky(self):
        return self.known.features


def law(sky):
    """Standard deviation of the error: it doubles with every unit of a pixel's first feature, and of the sky's."""
    return 0.5 * 2 ** (sky.pixels.features[:, 0] + sky.features[0])


def drawn(*name):
    """A sky whose errors follow the law; half of its pixels are empty."""
    rng = stream("error field", *name)
    whole, found = rng.normal(size=len(SKY_FEATURES)), rng.normal(size=(COUNT, len(FEATURES)))
    whole[1:] = 0
    width = 0.5 * 2 ** (found[:, 0] + whole[0])
    error, restored = width * rng.standard_normal(COUNT), 2.0 * rng.standard_normal(COUNT)
    source = np.repeat([True, False], COUNT // 2)
    value = np.where(source, 10 ** rng.uniform(1, 3, COUNT), rng.uniform(0, 2, COUNT))
    weight = np.full(COUNT, 2 / COUNT)
    return Sky(whole, Pixels(found, error, value, width, restored, np.full(COUNT, 2.0), source, weight))


@pytest.fixture(scope="module")
def field():
    return fit_errors([[drawn(part, number) for number in range(40)] for part in range(3)])


def coverage(field, sky, low, high):
    """Share of the truths of sources within bounds."""
    model = LEVEL * sky.pixels.value.reshape(20, 50)
    maps = field.error_maps(Known(sky), model, 0.2)
    truth = model + LEVEL * sky.pixels.error.reshape(20, 50)
    inside = (maps.bounds[low] <= truth) & (truth <= maps.bounds[high])
    return inside[sky.pixels.source.reshape(20, 50) & (truth > 0)].mean()  # bounds end at 0


UNSEEN = [drawn("unseen", number) for number in range(20)]


def test_errors_whose_law_is_known_are_recovered(field):
    for low, high, share in (("lo68", "hi68", 0.68), ("lo90", "hi90", 0.90)):
        assert np.mean([coverage(field, sky, low, high) for sky in UNSEEN]) == pytest.approx(share, abs=0.03)
    for sky in UNSEEN:
        maps = field.error_maps(Known(sky), LEVEL * sky.pixels.value.reshape(20, 50), 0.2)
        ratio = (maps.error / (LEVEL * law(sky).reshape(20, 50)))[:10]
        assert np.median(ratio) == pytest.approx(1.0, abs=0.35)
        assert maps.image_error == pytest.approx(np.full((20, 50), 2.0 * 0.2), rel=0.1)
        assert all((image >= 0).all() for image in maps.bounds.values())


def test_every_sky_gets_its_own_width(field):
    typical = replace(field, weights=np.zeros_like(field.weights))
    found, without = (np.array([coverage(each, sky, "lo90", "hi90") for sky in UNSEEN]) for each in (field, typical))
    assert ((found > 0.8) & (found < 0.98)).mean() >= 0.9
    assert ((without > 0.8) & (without < 0.98)).mean() < 0.6


def test_a_sky_like_none_gets_the_typical_width(field):
    assert field.factors(np.full(len(SKY_FEATURES), 1e9)) == pytest.approx(np.exp(field.typical), rel=0.05)


def whole(found):
    return np.stack([np.concatenate(list(one.pixels())) for one in found])


def test_features_do_not_depend_on_the_stripes(monkeypatch):
    rng = np.random.default_rng(1)
    image = torch.from_numpy(rng.exponential(size=(2, 100, 31)).astype(np.float32))
    level, alpha = torch.tensor([0.5, 0.3]), torch.tensor([0.04, 0.02])
    inputs = (image, 1.1 * image, 0.01 * image, level, alpha, 2.5, lambda images, level: 0.7 * images)
    found = features(*inputs)
    once, skies = whole(found), [one.sky() for one in found]
    monkeypatch.setattr(error_features, "STRIPE", 1)
    assert len(list(found[0].pixels())) == 5  # of 23 rows, which the filters reach
    assert whole(found) == pytest.approx(once, abs=1e-9)
    assert [one.sky() for one in found] == [pytest.approx(sky, abs=1e-9) for sky in skies]


def test_features_know_neither_the_unit_nor_the_size_of_the_image():
    rng = np.random.default_rng(0)
    image = torch.from_numpy(rng.exponential(size=(1, 24, 24)).astype(np.float32))
    shrink = lambda images, level: 0.7 * images  # noqa: E731
    level, alpha = torch.tensor([0.5]), torch.tensor([0.04])
    once = features(image, 1.1 * image, 0.01 * image, level, alpha, 2.5, shrink)
    again = features(8 * image, 8.8 * image, 0.08 * image, 8 * level, alpha, 2.5, shrink)
    found = whole(once)
    assert found.shape == (1, 24, 24, len(FEATURES))
    assert whole(again) == pytest.approx(found, abs=1e-4)
    assert found[..., FEATURES.index("response")] == pytest.approx(np.full((1, 24, 24), np.log(0.7)), abs=1e-3)
    assert found[..., FEATURES.index("resolution")] == pytest.approx(np.full((1, 24, 24), np.log(2.5)))
    sky = dict(zip(SKY_FEATURES, once[0].sky(), strict=True))
    assert list(again[0].sky()) == pytest.approx(list(sky.values()), abs=1e-3)
    assert [sky[f"passed {scale}"] for scale in range(4)] == pytest.approx([0.7] * 4, abs=1e-3)
    assert [sky[f"alike {scale}"] for scale in range(4)] == pytest.approx([1.0] * 4, abs=0.02)
    assert sky["removed 1"] == pytest.approx(sky["image 1"] + np.log(0.01 / 0.04), abs=0.02)


@pytest.mark.parametrize("value", [0.0, 100.0])
def test_skies_without_sources_or_without_anything_else_have_features(value):
    image = torch.full((1, 16, 16), value)
    one = torch.ones(1)
    (found,) = features(image, image, 0 * image, one, one, 2.5, lambda images, level: images)
    assert np.isfinite(found.sky()).all()


def test_files_serve_their_prior_alone(field, tmp_path):
    assert error_field_of(tmp_path, PRIOR, None) == (None, [])
    with pytest.raises(ValueError, match=r"has no error bars \(errors.json\), which --errors asks for"):
        error_field_of(tmp_path, PRIOR, True)
    save_errors(tmp_path, field, PRIOR, description="of nothing")
    read, notes = error_field_of(tmp_path, PRIOR, None)
    assert notes == ["error bars: of nothing"]
    assert read.quantiles == pytest.approx(field.quantiles, abs=1e-5)
    assert error_field_of(tmp_path, PRIOR, False) == (None, [])
    with pytest.raises(ValueError, match="error bars of another prior"):
        load_errors(tmp_path, {"weights": "b" * 64})


def test_a_file_of_an_older_version_is_refused(field, tmp_path):
    save_errors(tmp_path, field, PRIOR, description="of nothing")
    record = json.loads((tmp_path / RECORD).read_text())
    older = {name: record[name] for name in ("prior", "features", "description", "mean")} | {"format": 1}
    (tmp_path / RECORD).write_text(json.dumps(older))
    with pytest.raises(ValueError, match="another version"):
        load_errors(tmp_path, PRIOR)


CHANGES = {
    "another format": ({"format": 0}, "another version"),
    "other features": ({"features": ["x"]}, "another version"),
    "other features of skies": ({"sky_features": ["x"]}, "another version"),
    "skies of other features": ({"skies": [[1.0]]}, "does not describe"),
    "no skies": ({"skies": 1.0}, "does not describe"),
    "no numbers": ({"mean": ["x"]}, "does not describe"),
    "too few": ({"nodes": [1.0]}, "does not describe"),
    "not finite": ({"restored_rms": float("nan")}, "does not describe"),
    "no description": ({"description": None}, "does not describe"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES.keys())
def test_damaged_files_are_refused(field, tmp_path, change, words):
    save_errors(tmp_path, field, PRIOR, description="of nothing")
    record = json.loads((tmp_path / RECORD).read_text()) | change
    (tmp_path / RECORD).write_text(json.dumps(record))
    with pytest.raises(ValueError, match=words):
        load_errors(tmp_path, PRIOR)
    (tmp_path / RECORD).write_text("{")
    with pytest.raises(ValueError, match="does not describe"):
        load_errors(tmp_path, PRIOR)
