"""What jobs ask a cluster for, and what is refused before they do."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from workflow.cluster import asked, gpu, growing, maps_mb, training
from workflow.cluster_check import check_cluster

ROOT = Path(__file__).parents[2]
SITE = {"jobs": {"partition": "cpu", "account": "sky"}, "gpus": {"partition": "gpu", "gres": "gpu:a100:1"}}
EMPTY = {"jobs": {}, "gpus": {}}
SINFO = """cpu*|40|(null)
gpu|3|gpu:a100:4(S:0-1)
gpu|1|gpu:v100:8,lscratch:800
plain|2|gpu:2
named|2|gpu:nvidia_a100-sxm4-80gb:4(S:0,2),shard:nvidia_a100-sxm4-80gb:8
old|1|gpu:2080ti:4
slices|1|gpu:1g.10gb:7
"""


def config(cluster=SITE, device="auto", devices=1, nodes=1):
    return {"cluster": cluster, "device": device, "training": {"devices": devices, "nodes": nodes}}


def test_what_the_site_does_not_name_is_not_asked_for():
    assert gpu(config(EMPTY)) == {}
    for options in (asked(config(EMPTY), 1000, 5), training(config(EMPTY, devices=4), 1000, 5)):
        assert options.keys() == {"mem_mb", "runtime"}


def test_jobs_with_a_gpu_ask_for_what_is_theirs_over_what_is_everybodys():
    everybody = asked(config(), 1000, 5)
    assert (everybody["slurm_partition"], everybody["slurm_account"]) == ("cpu", "sky")
    assert gpu(config()) == {"slurm_partition": "gpu", "slurm_account": "sky", "gres": "gpu:a100:1"}
    assert gpu(config(device="cpu")) == {"slurm_partition": "cpu", "slurm_account": "sky"}


def test_a_training_asks_for_its_gpus_on_each_of_its_nodes():
    assert training(config(devices=4), 4000, 600)["gres"] == "gpu:a100:4"
    several = training(config(devices=4, nodes=2), 4000, 600)
    assert {key: several[key] for key in ("gres", "nodes", "tasks", "mpi")} == {
        "gres": "gpu:a100:4",
        "nodes": 2,
        "tasks": 2,
        "mpi": "srun",
    }


def test_the_third_attempt_asks_for_three_times_as_much():
    assert [growing(2000)(None, attempt=attempt) for attempt in (1, 2, 3)] == [2000, 4000, 6000]


def test_rules_of_the_sphere_ask_for_what_their_maps_take():
    mb = growing(maps_mb({"experiments": {"sphere": {"field": {"nside": 1024}}}}, 10))
    asked = [mb(SimpleNamespace(experiment="sphere"), attempt=attempt) for attempt in (1, 2)]
    assert asked == [1500 + 1007, 2 * (1500 + 1007)]


@pytest.fixture
def sinfo(tmp_path, monkeypatch):
    """A cluster as its commands show it."""
    for name in ("sbatch", "squeue", "sinfo"):
        (tmp_path / name).write_text(f"#!/bin/sh\ncat <<'END'\n{SINFO}END\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "sinfo"


@pytest.mark.parametrize(
    "options",
    [
        config(),
        config(EMPTY),
        config(devices=4, nodes=3),
        config({"jobs": {}, "gpus": {"partition": "gpu,plain", "gres": "gpu:1"}}, devices=8),
        config({"jobs": {}, "gpus": {"gres": "gpu:1"}}, device="cpu"),
        config({"jobs": {}, "gpus": {"partition": "named", "gres": "gpu:1"}}, devices=4, nodes=2),
        config({"jobs": {}, "gpus": {"partition": "old", "gres": "gpu:1"}}, devices=4),
        config({"jobs": {}, "gpus": {"partition": "slices", "gres": "gpu:1"}}, devices=7),
    ],
)
def test_what_the_cluster_has_passes(sinfo, options):
    check_cluster(options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            config({"jobs": {"partition": "volta"}, "gpus": {}}),
            r"jobs\.partition: .* no 'volta'; it has cpu, gpu, named, old, plain, slices",
        ),
        (config(devices=5), r"1 node\(s\) with 5 x gpu:a100:1 needed; partition gpu has 0 \(at most 4"),
        (config(devices=4, nodes=4), "has 3"),
        (config({"jobs": {}, "gpus": {"gres": "gpu:1"}}), r"partition \(default\) has 0 \(at most 0"),
    ],
)
def test_what_it_does_not_have_is_one_sentence(sinfo, options, words):
    with pytest.raises(ValueError, match=words) as caught:
        check_cluster(options)
    assert "\n" not in str(caught.value)


def test_a_controller_that_does_not_answer_is_one_sentence(sinfo):
    sinfo.write_text("#!/bin/sh\necho 'slurm_load_partitions: Unable to contact slurm controller' >&2; exit 1\n")
    with pytest.raises(ValueError, match=r"sinfo gave no answer: slurm_load_partitions: Unable to contact"):
        check_cluster(config())


def test_a_machine_without_slurm_is_one_sentence(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="no SLURM on this machine"):
        check_cluster(config())


def test_the_profile_and_a_site_file_are_found_from_the_root(tmp_path):
    for path in ("Snakefile", "config", "workflow", "lofi", "simulations", "profiles", "envs", "slurm"):
        (tmp_path / path).symlink_to(ROOT / path)
    (tmp_path / "config").unlink()
    (tmp_path / "config").mkdir()
    for path in (ROOT / "config").iterdir():
        if path.name != "site.yaml":
            (tmp_path / "config" / path.name).symlink_to(path)
    (tmp_path / "config/site.yaml").write_text("cluster: {gpus: {gres: 'gpu:1', qos: long}}\n")
    target = "models/mass/lofi/model.safetensors"
    command = [sys.executable, "-m", "snakemake", target, "--profile", "slurm", "--dry-run"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    train = run.stdout.partition("rule train:")[2]
    assert "gres=gpu:1, qos=long" in train
    (tmp_path / "config/site.yaml").write_text("cluster: {gpus: {gres: 'gpu:0'}}\n")
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode != 0
    assert "config/site.yaml: cluster.gpus.gres is 'gpu:0'; expected one GPU" in run.stdout + run.stderr
