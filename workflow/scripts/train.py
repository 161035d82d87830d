"""Train one model, in this process or, by `torchrun`, in several."""

from workflow.job import job
from workflow.torchrun import train_in_processes
from workflow.training import train


def run(*, devices, nodes, **arguments):
    if devices * nodes == 1 or "training" not in arguments["description"]:
        train(**arguments)
    else:
        train_in_processes(arguments, devices, nodes)


with job(snakemake):
    run(
        training=snakemake.input.training,
        validation=snakemake.input.validation,
        curves=snakemake.input.get("curves", []),
        folder=snakemake.params.folder,
        history=snakemake.output.history,
        description=snakemake.params.description,
        experiment=snakemake.params.experiment,
        noise=snakemake.params.noise,
        depth=snakemake.params.depth,
        device=snakemake.params.device,
        threads=snakemake.threads,
        name=snakemake.params.name,
        code=snakemake.params.code,
        **snakemake.config["training"],  # no parameter: another number of processes is no reason to train again
    )
