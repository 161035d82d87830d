"""The cost model: what it counts is what a network does, and it scales with the plan."""

import dataclasses
from pathlib import Path

import pytest
from cost_model import Cost, Measured, costs, table_of
from plan import configuration, read_plan
from survey_cost import fields_of
from work import Network, network_of, skies, units

from lofi.solvers.admm import Schedule

ROOT = Path(__file__).parents[2]

PLAN = """
[Sun Nov 22 22:43:40 2026]
rule maps:
    input: theory.h5
    output: maps/mass/train.h5
    log: logs/maps/mass.train.log
    benchmark: benchmarks/maps/mass.train.tsv
    wildcards: experiment=mass, split=train
    resources: tmpdir=/tmp, runtime=60
[Sun Nov 22 22:43:40 2026] Group job inversions (jobs in lexicogr. order):

    localrule invert:
        output: inversions/radio_128/dirty.h5, inversions/radio_128/dirty.trace.csv
        benchmark: benchmarks/invert/radio_128.dirty.tsv
        wildcards: inversion=radio_128, method=dirty
rule train:
    output: models/mass/lofi_paper/model.safetensors
    wildcards: experiment=mass, model=lofi_paper
rule mass:
    input: tables/mass.csv
"""
NETWORK = Network(1000, 128, 2e9, 0.5, 4e9, 1.0)


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def paper():
    return configuration("config/paper.yaml")


def test_a_plan_is_read_from_a_dry_run():
    maps, invert, train = read_plan(PLAN)
    assert maps.wildcards == {"experiment": "mass", "split": "train"}
    assert maps.benchmark == "benchmarks/maps/mass.train.tsv"
    assert invert.outputs[1] == "inversions/radio_128/dirty.trace.csv"
    assert train.benchmark is None


def test_shards_share_the_work_of_their_split(paper):
    shard = "rule maps:\n    output: {0}.h5\n    wildcards: experiment=mass, split=train, shard={0}\n"
    jobs = read_plan("".join(map(shard.format, range(4))))
    assert [units(job, paper) for job in jobs] == [2000] * 4


def test_units_are_maps_and_pixels(paper):
    maps, invert, train = read_plan(PLAN)
    assert units(maps, paper) == 8000
    assert units(invert, paper) == 20 * 128**2
    assert units(train, paper) == 1
    pictures = read_plan("rule pictures:\n    output: a\n    wildcards: experiment=galaxies, split=test, shard=0")[0]
    assert units(pictures, paper) == 200  # drawn
    assert units(pictures, paper, stored=True) == 100  # cropped
    assert skies({"sky": {"pictures": "x", "numbers": [3, 5]}, "noise_seeds": 2}) == 6


def test_what_was_measured_is_scaled_to_the_plan(tmp_path, paper):
    small = configuration()
    jobs = read_plan(PLAN)[:1]
    path = tmp_path / "benchmarks/maps/mass.train.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("s\tcpu_time\n99\t16.0\n")
    (tmp_path / "maps/mass").mkdir(parents=True)
    (tmp_path / "maps/mass/train.h5").write_bytes(bytes(3200))
    measured = Measured(jobs, small, tmp_path)
    assert measured.of(jobs[0], small) == (16.0, 3200.0)
    assert measured.of(jobs[0], paper) == (16.0 * 8000 / 1000, 3200.0 * 8000 / 1000)
    table = costs(jobs, paper, measured, {}, {}, ktng=0.1, gpu_flops=1e12)
    assert table == {"maps": Cost(1, 800.0, None, 25_600.0)}


def test_a_training_is_steps_validations_and_drawing(tmp_path, paper):
    training = read_plan(PLAN)[2:]
    measured = Measured([], configuration(), tmp_path)
    networks, drawing = {("mass", "lofi_paper"): NETWORK}, {"mass": 1e-3}
    row = costs(training, paper, measured, networks, drawing, 0.0, gpu_flops=1e12)["train lofi_paper"]
    stepped, drawn, validated = 50_000 * 64, 25_000 * 64, 100 * 100
    assert row.gpu == pytest.approx((stepped * 2e9 + validated * 4e9) / 1e12 + drawn * 1e-3)
    assert row.core == pytest.approx(stepped * 0.5 + validated * 1.0 + drawn * 1e-3)
    assert row.size == 4000


def test_admm_makes_an_image_in_every_iteration(tmp_path, paper):
    text = "rule invert:\n    output: a\n    wildcards: inversion=radio_512, method=lofi_admm"
    measured = Measured([], configuration(), tmp_path)
    row = costs(read_plan(text), paper, measured, {("galaxies", "lofi_denoiser"): NETWORK}, {}, 0.0, 1e12)["invert"]
    images = 4 * Schedule().iterations * (1 + 1 / 4 + 1 / 16)  # four skies, and two coarser scales of each image
    assert row.gpu == pytest.approx(images * 16 * 4e9 / 1e12)


def test_parts_of_a_reconstruction_share_its_images(tmp_path, paper):
    part = "rule reconstruct:\n    output: {0}.h5\n    wildcards: experiment=mass, model=lofi_paper, part={0}\n"
    jobs = read_plan("".join(map(part.format, range(10))))
    measured = Measured([], configuration(), tmp_path)
    row = costs(jobs, paper, measured, {("mass", "lofi_paper"): NETWORK}, {}, 0.0, 1e12)["reconstruct"]
    assert row.jobs == 10
    assert row.gpu == pytest.approx((1900 + 200) * 4e9 / 1e12)


def test_what_was_not_measured_is_left_open():
    text = table_of({"fig06": Cost(1, None, None, 1e9), "train": Cost(2, 7200.0, 36.0, 1e6)})
    assert "| `fig06` | 1 | – | – | 1.00 |" in text
    assert text.splitlines()[-1] == "| all | 3 | 2.00 | 0.01 | 1.00 |"


def test_the_operations_of_the_paper_network_are_those_of_its_layers(paper):
    """Forward, a multiplication and an addition per weight and pixel; a step takes thrice as many.

    Narrower than the paper's and on a quarter of its pixels, in seconds: what it counts grows with both.
    """
    width, outputs, pixels = 120, 40, 64
    description = paper["models"]["lofi_paper"]
    description = description | {"network": description["network"] | {"width": width, "chunk_outputs": outputs}}
    experiment = paper["experiments"]["mass"]
    experiment = experiment | {"field": experiment["field"] | {"pixels": pixels}}
    network = network_of(description, experiment)
    chunk = 9 * 4 * width + 2 * width**2 + width * outputs
    weights = 9 * chunk + 9 * outputs * width + 2 * width**2 + width
    assert network.parameters > weights
    assert network.image_flops == pytest.approx(2 * weights * pixels**2, rel=0.15)
    assert network.step_flops == pytest.approx(3 * 2 * weights * 512, rel=0.15)
    few = dict(description, pixels=128)
    assert network_of(few, experiment).step_flops == pytest.approx(network.step_flops / 4, rel=0.05)
    assert dataclasses.asdict(network)["image_seconds"] > 0


def test_models_without_weights_are_no_networks(paper):
    assert network_of(paper["models"]["wiener"], paper["experiments"]["mass"]) is None


def test_fields_overlap():
    assert fields_of(14_000, 0.0) == 560
    assert fields_of(14_000, 1.0) == 875
    with pytest.raises(SystemExit, match="overlap"):
        fields_of(14_000, 5.0)
