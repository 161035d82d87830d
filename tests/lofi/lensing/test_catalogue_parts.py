"""A catalogue binned file by file is the catalogue of `lofi map`, bit for bit, whatever the number of files."""

import json

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from lofi.lensing.observing import read_binned
from lofi.lensing.parts import Parts, read_plan, write_plan, write_sums
from lofi.lensing.shear_file import open_shear
from lofi.mapping import map_observation
from lofi.seeds import stream

COUNT, PIXEL = 4000, 2.0
COLUMNS = {"ra": "ra", "dec": "dec", "e1": "e1", "e2": "e2", "weight": "w"}
OPTIONS = {
    "plain": {},
    "calibrated": {
        "columns": COLUMNS | {"r11": "r11", "r22": "r22", "c1": "c"},
        "estimator": "metacal",
        "bins": "zbin",
        "m": [0.01, -0.02, 0.03],
        "select": "flag != 2",
    },
    "placed": {"centre": (40.1, 59.9), "shape": (20, 24), "pixel_arcmin": 3.0, "e2_sign": -1, "max_ellipticity": 2.0},
    "dropped": {"drop_invalid": True},
}


def galaxies(name="galaxies"):
    rng = stream("catalogue in parts", name)
    table = {
        "ra": 39.5 + 1.0 * rng.random(COUNT),
        "dec": 59.7 + 0.6 * rng.random(COUNT),
        "e1": 0.2 * rng.standard_normal(COUNT),
        "e2": 0.2 * rng.standard_normal(COUNT),
        "w": rng.random(COUNT) + 0.1,
        "r11": 0.7 + 0.1 * rng.standard_normal(COUNT),
        "r22": 0.7 + 0.1 * rng.standard_normal(COUNT),
        "c": 1e-3 * rng.standard_normal(COUNT),
        "flag": rng.integers(0, 4, COUNT),
        "zbin": rng.integers(1, 4, COUNT),
    }
    return pd.DataFrame(table)


def split(folder, number, table):
    """Files of a catalogue, one of them much shorter than the others."""
    cuts = np.linspace(0, COUNT, number + 1).astype(int)
    if number > 2:
        cuts[1] = 3
    paths = [folder / f"part{place}.csv" for place in range(number)]
    for path, first, last in zip(paths, cuts[:-1], cuts[1:], strict=True):
        table[first:last].to_csv(path, index=False)
    return paths


def in_parts(folder, paths, options, order=1):
    """The files binned by themselves, last first where `order` is −1."""
    plan, sums = folder / "plan.json", [folder / f"{place}.npz" for place in range(len(paths))]
    write_plan(plan, paths, options, PIXEL)
    for path, file in list(zip(sums, paths, strict=True))[::order]:
        write_sums(path, plan, file, options)
    return Parts(plan, sums)


def values(binned):
    return {name: getattr(binned, name) for name in ("gamma", "noise_std", "count", "weight_sum", "mask")}


@pytest.mark.filterwarnings("ignore:.*these rows are left out")
@pytest.mark.parametrize("name", OPTIONS)
def test_files_binned_apart_give_the_same_bits(name, tmp_path):
    options, table, found = {"columns": COLUMNS} | OPTIONS[name], galaxies(), []
    if name == "dropped":
        table.loc[[5, 3000], "e1"] = np.nan
        table.loc[[2000], "dec"] = -60.0
    for number in (1, 2, 5):
        paths = split(tmp_path, number, table)
        file = open_shear(paths)
        whole = read_binned(file, options, PIXEL)
        apart = read_binned(file, options, PIXEL, in_parts(tmp_path, paths, options, order=-1))
        for key, expected in values(whole).items():
            np.testing.assert_array_equal(values(apart)[key], expected)
        assert apart.notes == whole.notes
        assert apart.sigma_e == whole.sigma_e
        assert apart.wcs.to_header_string() == whole.wcs.to_header_string()
        found.append(whole)
    for other in found[1:]:
        np.testing.assert_allclose(other.gamma, found[0].gamma, rtol=1e-13, atol=1e-15)


def test_a_mask_counts_the_galaxies_of_all_files(tmp_path):
    (tmp_path / "mask.reg").write_text("icrs\ncircle(39.7, 60.0, 0.2)\n")
    options = {"columns": COLUMNS, "mask": str(tmp_path / "mask.reg")}
    table = galaxies().sort_values("ra")  # no galaxy of the last files is inside
    paths = split(tmp_path, 4, table)
    whole = read_binned(open_shear(paths), options, PIXEL)
    apart = read_binned(open_shear(paths), options, PIXEL, in_parts(tmp_path, paths, options))
    np.testing.assert_array_equal(apart.gamma, whole.gamma)
    assert apart.notes == whole.notes
    assert any(" of 4000 galaxies inside" in note for note in whole.notes)
    (tmp_path / "mask.reg").write_text("icrs\ncircle(10.0, 2.0, 0.2)\n")
    with pytest.raises(ValueError, match="covers no galaxy"):
        write_plan(tmp_path / "plan.json", paths, options, PIXEL)


