from snakemake.exceptions import WorkflowError

from workflow.configuration import assemble, check_results_folder
from workflow.fingerprint import fingerprint
from workflow.inputs import (
    box_files,
    checkpoint_files,
    evaluation_files,
    experiments_of,
    map_inputs,
    observed_experiment,
    own_files,
    prior_files,
    score_files,
    simulated_experiment,
    split_source,
)


configfile: "config/config.yaml"


try:
    config.update(assemble(config))
    check_results_folder()
except ValueError as error:
    raise WorkflowError(str(error)) from None


report: "workflow/report/workflow.rst"


include: "workflow/rules/skies.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/mass.smk"
include: "workflow/rules/radio.smk"
include: "workflow/rules/radio_products.smk"
include: "workflow/rules/radio_figures.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/observations.smk"


wildcard_constraints:
    experiment="|".join(config["experiments"]),
    model="|".join(config["models"]),
    observation="|".join(config["observations"]),
    inversion="|".join(config["inversions"]),
    method="|".join(config["methods"]),


rule all:
    default_target: True
    input:
        rules.mass.input,
        rules.radio.input,
        rules.observations.input,
