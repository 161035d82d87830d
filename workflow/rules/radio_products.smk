# INPUTS   results/inversions/{inversion}/*, results/{data,reconstructions}/{experiment}/ of denoising experiments
# OUTPUTS  results/inversions/{inversion}/{method}.csv, results/scores/{experiment}/{model}.csv, results/fits/{inversion}/,
#          results/tables/{radio*,denoisers}.csv


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
