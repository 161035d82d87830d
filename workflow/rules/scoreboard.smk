# INPUTS   config: scoreboard; the public files that it names; tables/wsclean.csv where the command wsclean is installed
# OUTPUTS  scoreboard/{sky}.{coverage}/{draw}.csv, scoreboard/cosmos/{draw}.csv: our scores, one draw of the noise each;
#          tables/scoreboard.csv, scoreboard.md

CASES = case_files(config["scoreboard"], PROJECT)
OBSTACLE = wsclean_obstacle()


rule scoreboard:
    """Compare with published numbers, as far as the public files are here: a table and a page."""
    input:
        "tables/scoreboard.csv",
        "scoreboard.md",
        "config.yaml",


rule published_image:
    """Image a published sky with the prior that ships: one coverage, one draw of the noise."""
    input:
        unpack(lambda wildcards: CASES[f"{wildcards.sky}.{wildcards.coverage}"]),
        **shipped_files("radio"),
    output:
        scores="scoreboard/{sky}.{coverage}/{draw}.csv",
    wildcard_constraints:
        draw=r"\d+",
    group:
        "scores"
    resources:
        **grouped(3000, 60),
    params:
        snr_db=config["scoreboard"]["snr_db"],
        precision=config["scoreboard"]["precision"],
        seed=config["seed"],
    script:
        "../scripts/published_image.py"


rule published_map:
    """Map a published sky of κTNG as COSMOS would see it: one draw of the noise."""
    input:
        **CASES["cosmos"],
        **shipped_files("convergence"),
    output:
        scores="scoreboard/cosmos/{draw}.csv",
    wildcard_constraints:
        draw=r"\d+",
    group:
        "scores"
    resources:
        **grouped(3000, 20),
    params:
        seed=config["seed"],
    script:
        "../scripts/published_map.py"


rule scoreboard_page:
    """Write the scoreboard: our scores beside published ones."""
    input:
        measured=measured_cases(config["scoreboard"], CASES),
        wsclean=rules.wsclean_tables.output.scores if OBSTACLE is None else [],
    output:
        table="tables/scoreboard.csv",
        page="scoreboard.md",
    localrule: True
    params:
        left_out=left_out(CASES) + ([OBSTACLE] if OBSTACLE else []),
        scale=config["scale"],
    script:
        "../scripts/scoreboard_page.py"
