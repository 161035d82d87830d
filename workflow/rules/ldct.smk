# INPUTS   {data,reconstructions,scores}/ldct, config: experiments.ldct.figure
# OUTPUTS  tables/table1.*, figures/fig03.*

SLICES = config["experiments"]["ldct"]["figure"]

tables(
    "table1",
    "Low-dose CT",
    "Table I: low-dose CT",
    {
        "page": ("table1.html", "table1", "Table I: low-dose CT"),
        "summary": ("table1.csv", "table1", "Table I: all scores"),
        "printed": "table1_paper.csv",
        "latex": "table1.tex",
    },
    scores=score_files(config, "ldct"),
    paper=seen_from_here(PROJECT, "workflow/resources/table1_paper.csv"),
)

figure(
    "fig03",
    "Low-dose CT",
    "Figure 3: low-dose CT",
    data=evaluation_files(config, "ldct"),
    reconstructions=reconstruction_files(config, "ldct", *SLICES["models"]),
    scores=score_files(config, "ldct"),
    params={"models": SLICES["models"], "slices": SLICES["slices"]},
)
