"""What would a configuration, or a survey, cost? Jobs, hours and bytes of each rule, from measured pieces.

    PYTHONPATH=. python benchmarks/cost_model.py config/paper.yaml

Without networks: processor time and bytes of the last run of the default configuration (`--results`), per map, image or
pixel, times those of the plan. With networks: operations as PyTorch counts them; processor time by a small run on one
thread; GPU time *estimated*: operations over `--gpu-tflops`, then the processor's time to draw each batch.
"""

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from plan import configuration, plan
from small_runs import draw_seconds, ktng_seconds
from survey_cost import survey_table
from work import denoised_images, network_of, observed_images, skies, steps_of, units, variant

from workflow.configuration.splits import evaluation_splits

# ASSUME: half of the 19.5 TFLOP/s that an A100 reaches in single precision without tensor cores, 6 % of the 156 TFLOP/s
# of TF32: layers are 370 wide or less, and what lies between matrix products is bound by memory.
GPU_TFLOPS = 10.0
FLOAT = 4  # bytes


@dataclass
class Cost:
    """Of one rule: jobs, core-seconds without a GPU, GPU-seconds, bytes; None where nothing was measured."""

    jobs: int = 0
    core: float | None = 0.0
    gpu: float | None = None
    size: float | None = 0.0


class Measured:
    """Core-seconds and bytes per unit of each rule and variant in a finished run."""

    def __init__(self, jobs, config, results):
        self.rates, found = {}, defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
        for job in jobs:
            seconds, size = _seconds(results, job.benchmark), _size(results, job.outputs)
            for key in ((job.rule, variant(job, config)), (job.rule, None)):
                row = found[key]
                if seconds is not None:
                    row[0], row[1] = row[0] + seconds, row[1] + units(job, config)
                if size:
                    row[2], row[3] = row[2] + size, row[3] + units(job, config, stored=True)
        for key, (seconds, timed, size, sized) in found.items():
            self.rates[key] = seconds / timed if timed else None, size / sized if sized else None

    def of(self, job, config):
        """(core-seconds, bytes) of a job, from runs of its variant or else of its rule; None where unknown."""
        own, rule = (self.rates.get((job.rule, kind), (None, None)) for kind in (variant(job, config), None))
        rates = (of_rule if of_own is None else of_own for of_own, of_rule in zip(own, rule, strict=True))
        amounts = units(job, config), units(job, config, stored=True)
        return tuple(None if rate is None else rate * amount for rate, amount in zip(rates, amounts, strict=True))


def _seconds(results, benchmark):
    path = _below(results, benchmark) if benchmark else None
    if path is None or not path.exists():
        return None
    names, values = (line.split("\t") for line in path.read_text().splitlines()[:2])
    return float(dict(zip(names, values, strict=True))["cpu_time"])


