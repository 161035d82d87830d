"""The error field: errors whose law is known are recovered; files, and what is refused."""

import json

import numpy as np
import pytest
import torch

from lofi.radio import error_features
from lofi.radio.error_features import FEATURES, features
from lofi.radio.error_field import RECORD, error_field_of, load_errors, save_errors
from lofi.radio.error_training import Pixels, fit_errors
from lofi.seeds import stream

PRIOR = {"weights": "a" * 64}
COUNT = 20000


def law(found):
    """Standard deviation of the error: it doubles with every unit of the first feature."""
    return 0.5 * 2 ** found[:, 0]


def pixels(name):
    rng = stream("error field", name)
    found = rng.normal(size=(COUNT, len(FEATURES)))
    error, restored = law(found) * rng.standard_normal(COUNT), 2.0 * rng.standard_normal(COUNT)
    value = 10 ** rng.uniform(0, 3, COUNT)
    return Pixels(found, error, value, np.abs(law(found)), restored, np.full(COUNT, 2.0), np.full(COUNT, 100 / COUNT))


@pytest.fixture(scope="module")
def field():
    return fit_errors([pixels("one"), pixels("two"), pixels("three")])


def test_errors_whose_law_is_known_are_recovered(field):
    unseen = pixels("unseen")
    level, noise = 3.0, 0.2
    shape = (100, 200)
    found = unseen.features.reshape(*shape, -1)
    model = level * unseen.value.reshape(shape)
    maps = field.error_maps([found[:30], found[30:]], model, level, noise)
    truth = model + level * unseen.error.reshape(shape)
    for low, high, share in (("lo68", "hi68", 0.68), ("lo90", "hi90", 0.90)):
        inside = (maps.bounds[low] <= truth) & (truth <= maps.bounds[high])
        positive = truth > 0  # bounds end at 0
        assert inside[positive].mean() == pytest.approx(share, abs=0.015)
    ratio = maps.error / (level * law(unseen.features).reshape(shape))
    assert np.median(ratio) == pytest.approx(1.0, abs=0.05)
    assert ratio.std() < 0.1
    assert maps.image_error == pytest.approx(np.full(shape, 2.0 * noise), rel=0.05)
    assert all((image >= 0).all() for image in maps.bounds.values())


def whole(stripes):
    return np.stack([np.concatenate(list(one)) for one in stripes])


def test_features_do_not_depend_on_the_stripes(monkeypatch):
    rng = np.random.default_rng(1)
    image = torch.from_numpy(rng.exponential(size=(2, 100, 31)).astype(np.float32))
    level, alpha = torch.tensor([0.5, 0.3]), torch.tensor([0.04, 0.02])
    inputs = (image, 1.1 * image, 0.01 * image, level, alpha, 2.5, lambda images, level: 0.7 * images)
    once = whole(features(*inputs))
    monkeypatch.setattr(error_features, "STRIPE", 1)
    assert len(list(features(*inputs)[0])) == 5  # of 23 rows, which the filters reach
    assert whole(features(*inputs)) == pytest.approx(once, abs=1e-9)


def test_features_know_neither_the_unit_nor_the_size_of_the_image():
    rng = np.random.default_rng(0)
    image = torch.from_numpy(rng.exponential(size=(1, 24, 24)).astype(np.float32))
    shrink = lambda images, level: 0.7 * images  # noqa: E731
    level, alpha = torch.tensor([0.5]), torch.tensor([0.04])
    found = whole(features(image, 1.1 * image, 0.01 * image, level, alpha, 2.5, shrink))
    scaled = whole(features(8 * image, 8.8 * image, 0.08 * image, 8 * level, alpha, 2.5, shrink))
    assert found.shape == (1, 24, 24, len(FEATURES))
    assert scaled == pytest.approx(found, abs=1e-4)
    assert found[..., FEATURES.index("response")] == pytest.approx(np.full((1, 24, 24), np.log(0.7)), abs=1e-3)
    assert found[..., FEATURES.index("resolution")] == pytest.approx(np.full((1, 24, 24), np.log(2.5)))


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


CHANGES = {
    "another format": ({"format": 0}, "another version"),
    "other features": ({"features": ["x"]}, "another version"),
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
