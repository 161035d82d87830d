# INPUTS   config: downloads; the network
# OUTPUTS  data/{…}: the files; data/fetched/{download}.csv: what came, with checksums

FETCHED = seen_from_here(PROJECT, "data/fetched")


# The files are not outputs, which are deleted before a job runs: a data set that came in part is continued, and no file
# of a user is ever replaced. On a cluster it runs where Snakemake does: compute nodes seldom reach the network.
rule fetch:
    """Fetch the files of one data set."""
    output:
        fetched=f"{FETCHED}/{{download}}.csv",
    localrule: True
    resources:
        mem_mb=500,
        runtime=2880,
    params:
        download=lookup(dpath="downloads/{download}", within=config),
    script:
        "../scripts/fetch.py"


for download in config["downloads"]:

    rule:
        name:
            f"fetch_{download}"
        input:
            f"{FETCHED}/{download}.csv",
        message:
            "The files of this data set are here."
