# INPUTS   results/inversions/{inversion}/*, results/tables/{radio_details,denoisers}.csv
# OUTPUTS  results/figures/{fig10,radio_fine,denoisers}.{png,pdf}


rule fig10:
    input:
        expand(
            "results/inversions/{inversion}/{method}.{kind}",
            inversion=config["figures"]["fig10"]["inversions"],
            method=config["figures"]["fig10"]["methods"],
            kind=["csv", "trace.csv"],
        ),
        images=inversion_files(config, config["figures"]["fig10"]["inversions"], config["figures"]["fig10"]["methods"]),
        observations=expand(
            "results/inversions/{inversion}/observation.h5", inversion=config["figures"]["fig10"]["inversions"]
        ),
    output:
        report(
            "results/figures/fig10.png",
            caption="../report/fig10.rst",
            category="Radio images",
            labels={"shows": "Figure 10: radio images at 128² and 512²"},
        ),
        "results/figures/fig10.pdf",
    log:
        "results/logs/fig10.log",
    benchmark:
        "results/benchmarks/fig10.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(5),
    params:
        figure=config["figures"]["fig10"],
    script:
        "../scripts/figures/fig10.py"


rule radio_fine:
    input:
        expand(
            "results/inversions/{inversion}/{method}.csv",
            inversion=config["figures"]["radio_fine"]["inversions"],
            method=config["figures"]["radio_fine"]["methods"],
        ),
        images=inversion_files(
            config, config["figures"]["radio_fine"]["inversions"], config["figures"]["radio_fine"]["methods"]
        ),
        observations=expand(
            "results/inversions/{inversion}/observation.h5", inversion=config["figures"]["radio_fine"]["inversions"]
        ),
        details=rules.radio_tables.output.details,
    output:
        report(
            "results/figures/radio_fine.png",
            caption="../report/radio_fine.rst",
            category="Radio images",
            labels={"shows": "finer cells"},
        ),
        "results/figures/radio_fine.pdf",
    log:
        "results/logs/radio_fine.log",
    benchmark:
        "results/benchmarks/radio_fine.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(5),
    params:
        figure=config["figures"]["radio_fine"],
        code=fingerprint("lofi.image_scores"),
    script:
        "../scripts/figures/radio_fine.py"


rule denoisers:
    input:
        rules.denoiser_tables.output[0],
    output:
        report(
            "results/figures/denoisers.png",
            caption="../report/denoisers.rst",
            category="Radio images",
            labels={"shows": "denoisers against noise level"},
        ),
        "results/figures/denoisers.pdf",
    log:
        "results/logs/denoisers.log",
    benchmark:
        "results/benchmarks/denoisers.tsv"
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
        split="test",
    script:
        "../scripts/figures/denoisers.py"
