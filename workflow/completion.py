"""Environment, log, benchmark and code fingerprint, added to every rule."""

import re
from pathlib import Path

from workflow.fingerprint import ROOT, fingerprint

ENVIRONMENT = str(ROOT / "envs" / "lofi.yaml")  # of `--software-deployment-method conda`
CHECKED = "models/checked.json"  # of the rule check_models


def complete(rules) -> None:
    """Give every rule a docstring (for `--list-rules`), and every rule with a script the conda environment, a log, a
    benchmark file and the fingerprint of its script as the parameter `code`, which reruns it when the code changes.

    Targets, rules that only name files, also ask for the check of all models; downloads do not.
    """
    for rule in rules:
        # In a dry run, a message would replace the rule, files and wildcards that Snakemake says of a job.
        rule.docstring, rule.message = rule.message or rule.docstring, None
        if rule.script:
            rule.conda_env = ENVIRONMENT
            wildcards = ".".join(f"{{{name}}}" for name in re.findall(r"{([a-z]\w*)", str(rule.output[0])))
            name = f"{rule.name}/{wildcards}" if wildcards else rule.name
            rule.log_modifier = rule.benchmark_modifier = rule.output_modifier
            rule.set_log(f"logs/{name}.log")
            rule.benchmark = f"benchmarks/{name}.tsv"
            if not hasattr(rule.params, "code"):
                rule.set_params(code=fingerprint(module_of(rule)))
        elif rule.input and not rule.output and not rule.name.startswith("fetch_"):
            rule.set_input(checked=CHECKED)


def module_of(rule) -> str:
    """The module of a rule's script, such as `workflow.scripts.maps`."""
    path = Path(str(rule.basedir.get_path_or_uri(secret_free=True)), rule.script).resolve()
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)
