"""Run times and memory of jobs as Snakemake's `benchmark:` leaves them: benchmarks/{rule}/{wildcards}.tsv."""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = "benchmarks"


@dataclass(frozen=True)
class Measured:
    """Of the last run of one job: wall-clock time [s] and peak memory [MB], NaN where it ended before a look at it."""

    rule: str
    seconds: float
    peak_mb: float


def measured(folder=FOLDER):
    """{path of the file: Measured} of all jobs that ever ended well; files that cannot be read are left out."""
    found = {}
    for path in sorted(Path(folder).glob("**/*.tsv")):
        rule, *_ = path.relative_to(folder).with_suffix("").parts
        try:
            with path.open(newline="") as file:
                rows = list(csv.DictReader(file, delimiter="\t"))
            seconds = sum(float(row["s"]) for row in rows)
            peak = max(_number(row["max_rss"]) for row in rows)
        except (OSError, KeyError, ValueError):
            continue
        found[path.as_posix()] = Measured(rule, seconds, peak)
    return found


def _number(text):
    try:
        return float(text)
    except ValueError:  # "NA" and "-" of a job shorter than the interval of the looks
        return float("nan")


def summary(jobs):
    """Rows (rule, jobs, total_s, longest_s, longest, peak_mb) of {path: Measured}, the longest total first.

    `longest` is the job that took longest, by its wildcards as in its files' names; `peak_mb` is the most of any job.
    """
    rules = {}
    for path, one in jobs.items():
        rules.setdefault(one.rule, {})[Path(path).stem] = one
    rows = []
    for rule, own in rules.items():
        longest = max(own, key=lambda name: own[name].seconds)
        peaks = [one.peak_mb for one in own.values() if one.peak_mb == one.peak_mb]
        rows.append(
            {
                "rule": rule,
                "jobs": len(own),
                "total_s": round(sum(one.seconds for one in own.values()), 1),
                "longest_s": round(own[longest].seconds, 1),
                "longest": longest if longest != rule else "",
                "peak_mb": round(max(peaks)) if peaks else "",
            }
        )
    return sorted(rows, key=lambda row: -row["total_s"])
