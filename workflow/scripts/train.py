"""Train one model, in this process or, by `torchrun`, in several."""

from pathlib import Path

from workflow import torchrun
from workflow import training as trainings
from workflow.job import run


def train(
    *,
    training: list[Path],
    validation: list[Path],
    weights: Path,
    history: Path,
    description: dict,
    experiment: dict,
    noise: str,
    depth: dict,
    device: str,
    threads: int,
    name: list,
    code: str,
    devices: int,
    nodes: int,
    log: str,
    curves: list[Path] = (),
) -> None:
    """As `workflow.training.train`; by `devices` processes on each of `nodes` nodes if the model learns by descent."""
    options = {"training": training, "validation": validation, "curves": curves, "history": history}
    options |= {"description": description, "experiment": experiment, "noise": noise, "depth": depth, "device": device}
    options |= {"folder": weights.parent, "threads": threads, "name": name, "code": code}
    if devices * nodes == 1 or "training" not in description:
        trainings.train(**options)
        return
    options["threads"] = max(1, threads // devices)
    parallel = {"device": device, "threads": options["threads"], "failed": weights.with_name("training.failed")}
    if not torchrun.started():
        torchrun.become(devices=devices, nodes=nodes, log=log, **parallel)
    with torchrun.process(**parallel):
        trainings.train(**options)


if __name__ == "__main__":
    log = snakemake.log[0]
    if torchrun.started():
        torchrun.prepare(snakemake.log)
    # Not a parameter of the rule: another number of processes is no reason to train again.
    run(snakemake, train, log=log, **snakemake.config["training"])