def _size(results, outputs):
    files = [file for name in outputs for path in [_below(results, name)] for file in (path, *path.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file())


def _below(results, name):
    return Path(results, name)


def costs(jobs, config, measured, networks, drawing, ktng, gpu_flops):
    """`Cost` of every rule of a plan, and of every network's training."""
    table = defaultdict(Cost)
    for job in jobs:
        seconds, size = measured.of(job, config)
        gpu = None
        if job.rule == "maps" and variant(job, config) == "ktng":
            seconds = ktng * units(job, config)
        work = network_work(job, config, networks, drawing)
        if work is not None:
            flops, seconds, drawn = work
            gpu = flops / gpu_flops + drawn
        if work is not None and job.rule == "train":
            size = FLOAT * networks[job.wildcards["experiment"], job.wildcards["model"]].parameters
        row = table[f"train {job.wildcards['model']}" if work is not None and job.rule == "train" else job.rule]
        row.jobs += 1
        row.core = _sum(row.core, seconds)
        row.size = _sum(row.size, size)
        row.gpu = gpu if row.gpu is None else row.gpu + (gpu or 0.0)
    return dict(table)


def network_work(job, config, networks, drawing):
    """(operations, core-seconds, core-seconds that a GPU waits) of a job that runs a network; None for others."""
    named = job.wildcards
    if job.rule.startswith("invert"):
        method = config["methods"][named["method"]]
        inversion = config["inversions"][named["inversion"]]
        network = networks.get((inversion["prior"], method.get("model")))
        if network is None:
            return None
        images = job.share * skies(inversion) * (inversion["pixels"] / network.pixels) ** 2 * denoised_images(method)
        return images * network.image_flops, images * network.image_seconds, 0.0
    network = networks.get((named.get("experiment"), named.get("model")))
    if network is None or job.rule not in ("train", "reconstruct"):
        return None
    experiment = config["experiments"][named["experiment"]]
    if job.rule == "reconstruct":
        images = job.share * observed_images(config, named["experiment"], evaluation_splits(experiment))
        return images * network.image_flops, images * network.image_seconds, 0.0
    stepped, drawn, validations = steps_of(config["models"][named["model"]]["training"])
    images = validations * observed_images(config, named["experiment"], ["validation"])
    waiting = drawn * drawing[named["experiment"]]
    flops = stepped * network.step_flops + images * network.image_flops
    return flops, stepped * network.step_seconds + images * network.image_seconds + waiting, waiting


def _sum(total, part):
    return None if total is None or part is None else total + part


def table_of(rows):
    """Markdown of {rule: Cost}, the dearest first, and their sums; – where nothing was measured."""
    lines = [
        "| rule | jobs | core-hours, no GPU | GPU-hours, estimated | GB written |",
        "| --- | --- | --- | --- | --- |",
    ]
    for rule, cost in sorted(rows.items(), key=lambda item: -(item[1].core or 0.0)):
        hours = [None if value is None else value / 3600 for value in (cost.core, cost.gpu)]
        size = None if cost.size is None else cost.size / 1e9
        lines.append(f"| `{rule}` | {cost.jobs} | {' | '.join(map(_number, (*hours, size)))} |")
    total = Cost(
        sum(cost.jobs for cost in rows.values()),
        *(sum(getattr(cost, name) or 0.0 for cost in rows.values()) for name in ("core", "gpu", "size")),
    )
    sums = (total.core / 3600, total.gpu / 3600, total.size / 1e9)
    return "\n".join([*lines, f"| all | {total.jobs} | {' | '.join(map(_number, sums))} |"])


def _number(value):
    if value is None:
        return "–"
    if value < 0.01:
        return "< 0.01"
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}".replace(",", " ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("overlay", nargs="*", help="as --configfile of Snakemake")
    parser.add_argument("--results", default="results/laptop", help="of a run of the default configuration")
    parser.add_argument(
        "--gpu-tflops", type=float, default=GPU_TFLOPS, help="assumed sustained rate (default %(default)s)"
    )
    parser.add_argument("--area", type=float, default=14000.0, help="of a survey, square degrees (default %(default)s)")
    parser.add_argument(
        "--overlap", type=float, default=1.0, help="of neighbouring 5° fields, degrees (default %(default)s)"
    )
    chosen = parser.parse_args()
    config = configuration(*chosen.overlay)
    networks = {
        (name, model): network
        for name, experiment in config["experiments"].items()
        for model in experiment["models"]
        if (network := network_of(config["models"][model], experiment)) is not None
    }
    drawing = {name: draw_seconds(experiment) for name, experiment in config["experiments"].items()}
    measured = Measured(plan(), configuration(), chosen.results)
    gpu_flops = chosen.gpu_tflops * 1e12
    print(table_of(costs(plan(*chosen.overlay), config, measured, networks, drawing, ktng_seconds(), gpu_flops)))
    print()
    print(survey_table(config, networks, chosen.area, chosen.overlap, gpu_flops))


if __name__ == "__main__":
    main()
