# What rules share: what a job asks for, entries of the report, and families of rules, each a function.


def alone(mb, minutes, on_gpu=False):
    """Resources of a job that is submitted by itself; memory and time grow with every attempt."""
    return asked(config, mb, minutes, on_gpu)


def grouped(mb, minutes, on_gpu=False):
    """Resources of a small job: a group of them shares a job of the cluster, in which they run one after the other."""
    return asked(config, mb, minutes, on_gpu) | {"in_turn": 1}


def reported(path, caption, category, shows):
    """An output that the report shows."""
    return report(path, caption=f"../report/{caption}.rst", category=category, labels={"shows": shows})


def figure(name, category, shows, what=None, file=None, mb=1000, params=None, **inputs):
    """Draw one figure, as PNG and PDF, with the script of its name."""
    file = f"figures/{file or name}"

    rule:
        name:
            name
        input:
            **inputs,
        output:
            png=reported(f"{file}.png", name, category, shows),
            pdf=f"{file}.pdf",
        group:
            "products"
        resources:
            **grouped(mb, 5),
        params:
            **(params or {}),
        message:
            f"Draw {what or shows}."
        script:
            f"../scripts/figures/{name}.py"


def tables(name, category, what, files, minutes=5, params=None, **inputs):
    """Write tables with the script of their name.

    files : {output: (file, caption, what the report says it shows)}, or {output: file} if the report leaves it out.
    """

    rule:
        name:
            name
        input:
            **inputs,
        output:
            **{
                output: (
                    f"tables/{entry}"
                    if isinstance(entry, str)
                    else reported(f"tables/{entry[0]}", entry[1], category, entry[2])
                )
                for output, entry in files.items()
            },
        group:
            "products"
        resources:
            **grouped(1000, minutes),
        params:
            **(params or {}),
        message:
            f"Write {what}."
        script:
            f"../scripts/tables/{name}.py"


def probe(name, what, **tables):
    """Try a denoiser out. tables : {output: (file, what the report says it shows)}."""

    rule:
        name:
            f"probe_{name}"
        input:
            **probe_files(config, name),
        output:
            **{
                output: reported(f"probes/{file}", name, "Probes of the denoiser", shows)
                for output, (file, shows) in tables.items()
            },
            panels=f"probes/{name}.h5",
        group:
            "reconstructions"
        resources:
            **grouped(3000, 30, on_gpu=True),
        params:
            probe=config["probes"][name],
            sources=picture_sources(config, config["probes"][name]["pictures"]),
            name=[config["seed"], "probe", name],
            device=config["device"],
        message:
            f"Try the denoiser on {what}."
        script:
            f"../scripts/probe_{name}.py"


def score(name, what, tasks, params=None, **files):
    """Score the reconstructions of one model in the experiments of these tasks."""

    rule:
        name:
            name
        input:
            data=lambda wildcards: evaluation_files(config, wildcards.experiment),
            reconstructions=lambda wildcards: reconstruction_files(config, wildcards.experiment, wildcards.model),
        output:
            **files,
            scores="scores/{experiment}/{model}.csv",
        wildcard_constraints:
            experiment=experiments_of(config, *tasks),
        group:
            "scores"
        resources:
            **grouped(2000, 20),
        params:
            **(params or {}),
        message:
            f"Score the {what} of one model."
        script:
            f"../scripts/{name}.py"


def images(name, tasks, mb, minutes, order=0):
    """Make or read the images of one split in the experiments of these tasks."""

    rule:
        name:
            name
        input:
            own=lambda wildcards: source_files(config, wildcards.experiment, wildcards.split),
        output:
            maps="maps/{experiment}/{split}/{shard}.h5",
        wildcard_constraints:
            experiment=experiments_of(config, *tasks),
        priority: order
        group:
            "simulations"
        resources:
            **grouped(mb, minutes),
        params:
            split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
            source=lambda wildcards: split_source(config, wildcards.experiment, wildcards.split),
            field=lookup(dpath="experiments/{experiment}/field", within=config),
            name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        message:
            f"Make {name} for one split."
        script:
            f"../scripts/{name}.py"
