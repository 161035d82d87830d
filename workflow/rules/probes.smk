# INPUTS   config: sources, probes.*; results/models/{experiment}/{model} of their checkpoints
# OUTPUTS  results/probes/{shift,rotation,resolution}*.{h5,csv}, results/figures/{figS02,figS03,figS04}.*


rule probe_shift:
    input:
        **probe_files(config, "shift"),
    output:
        panels="results/probes/shift.h5",
        scores=report(
            "results/probes/shift.csv",
            caption="../report/shift.rst",
            category="Probes of the denoiser",
            labels={"shows": "shift by 15 pixels: scores"},
        ),
    log:
        "results/logs/probe_shift.log",
    benchmark:
        "results/benchmarks/probe_shift.tsv"
    group:
        "reconstructions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(30),
    params:
        folder=subpath(input.weights, parent=True),
        probe=config["probes"]["shift"],
        sources=picture_sources(config, config["probes"]["shift"]["pictures"]),
        name=[config["seed"], "probe", "shift"],
        device=config["device"],
        code=fingerprint("lofi.io.checkpoint", "workflow.picture_sets", "workflow.probing"),
    script:
        "../scripts/probe_shift.py"


rule probe_rotation:
    input:
        **probe_files(config, "rotation"),
    output:
        panels="results/probes/rotation.h5",
        scores=report(
            "results/probes/rotation.csv",
            caption="../report/rotation.rst",
            category="Probes of the denoiser",
            labels={"shows": "rotations: scores"},
        ),
    log:
        "results/logs/probe_rotation.log",
    benchmark:
        "results/benchmarks/probe_rotation.tsv"
    group:
        "reconstructions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(30),
    params:
        folder=subpath(input.weights, parent=True),
        probe=config["probes"]["rotation"],
        sources=picture_sources(config, config["probes"]["rotation"]["pictures"]),
        name=[config["seed"], "probe", "rotation"],
        device=config["device"],
        code=fingerprint("lofi.io.checkpoint", "workflow.picture_sets", "workflow.probing"),
    script:
        "../scripts/probe_rotation.py"


rule probe_resolution:
    input:
        **probe_files(config, "resolution"),
    output:
        panels="results/probes/resolution.h5",
        scores=report(
            "results/probes/resolution.csv",
            caption="../report/resolution.rst",
            category="Probes of the denoiser",
            labels={"shows": "large pictures: scores"},
        ),
        memory=report(
            "results/probes/resolution_memory.csv",
            caption="../report/resolution.rst",
            category="Probes of the denoiser",
            labels={"shows": "large pictures: peak memory"},
        ),
    log:
        "results/logs/probe_resolution.log",
    benchmark:
        "results/benchmarks/probe_resolution.tsv"
    group:
        "reconstructions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(30),
    params:
        folder=subpath(input.weights, parent=True),
        probe=config["probes"]["resolution"],
        sources=picture_sources(config, config["probes"]["resolution"]["pictures"]),
        name=[config["seed"], "probe", "resolution"],
        device=config["device"],
        code=fingerprint("lofi.io.checkpoint", "workflow.peak_memory", "workflow.picture_sets", "workflow.probing"),
    script:
        "../scripts/probe_resolution.py"


rule figS03:
    input:
        panels=rules.probe_shift.output.panels,
        scores=rules.probe_shift.output.scores,
    output:
        report(
            "results/figures/figS03.png",
            caption="../report/figS03.rst",
            category="Probes of the denoiser",
            labels={"shows": "Figure S3: a shifted picture"},
        ),
        "results/figures/figS03.pdf",
    log:
        "results/logs/figS03.log",
    benchmark:
        "results/benchmarks/figS03.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1500),
        runtime=growing(5),
    script:
        "../scripts/figures/figS03.py"


rule figS04:
    input:
        panels=rules.probe_rotation.output.panels,
        scores=rules.probe_rotation.output.scores,
    output:
        report(
            "results/figures/figS04.png",
            caption="../report/figS04.rst",
            category="Probes of the denoiser",
            labels={"shows": "Figure S4: turned pictures"},
        ),
        "results/figures/figS04.pdf",
    log:
        "results/logs/figS04.log",
    benchmark:
        "results/benchmarks/figS04.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1500),
        runtime=growing(5),
    script:
        "../scripts/figures/figS04.py"


rule figS02:
    input:
        panels=rules.probe_resolution.output.panels,
        scores=rules.probe_resolution.output.scores,
        memory=rules.probe_resolution.output.memory,
    output:
        report(
            "results/figures/figS02.png",
            caption="../report/figS02.rst",
            category="Probes of the denoiser",
            labels={"shows": "Figure S2: pictures of 1024²"},
        ),
        "results/figures/figS02.pdf",
    log:
        "results/logs/figS02.log",
    benchmark:
        "results/benchmarks/figS02.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1500),
        runtime=growing(5),
    script:
        "../scripts/figures/figS02.py"
