# INPUTS   results/{data,models,scores}/geometry, config: figures.geometry
# OUTPUTS  results/geometry/*, results/tables/{geometry*,filter.csv}, results/figures/{fig07,figS05}.*


rule positions:
    input:
        data=evaluation_files(config, "geometry"),
        weights="results/models/geometry/{model}/model.safetensors",
        record="results/models/geometry/{model}/model.json",
    output:
        "results/geometry/{model}.h5",
    log:
        "results/logs/positions/{model}.log",
    benchmark:
        "results/benchmarks/positions/{model}.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        folder=subpath(input.weights, parent=True),
        pixels=config["figures"]["geometry"]["pixels"],
        code=fingerprint("lofi.io.checkpoint", "workflow.pixel_kinds"),
    script:
        "../scripts/positions.py"


rule geometry_tables:
    input:
        scores=score_files(config, "geometry"),
        descriptions=expand(
            "results/models/geometry/{model}/description.json", model=config["experiments"]["geometry"]["models"]
        ),
        positions=expand("results/geometry/{model}.h5", model=trained_models(config, "geometry")),
        data=evaluation_files(config, "geometry"),
    output:
        page=report(
            "results/tables/geometry.html",
            caption="../report/geometry.rst",
            category="Patch geometry",
            labels={"shows": "denoisers by patch geometry: the table"},
        ),
        summary=report(
            "results/tables/geometry.csv",
            caption="../report/geometry.rst",
            category="Patch geometry",
            labels={"shows": "denoisers by patch geometry: all scores"},
        ),
        steps="results/tables/geometry_steps.csv",
        latex="results/tables/geometry.tex",
    log:
        "results/logs/geometry_tables.log",
    benchmark:
        "results/benchmarks/geometry_tables.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        plain=config["figures"]["geometry"]["models"][0],
        code=fingerprint("workflow.localisation", "workflow.score_tables"),
    script:
        "../scripts/tables/geometry.py"


rule fig07:
    input:
        data=shard_files(config, "data", "geometry", config["figures"]["geometry"]["split"]),
        positions=expand("results/geometry/{model}.h5", model=config["figures"]["geometry"]["models"]),
        scores=score_files(config, "geometry"),
    output:
        report(
            "results/figures/fig07.png",
            caption="../report/fig07.rst",
            category="Patch geometry",
            labels={"shows": "Figure 7: where samples are taken"},
        ),
        "results/figures/fig07.pdf",
    log:
        "results/logs/fig07.log",
    benchmark:
        "results/benchmarks/fig07.tsv"
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
        figure=config["figures"]["geometry"],
    script:
        "../scripts/figures/fig07.py"


rule learned_filter:
    input:
        weights=f"results/models/geometry/{config['figures']['geometry']['filter']}/model.safetensors",
        record=f"results/models/geometry/{config['figures']['geometry']['filter']}/model.json",
    output:
        kernel="results/geometry/filter.kernel.h5",
        table=report(
            "results/tables/filter.csv",
            caption="../report/filter.rst",
            category="Patch geometry",
            labels={"shows": "support of the learned filter"},
        ),
    log:
        "results/logs/learned_filter.log",
    benchmark:
        "results/benchmarks/learned_filter.tsv"
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
        folder=subpath(input.weights, parent=True),
        code=fingerprint("lofi.io.checkpoint", "workflow.filter_support"),
    script:
        "../scripts/learned_filter.py"


rule figS05:
    input:
        kernel=rules.learned_filter.output.kernel,
        table=rules.learned_filter.output.table,
    output:
        report(
            "results/figures/figS05.png",
            caption="../report/figS05.rst",
            category="Patch geometry",
            labels={"shows": "Figure S5: the learned filter"},
        ),
        "results/figures/figS05.pdf",
    log:
        "results/logs/figS05.log",
    benchmark:
        "results/benchmarks/figS05.tsv"
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
        code=fingerprint("workflow.filter_support"),
    script:
        "../scripts/figures/figS05.py"
