"""A data set in pieces is the same as all of it at once."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from shared import uvfits
from shared.measurement_set import write

from lofi.radio.coverage import synthesis
from lofi.radio.gridding import Grid, Parts
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.measurement import measure
from lofi.radio.products import imaging, products
from lofi.radio.radio_field import read_field
from lofi.radio.visibilities.data_set import gather, in_sample
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.read import read_together, read_visibilities
from simulations.measurement_set import write_measurement_set

tables = pytest.importorskip("casacore.tables")
WINDOWS = ((1.4e9, 3), (1.5e9, 2))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("pieces") / "obs.ms"
    main = write(path, windows=WINDOWS)
    flags = main.getcol("FLAG", 0, 60)
    flags[5:9], flags[:, 1, 0] = True, True
    main.putcol("FLAG", flags, 0, 60)
    main.close()
    return path


@pytest.fixture(scope="module", params=[70, 7])
def data(path, request):
    """Pieces of one instant of three channels and more, and of less."""
    data = read_together([path], Selection(), request.param)
    sizes = [len(piece) for piece in data.pieces]
    assert len(sizes) > 5
    assert max(sizes) <= request.param
    assert sizes == [len(piece) for piece in data.pieces]
    return data


def test_the_scan_finds_the_same(path, data):
    whole = read_together([path])
    for name in ("count", "longest", "shortest", "longest_w", "lowest", "highest", "bandwidth", "largest", "notes"):
        assert getattr(data, name) == getattr(whole, name), name
    assert data.frequency == pytest.approx(whole.frequency, rel=1e-12)
    assert np.sort_complex(data.sample.values).tolist() == np.sort_complex(whole.sample.values).tolist()
    assert data.count == sum(len(piece) for piece in data.pieces)


@pytest.mark.parametrize("weighting", ["natural", "uniform", "briggs"])
@pytest.mark.parametrize("wide", [True, False])
def test_the_images_are_the_same(path, data, weighting, wide):
    images = []
    for parts in (data, read_together([path])):
        measurement = measure(Parts(parts, Grid((32, 47), 4.0, wide)), (32, 47))
        model = np.zeros((1, 32, 47))
        model[0, 20, 19:23] = 0.4
        missing = []

        def see(part, values, missing=missing):
            missing.append(values[0][part.sampled])

        imaged = imaging(measurement, weighting)
        (residuals,), chi2 = measurement.residual(model, imaged.weighting, see=see)
        (published,) = products(measurement, imaged, model, residuals, chi2)
        assert len(np.concatenate(missing)) == len(parts.sample)
        images.append((measurement.psf, measurement.dirty[0], published.dirty, published.psf, published.residual))
        numbers = (measurement.noise[0], measurement.power[0], published.noise, published.chi2)
        images[-1] += tuple(np.array([number]) for number in numbers)
    for pieces, whole in zip(*images, strict=True):
        assert pieces == pytest.approx(whole, rel=1e-6, abs=1e-7 * np.abs(whole).max())


def test_a_sample_keeps_neighbours_together(path):
    visibilities = read_visibilities(path)
    mask = in_sample(visibilities, 4)
    groups = np.stack([visibilities.antenna1, visibilities.antenna2, visibilities.channel // 8])
    kept, left = ({tuple(group) for group in groups[:, chosen].T.tolist()} for chosen in (mask, ~mask))
    assert kept
    assert left
    assert not kept & left


def test_a_sample_of_few_pairs_is_not_empty(path, monkeypatch):
    monkeypatch.setattr("lofi.radio.visibilities.data_set.SAMPLE", 3)
    data = read_together([path], Selection(), 70)
    assert 0 < len(data.sample) < data.count / 2


def test_more_than_a_sample_is_thinned(path, monkeypatch):
    monkeypatch.setattr("lofi.radio.visibilities.data_set.SAMPLE", 100)
    data = read_together([path], Selection(), 70)
    assert data.every > 1
    assert 0 < len(data.sample) <= 100
    inside = sum(np.count_nonzero(in_sample(piece, data.every)) for piece in data.pieces)
    assert inside == len(data.sample)


@pytest.mark.parametrize("antennas", [True, False])
def test_the_sample_is_what_later_passes_find(path, monkeypatch, antennas):
    monkeypatch.setattr("lofi.radio.visibilities.data_set.SAMPLE", 100)
    visibilities = read_visibilities(path)
    if not antennas:
        visibilities = replace(visibilities, antenna1=None, antenna2=None)
    for limit in (10, 10**6):
        data = gather("", [Listed(visibilities)], limit)
        found = np.concatenate([piece.values[in_sample(piece, data.every)] for piece in data.pieces])
        assert data.every > 1
        assert found.tolist() == data.sample.values.tolist()


def test_a_set_that_changes_between_passes_is_noticed(path, tmp_path):
    copy = tmp_path / "obs.ms"
    shutil.copytree(path, copy)
    data = read_together([copy], Selection(), 70)
    with tables.table(str(copy), readonly=False, ack=False) as main:
        main.putcol("FLAG_ROW", np.ones(10, bool), 20, 10)
    with pytest.raises(ValueError, match=r"obs.ms changed while it was imaged: \d+ good visibilities at first"):
        list(data.pieces)


def test_the_frequency_is_the_mean_by_weight(path):
    visibilities = read_visibilities(path)
    sigma = np.where(visibilities.frequency > 1.45e9, 0.1, 1.0)
    frequency = gather("", [Listed(replace(visibilities, sigma=sigma))], 10**6).frequency
    assert frequency == pytest.approx(np.average(visibilities.frequency, weights=sigma**-2.0), rel=1e-12)


class Listed(list):
    """A source of pieces at hand."""

    notes = ()

    def __init__(self, *pieces):
        super().__init__(pieces)


def test_a_measurement_set_uvfits_and_npz_give_the_same_image(tmp_path, meerkat):
    seen = synthesis(meerkat, -60.0, (2.0, 3.0), 1800, [1.400e9, 1.402e9, 1.404e9])  # low: w matters
    rng = np.random.default_rng(4)
    values = np.array([0.5, 0.5j]) @ rng.normal(size=(2, len(seen.u))) + np.exp(-2j * np.pi * seen.u * 3e-4)
    paths = {ending: tmp_path / f"obs.{ending}" for ending in ("ms", "uvfits", "npz")}
    header = {"right_ascension_deg": 202.5, "channel_hz": 2e6, "name": "F"}
    write_measurement_set(paths["ms"], seen, values, 0.5, **header)
    first, second = np.triu_indices(64, k=1)
    seconds = -np.stack([seen.u, seen.v, seen.w], -1)[: 2 * len(first)] / 1.4e9
    pairs = np.stack([np.tile(first, 2) + 1, np.tile(second, 2) + 1, np.repeat([0.25, 0.27], len(first))], -1)
    samples = values.reshape(3, -1).T[:, None, :, None]
    hands = np.stack([samples.real, samples.imag, np.full(samples.shape, 2.0)], -1).repeat(2, axis=3)
    uvfits.write(paths["uvfits"], np.concatenate([seconds, pairs], 1), hands, table=False)
    write_npz(paths["npz"], read_visibilities(paths["ms"]))
    options = ImagingOptions(pixels=64, cell_arcsec=2.5, centre=(202.5, -60.0))
    reference, *others = (read_field([path], options) for path in paths.values())
    assert not reference.measurement.exact
    for other in others:
        assert other.data.count == reference.data.count
        for name in ("psf", "dirty", "noise"):
            a, b = getattr(reference.imaged, name), getattr(other.imaged, name)
            assert np.abs(a - b).max() < 1e-6 * np.abs(a).max(), name
