# INPUTS   results/inversions/{inversion}/*, results/{data,reconstructions}/{experiment}/ of denoising experiments
# OUTPUTS  results/inversions/{inversion}/{method}.csv, results/scores/{experiment}/{model}.csv, results/fits/{inversion}/,
#          results/tables/{radio*,denoisers}.csv, results/figures/{fig10,radio_fine,denoisers}.{png,pdf}


rule radio:
    input:
        expand("results/tables/{table}.csv", table=["radio", "radio_details", "radio_paired", "denoisers"]),
        expand("results/figures/{figure}.{form}", figure=["fig10", "radio_fine", "denoisers"], form=["pdf", "png"]),
        expand("results/fits/{inversion}", inversion=config["build"]["inversions"]),
        "results/config.yaml",


rule score_inversion:
    input:
        observation="results/inversions/{inversion}/observation.h5",
        images="results/inversions/{inversion}/{method}.h5",
    output:
        "results/inversions/{inversion}/{method}.csv",
    log:
        "results/logs/score_inversion/{inversion}.{method}.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=fingerprint("lofi.image_scores", "simulations.interferometer.measurement"),
    script:
        "../scripts/score_inversion.py"


rule radio_tables:
    input:
        [
            f"results/inversions/{inversion}/{method}.csv"
            for inversion in config["build"]["inversions"]
            for method in config["inversions"][inversion]["methods"]
        ],
    output:
        page=report("results/tables/radio.html", caption="../report/radio_tables.rst", category="Radio images"),
        summary=report("results/tables/radio.csv", caption="../report/radio_table.rst", category="Radio images"),
        details=report(
            "results/tables/radio_details.csv", caption="../report/radio_details.rst", category="Radio images"
        ),
        paired=report("results/tables/radio_paired.csv", caption="../report/radio_paired.rst", category="Radio images"),
    log:
        "results/logs/radio_tables.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    script:
        "../scripts/tables/radio.py"


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


rule export_inversion:
    input:
        observation="results/inversions/{inversion}/observation.h5",
        images=lambda wildcards: "results/inversions/{inversion}/{method}.h5".format(
            inversion=wildcards.inversion, method=config["inversions"][wildcards.inversion]["export"]["method"]
        ),
    output:
        directory("results/fits/{inversion}"),
    log:
        "results/logs/export_inversion/{inversion}.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        export=lookup(dpath="inversions/{inversion}/export", within=config),
        code=fingerprint("lofi.io.radio_fits", "simulations.interferometer.measurement"),
    script:
        "../scripts/export_inversion.py"


rule score_denoising:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        reconstructions=rules.reconstruct.output[0],
    output:
        "results/scores/{experiment}/{model}.csv",
    log:
        "results/logs/score_denoising/{experiment}.{model}.log",
    wildcard_constraints:
        experiment=experiments_of(config, "denoising"),
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    script:
        "../scripts/score_denoising.py"


rule denoiser_tables:
    input:
        score_files(config, "galaxies"),
    output:
        report("results/tables/denoisers.csv", caption="../report/denoiser_table.rst", category="Radio images"),
    log:
        "results/logs/denoiser_tables.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    script:
        "../scripts/tables/denoisers.py"


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
