"""Rules and their scripts fit together, read without running anything."""

import importlib
import inspect
import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.api import SnakemakeApi
from snakemake.io import get_flag_value, is_flagged
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings

from workflow import fingerprint as module
from workflow.completion import module_of
from workflow.fingerprint import ROOT, fingerprint, imported
from workflow.job import arguments

TARGETS = {
    "paper",
    "sphere",
    "wsclean",
    "priors",
    "reliability",
    "length",
    "opening",
    "fetch_m31",
    "scoreboard",
    "nbody/mass.transfer.h5",
    "nbody/nbody/box0.h5",
    "nbody/nbody/particles0.h5",
    "nbody/nbody_deep.theory.h5",
    "observations/several/kappa.fits",
}
HERE = "pyproject.toml"  # stands for public files, which need only exist
PUBLIC = {
    "scoreboard": {
        "skies": {"m31": HERE},
        "coverages": {"1h": HERE},
        "cosmos": dict.fromkeys(("kappa", "noise_1", "noise_2", "mask"), HERE),
    },
    "observations": {
        "several": {
            "file": [HERE, "README.md"],
            "columns": {name: name for name in ("ra", "dec", "e1", "e2")},
            "prior": "convergence",
        }
    },
}
IMPORTS = """
import importlib, json, sys
ours = lambda: {name for name in sys.modules if name.split(".")[0] in ("lofi", "simulations", "workflow")}
code = lambda: sorted(name for name in ours() if "." in name and getattr(sys.modules[name], "__file__", None))
found = {}
for name in sys.argv[1:]:
    for other in ours():
        del sys.modules[other]
    importlib.import_module(name)
    found[name] = code()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def workflow():
    """The workflow at smoke scale, with all jobs of the paper planned."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api, redirect_stdout(io.StringIO()):
        loaded = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(PUBLIC, configfiles=[ROOT / "config/smoke.yaml"]),
            snakefile=ROOT / "Snakefile",
        )
        loaded.dag(DAGSettings(targets=TARGETS)).printrulegraph()
        yield loaded._workflow


@pytest.fixture(scope="module")
def scripted(workflow):
    return [rule for rule in workflow.rules if rule.script]


def function_of(rule):
    name = module_of(rule)
    return getattr(importlib.import_module(name), name.rpartition(".")[2])


def test_a_job_of_every_rule_gives_its_script_what_it_needs(workflow, scripted):
    jobs = {job.rule.name: job for job in workflow.dag.jobs}
    assert {rule.name for rule in scripted} <= jobs.keys()
    for rule in scripted:
        job = jobs[rule.name]
        given = {key: getattr(job, key) for key in ("input", "output", "params", "wildcards", "threads")}
        more = {"devices": 1, "nodes": 1, "log": "log"} if rule.script.endswith("train.py") else {}
        keywords = arguments(SimpleNamespace(rule=rule.name, **given), function_of(rule), more)
        missing = set(job.output.keys()) - keywords.keys() - {"images", "trace", "components", "record"}
        assert not missing, f"{rule.name} makes {missing}, of which its script knows nothing"


def test_scripts_are_typed_functions_named_like_their_rules(scripted):
    names = {}
    for rule in scripted:
        function = function_of(rule)
        names.setdefault(function.__name__, []).append(rule.name)
        for parameter in inspect.signature(function).parameters.values():
            assert parameter.kind is parameter.KEYWORD_ONLY, f"{rule.name}: {parameter}"
            assert parameter.annotation is not parameter.empty, f"{rule.name}: {parameter}"
    assert all(name in rules for name, rules in names.items())
    files = {path.stem for path in (ROOT / "workflow/scripts").rglob("*.py")}
    assert files == names.keys()


def test_a_parameter_that_is_missing_or_given_twice_is_named():
    def draw(*, image: str, scale: float = 1.0): ...

    nothing = {"input": {}, "output": {}, "params": {}, "wildcards": {}, "threads": 1, "rule": "draw"}
    with pytest.raises(TypeError, match=r"rule draw: give draw\(\) a file or param image"):
        arguments(SimpleNamespace(**nothing), draw)
    twice = nothing | {"input": {"image": "a"}, "params": {"image": "b"}}
    with pytest.raises(TypeError, match="rule draw: image is in input and in params"):
        arguments(SimpleNamespace(**twice), draw)
    chosen = nothing | {"params": {"image": "of the params"}, "wildcards": {"image": "of the wildcards"}}
    assert arguments(SimpleNamespace(**chosen), draw) == {"image": "of the params"}


def test_targets_ask_for_the_check_of_models_and_no_job_waits_for_it(workflow):
    asking = {job.rule for job in workflow.dag.jobs if "models/checked.json" in job.input}
    assert {"paper", "sphere"} <= {rule.name for rule in asking}
    assert not any(rule.output or rule.name.startswith("fetch_") for rule in asking)


def test_every_rule_says_what_it_does(workflow):
    for rule in workflow.rules:
        assert rule.docstring[0].isupper(), rule
        assert rule.docstring[-1] in ".`", rule


def test_every_caption_is_used_and_exists(scripted):
    reports = [
        get_flag_value(path, "report") for rule in scripted for path in rule.output if is_flagged(path, "report")
    ]
    used = {Path(str(report.caption.get_path_or_uri(secret_free=True))).resolve() for report in reports}
    assert used == set((ROOT / "workflow/report").glob("*.rst")) - {ROOT / "workflow/report/workflow.rst"}


def test_memory_and_time_of_every_submitted_rule_grow(workflow, scripted):
    jobs = {job.rule.name: job for job in workflow.dag.jobs}
    for rule in scripted:
        if rule.name.removeprefix("paper_") in workflow._localrules:
            continue
        job = jobs[rule.name]
        first, second = (rule.expand_resources(job.wildcards, job.input, attempt) for attempt in (1, 2))
        for resource in ("mem_mb", "runtime"):
            assert second[resource] == 2 * first[resource] > 0, f"{rule.name}: {resource}"
        assert ("in_turn" in rule.resources) == (rule._group is not None), rule.name


def test_every_script_has_a_fingerprint_of_all_that_it_imports(scripted):
    names = sorted({module_of(rule) for rule in scripted})
    run = subprocess.run([sys.executable, "-c", IMPORTS, *names], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for name, loaded in json.loads(run.stdout).items():
        assert set(loaded) <= imported(name) | module.AROUND, name
    for rule in scripted:
        without = ["lofi.drawing"] if rule.name.endswith("_observation") else []
        assert rule.params.code == fingerprint(module_of(rule), without), rule
