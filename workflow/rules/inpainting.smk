# INPUTS   config: sources, inpaintings.*; results/models/{prior}/{denoiser}
# OUTPUTS  results/inpaintings/{inpainting}/problem.h5, results/inpaintings/{inpainting}/{fill}.{h5,csv,trace.csv},
#          results/tables/inpainting.*, results/figures/{fig09,fig09_trace}.*


rule inpainting_problem:
    input:
        lambda wildcards: picture_files(config, config["inpaintings"][wildcards.inpainting]["pictures"]),
    output:
        "results/inpaintings/{inpainting}/problem.h5",
    log:
        "results/logs/inpainting_problem/{inpainting}.log",
    benchmark:
        "results/benchmarks/inpainting_problem/{inpainting}.tsv"
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        inpainting=lookup(dpath="inpaintings/{inpainting}", within=config),
        sources=lambda wildcards: picture_sources(config, config["inpaintings"][wildcards.inpainting]["pictures"]),
        name=lambda wildcards: [config["seed"], "inpainting", wildcards.inpainting],
        code=fingerprint("workflow.picture_sets"),
    script:
        "../scripts/inpainting_problem.py"


rule inpaint:
    input:
        unpack(lambda wildcards: fill_prior_files(config, wildcards.inpainting, wildcards.fill)),
        problem=rules.inpainting_problem.output[0],
    output:
        images="results/inpaintings/{inpainting}/{fill}.h5",
        trace="results/inpaintings/{inpainting}/{fill}.trace.csv",
    log:
        "results/logs/inpaint/{inpainting}.{fill}.log",
    benchmark:
        "results/benchmarks/inpaint/{inpainting}.{fill}.tsv"
    group:
        "inversions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(120),
    params:
        folder=lambda wildcards, input: input.get("weights", "").rpartition("/")[0],
        method=lookup(dpath="inpaintings/{inpainting}/methods/{fill}", within=config),
        name=lambda wildcards: [config["seed"], "inpainting", wildcards.inpainting, wildcards.fill],
        device=config["device"],
        code=fingerprint("lofi.io.checkpoint", "workflow.fills"),
    script:
        "../scripts/inpaint.py"


rule score_inpainting:
    input:
        problem=rules.inpainting_problem.output[0],
        images=rules.inpaint.output.images,
    output:
        "results/inpaintings/{inpainting}/{fill}.csv",
    log:
        "results/logs/score_inpainting/{inpainting}.{fill}.log",
    benchmark:
        "results/benchmarks/score_inpainting/{inpainting}.{fill}.tsv"
    group:
        "scores"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        code=fingerprint("lofi.metrics"),
    script:
        "../scripts/score_inpainting.py"


rule inpainting_tables:
    input:
        inpainting_files(config, "csv"),
    output:
        page=report(
            "results/tables/inpainting.html",
            caption="../report/inpainting.rst",
            category="In-painting",
            labels={"shows": "in-painting: the table"},
        ),
        summary=report(
            "results/tables/inpainting.csv",
            caption="../report/inpainting.rst",
            category="In-painting",
            labels={"shows": "in-painting: all scores"},
        ),
        pictures="results/tables/inpainting_pictures.csv",
        latex="results/tables/inpainting.tex",
    log:
        "results/logs/inpainting_tables.log",
    benchmark:
        "results/benchmarks/inpainting_tables.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    script:
        "../scripts/tables/inpainting.py"


rule fig09:
    input:
        problems=expand(
            "results/inpaintings/{inpainting}/problem.h5", inpainting=config["figures"]["fig09"]["inpaintings"]
        ),
        images=inpainting_files(
            config, "h5", **{key: config["figures"]["fig09"][key] for key in ("methods", "inpaintings")}
        ),
        scores=inpainting_files(
            config, "csv", **{key: config["figures"]["fig09"][key] for key in ("methods", "inpaintings")}
        ),
    output:
        report(
            "results/figures/fig09.png",
            caption="../report/fig09.rst",
            category="In-painting",
            labels={"shows": "Figure 9: in-painted pictures"},
        ),
        "results/figures/fig09.pdf",
    log:
        "results/logs/fig09.log",
    benchmark:
        "results/benchmarks/fig09.tsv"
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
    params:
        figure=config["figures"]["fig09"],
        splits=list(config["inpaintings"][config["figures"]["fig09"]["inpaintings"][0]]["pictures"]),
    script:
        "../scripts/figures/fig09.py"


rule fig09_trace:
    input:
        problems=expand("results/inpaintings/{inpainting}/problem.h5", inpainting=config["inpaintings"]),
        traces=inpainting_files(config, "trace.csv", config["figures"]["fig09"]["traces"]),
        scores=inpainting_files(config, "csv", ["biharmonic"]),
    output:
        report(
            "results/figures/fig09_trace.png",
            caption="../report/fig09_trace.rst",
            category="In-painting",
            labels={"shows": "PSNR against iteration"},
        ),
        "results/figures/fig09_trace.pdf",
    log:
        "results/logs/fig09_trace.log",
    benchmark:
        "results/benchmarks/fig09_trace.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        traces=config["figures"]["fig09"]["traces"],
    script:
        "../scripts/figures/fig09_trace.py"
