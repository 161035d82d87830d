# INPUTS   results/inversions/{inversion}/*, results/tables/{radio_details,denoisers}.csv
# OUTPUTS  results/figures/{fig10,radio_fine,denoisers}.{png,pdf}


rule fig10:
    input:
        expand(
            "results/inversions/{inversion}/{method}.{kind}",
            inversion=config["figures"]["fig10"]["inversions"],
            method=config["figures"]["fig10"]["methods"],
            kind=["h5", "csv", "trace.csv"],
        ),
        observations=expand(
            "results/inversions/{inversion}/observation.h5", inversion=config["figures"]["fig10"]["inversions"]
        ),
    output:
        report("results/figures/fig10.png", caption="../report/fig10.rst", category="Radio images"),
        "results/figures/fig10.pdf",
    log:
        "results/logs/fig10.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=5,
    params:
        figure=config["figures"]["fig10"],
    script:
        "../scripts/figures/fig10.py"


rule radio_fine:
    input:
        expand(
            "results/inversions/{inversion}/{method}.{kind}",
            inversion=config["figures"]["radio_fine"]["inversions"],
            method=config["figures"]["radio_fine"]["methods"],
            kind=["h5", "csv"],
        ),
        observations=expand(
            "results/inversions/{inversion}/observation.h5", inversion=config["figures"]["radio_fine"]["inversions"]
        ),
        details=rules.radio_tables.output.details,
    output:
        report("results/figures/radio_fine.png", caption="../report/radio_fine.rst", category="Radio images"),
        "results/figures/radio_fine.pdf",
    log:
        "results/logs/radio_fine.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=5,
    params:
        figure=config["figures"]["radio_fine"],
        code=fingerprint("lofi.image_scores"),
    script:
        "../scripts/figures/radio_fine.py"


rule denoisers:
    input:
        rules.denoiser_tables.output[0],
    output:
        report("results/figures/denoisers.png", caption="../report/denoisers.rst", category="Radio images"),
        "results/figures/denoisers.pdf",
    log:
        "results/logs/denoisers.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        split="test",
    script:
        "../scripts/figures/denoisers.py"