def test_a_field_elsewhere_is_refused_once_all_files_are_known(tmp_path):
    options = {"columns": COLUMNS, "centre": (100.0, 0.0), "shape": (10, 10)}
    paths = split(tmp_path, 3, galaxies())
    parts = in_parts(tmp_path, paths, options)
    with pytest.raises(ValueError, match=r"no galaxy of .* lies in the field: the catalogue covers ra 39\.5") as apart:
        read_binned(open_shear(paths), options, PIXEL, parts)
    with pytest.raises(ValueError, match="no galaxy of") as whole:
        read_binned(open_shear(paths), options, PIXEL)
    assert str(apart.value) == str(whole.value)


def test_the_map_is_that_of_the_list_of_files(tmp_path):
    options, paths = {"columns": COLUMNS, "pixel_arcmin": PIXEL}, split(tmp_path, 3, galaxies())
    outputs = tmp_path / "whole.fits", tmp_path / "apart.fits"
    map_observation(paths, options, output=outputs[0])
    map_observation(paths, options, output=outputs[1], parts=in_parts(tmp_path, paths, options))
    whole, apart = (fits.open(path) for path in outputs)
    with whole, apart:
        assert len(whole) == len(apart) > 8
        for one, other in zip(whole[1:], apart[1:], strict=True):
            assert one.data.tobytes() == other.data.tobytes()
        assert list(whole[0].header["HISTORY"]) == list(apart[0].header["HISTORY"])
    parts = Parts(tmp_path / "plan.json", [])
    with pytest.raises(ValueError, match="binned apart on the plane, and without --zbins"):
        map_observation(paths, options | {"zbins": "zbin"}, output=outputs[1], parts=parts)


@pytest.mark.parametrize("changed", [{"e2_sign": -1}, {"centre": (40.0, 60.0), "shape": (18, 31)}, None])
def test_parts_of_another_plan_are_refused(changed, tmp_path):
    """Of other options, of another field, and of a version that did not say of which."""
    options, paths = {"columns": COLUMNS}, split(tmp_path, 2, galaxies())
    parts = in_parts(tmp_path, paths, options)
    if changed is None:
        with np.load(parts.sums[1]) as arrays:
            np.savez(parts.sums[1], **{name: values for name, values in arrays.items() if name != "plan"})
    else:
        write_plan(tmp_path / "other.json", paths, options | changed, PIXEL)
        write_sums(parts.sums[1], tmp_path / "other.json", paths[1], options | changed)
    with pytest.raises(ValueError, match=r"1\.npz' was binned by another plan than it is joined by; bin the"):
        read_binned(open_shear(paths), options, PIXEL, parts)


def test_parts_that_are_missing_or_in_another_place_are_refused(tmp_path):
    options, paths = {"columns": COLUMNS}, split(tmp_path, 3, galaxies())
    parts = in_parts(tmp_path, paths, options)

    def refused(sums, words):
        with pytest.raises(ValueError, match=words) as error:
            read_binned(open_shear(paths), options, PIXEL, Parts(parts.plan, sums))
        assert len(str(error.value).splitlines()) == 1

    first, second, third = parts.sums
    for sums in ([], [first], [first, third], [*parts.sums, third]):
        refused(sums, rf"plan.json' is of a catalogue of 3 files and is joined with the sums of {len(sums)}; bin each")
    refused([first, third, second], r"2\.npz' holds the galaxies of part2\.csv where those of part1\.csv")
    refused([first, first, third], r"0\.npz' holds the galaxies of part0\.csv where those of part1\.csv")
    second.unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.npz"):
        read_binned(open_shear(paths), options, PIXEL, parts)


def test_a_plan_keeps_every_bit(tmp_path):
    options = {"columns": COLUMNS} | OPTIONS["calibrated"]
    write_plan(tmp_path / "plan.json", split(tmp_path, 2, galaxies()), options, PIXEL)
    plan = read_plan(tmp_path / "plan.json")
    assert plan.census.bins.names == ["1", "2", "3"]
    assert plan.census.solution.bias["c1"] is None
    again = json.loads(json.dumps(plan.census.record()))
    assert again == json.loads((tmp_path / "plan.json").read_text())["census"]
