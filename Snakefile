import copy
import os
import shlex
import subprocess
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from workflow.cluster import asked, maps_mb, training
from workflow.cluster_check import check_cluster
from workflow.completion import complete
from workflow.configuration import assemble, check_results_folder, load
from workflow.costs import cell_memory_mb, cell_options, cost_files
from workflow.fingerprint import fingerprint
from workflow.inputs import (
    SPHERE_BOXES,
    SPHERE_NSIDES,
    box_files,
    calibrated_priors,
    calibration_depth,
    calibration_files,
    checkpoint_files,
    compared_checkpoint,
    compared_files,
    compared_images,
    compared_skies,
    coordinate_files,
    curve_files,
    drawn_files,
    evaluation_files,
    experiments_of,
    export_files,
    fill_prior_files,
    inpainting_files,
    inversion_files,
    judged_files,
    learning,
    map_inputs,
    methods_of,
    named,
    observed_experiment,
    own_files,
    particle_files,
    picture_files,
    picture_sources,
    prior_checkpoint,
    prior_files,
    priors_of_images,
    probe_files,
    reconstruction_files,
    score_files,
    shard_files,
    shipped_files,
    simulated_experiment,
    simulated_maps,
    source_files,
    sky_source,
    sky_theory,
    split_theory,
    sphere_experiments,
    sphere_files,
    sphere_parts,
    split_source,
    theory_file,
    tiny_experiments,
    tiny_histories,
    trained_models,
    training_files,
    warped_experiments,
)
from workflow.lengths import both_lengths, check_lengths, length_table
from workflow.places import located, seen_from_here
from workflow.recipe import recipe_of
from workflow.scoreboard_cases import case_files, left_out, measured_cases, wsclean_obstacle

PROJECT, PYTHON = Path(str(workflow.current_basedir)), sys.executable

# Snakemake writes this path into the shell commands of jobs as it is, on this machine and on a cluster: in a folder with
# a space or a quote in its name it must be quoted. `shlex.quote` leaves all other paths as they are.
sys.executable = shlex.quote(PYTHON)

# Scripts import `lofi`, `simulations` and `workflow` from here, also where another `lofi` is installed.
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")])))


try:
    for path in (PROJECT / "config/config.yaml", PROJECT / "config/site.yaml"):  # strictly, before Snakemake reads them
        if path.exists():
            load(path)
except ValueError as error:
    raise WorkflowError(str(error)) from None


configfile: str(PROJECT / "config/config.yaml")


if (PROJECT / "config/site.yaml").exists():

    configfile: str(PROJECT / "config/site.yaml")


try:
    # in the order in which they are merged: those of the command line last
    configfiles = sorted(workflow.configfiles, key=lambda path: path in workflow.overwrite_configfiles)
    config.update(assemble(config, PROJECT / "config", configfiles))
    RUN = Path(workflow.overwrite_workdir or PROJECT / "results" / config["scale"])
    check_results_folder(RUN)
except ValueError as error:
    raise WorkflowError(str(error)) from None


# Each scale has a folder of its own, in which all paths of rules begin; `--directory` chooses another.
workdir: str(RUN)


WRITTEN = copy.deepcopy(config)  # as a user can give it again: paths begin at the project
config.update(located(config, PROJECT))


onstart:
    # No limit on submissions per second: with one, every look at the queue schedules another a second later, and every job that
    # ends adds a look, so that after some hundred jobs Snakemake 9 keeps a core busy by itself.
    workflow.scheduler.job_rate_limiter = None
    if "lofi" in workflow.output_settings.log_handler_settings:  # prints it beside the job's name
        for rule in workflow.rules:
            rule.message = rule.docstring
    if workflow.executor_plugin.name == "slurm":
        try:
            check_cluster(config)
        except ValueError as error:
            raise WorkflowError(str(error)) from None


if workflow.remote_exec:  # within a cluster's job, which has not the profile that says this outside

    workflow.register_resource("in_turn", 1)


report: "workflow/report/workflow.rst"


include: "workflow/rules/patterns.smk"
include: "workflow/rules/skies.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/mass.smk"
include: "workflow/rules/radio.smk"
include: "workflow/rules/observations.smk"
include: "workflow/rules/wsclean.smk"
include: "workflow/rules/scoreboard.smk"
include: "workflow/rules/ldct.smk"
include: "workflow/rules/length.smk"
include: "workflow/rules/tiny.smk"
include: "workflow/rules/inpainting.smk"
include: "workflow/rules/probes.smk"
include: "workflow/rules/geometry.smk"
include: "workflow/rules/warping.smk"
include: "workflow/rules/sphere.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/costs.smk"
include: "workflow/rules/priors.smk"
include: "workflow/rules/results_page.smk"


wildcard_constraints:
    experiment="|".join(config["experiments"]),
    model="|".join(config["models"]),
    observation="|".join(config["observations"]),
    inversion="|".join(config["inversions"]),
    comparison="|".join(config["comparisons"]),
    prior="|".join(config["priors"]),
    method="|".join(config["methods"]),
    inpainting="|".join(config["inpaintings"]),
    fill="|".join(dict.fromkeys(name for one in config["inpaintings"].values() for name in one["methods"])),
    download="|".join(config["downloads"]),
    cost="|".join(config["costs"]),
    shard="[0-9]{4}",
    part="[0-9]{4}",


rule all:
    """What `make run` makes: maps, radio images, observations, run times."""
    default_target: True
    input:
        rules.mass.input,
        rules.radio.input,
        rules.observations.input,
        rules.results_page.output,
        rules.opening.output,


include: "workflow/rules/paper.smk"


complete(workflow.rules)
