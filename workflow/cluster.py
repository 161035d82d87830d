"""What a job asks a cluster for, from the mapping `cluster` of the configuration; a local run ignores it."""

NAMES = {"partition": "slurm_partition", "account": "slurm_account"}  # Snakemake's; the other keys are named as there


def asked(config, mb, minutes, on_gpu=False):
    """Resources of a job: memory [MB] and time, of its first attempt, and what the configuration names for its kind.

    mb : a number, or a function of wildcards.
    """
    options = gpu(config) if on_gpu else _named(config["cluster"]["jobs"])
    return options | {"mem_mb": growing(mb), "runtime": growing(minutes)}


def training(config, mb, minutes):
    """Resources of a training: its GPUs on each of its nodes, and memory [MB] for each.

    On several nodes the job runs outside `srun`, with one task reserved per node, so that it can start one on each.
    """
    devices, nodes = config["training"]["devices"], config["training"]["nodes"]
    resources = gpu(config, devices) | {"mem_mb": growing(mb * devices), "runtime": growing(minutes)}
    if nodes > 1:
        resources |= {"nodes": nodes, "tasks": nodes, "tasks_per_gpu": 0, "mpi": "srun"}  # 0: tasks are not per GPU
    return resources


def gpu(config, devices=1):
    """Resources of a job that can use GPUs: `devices` of them where the configuration names their `gres`."""
    options = config["cluster"]["jobs"]
    if config["device"] != "cpu":
        options = options | config["cluster"]["gpus"]
    if "gres" in options:
        kind = options["gres"].rpartition(":")[0]
        options = options | {"gres": f"{kind}:{devices}"}
    return _named(options)


def growing(amount):
    """Memory or time of a rule: `amount`, or what it makes of wildcards, at the first attempt, twice as much at the
    second, and so on."""

    def of_attempt(wildcards, attempt):
        return attempt * (amount(wildcards) if callable(amount) else amount)

    return of_attempt


def maps_mb(config, count):
    """Memory [MB] of a rule that holds `count` maps of its experiment's sphere beside 1.5 GB, of wildcards."""

    def of_experiment(wildcards):
        nside = config["experiments"][wildcards.experiment]["field"]["nside"]
        return 1500 + round(count * 12 * nside**2 * 8e-6)

    return of_experiment


def _named(options):
    return {NAMES.get(key, key): value for key, value in options.items()}
