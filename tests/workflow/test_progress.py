"""Following a run: the time left, whole lines from jobs side by side, and run times summed up by rule."""

import io
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_lofi import LogHandler
from snakemake_logger_plugin_lofi.endings import last_error
from snakemake_logger_plugin_lofi.time_left import TimeLeft, duration

from workflow import lines
from workflow.lines import Lines
from workflow.runtimes import measured, summary

ROOT = Path(__file__).parents[2]
HEADER = "s\th:m:s\tmax_rss\n"


@pytest.fixture
def benchmarks(tmp_path):
    folder = tmp_path / "benchmarks"
    for name, row in {
        "theory": "5.0\t0:00:05\t150.2",
        "train/mass.lofi": "100.0\t0:01:40\t805.01",
        "train/mass.unet": "20.0\t0:00:20\t-",
        "train/mass.wiener": "0.5\t0:00:00\tNA",
        "score/mass.lofi": "broken",
    }.items():
        path = folder / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEADER}{row}\n")
    return folder


def test_times_and_memory_are_summed_by_rule(benchmarks):
    rows = summary(measured(benchmarks))
    longest = {"longest_s": 100.0, "longest": "mass.lofi", "peak_mb": 805}
    assert rows[0] == {"rule": "train", "jobs": 3, "total_s": 120.5} | longest
    assert rows[1] == {"rule": "theory", "jobs": 1, "total_s": 5.0, "longest_s": 5.0, "longest": "", "peak_mb": 150}
    assert len(rows) == 2  # what cannot be read is not counted


def test_the_time_left_follows_from_earlier_runs():
    left = TimeLeft()
    left.plan({"train": 2, "all": 1}, {"a": ("train", 100.0), "b": ("train", 20.0)}, now=0.0)
    assert left.estimate(0.0) == (120.0, [])
    left.start(1, "train", "b", now=0.0)
    assert left.estimate(10.0) == (110.0, [])
    left.finish(1, now=40.0)  # twice as slow as before
    assert left.estimate(40.0) == (200.0, [])
    left.start(2, "train", "a", now=40.0)
    assert left.estimate(140.0) == (100.0, [])
    assert left.estimate(300.0) == (0.0, ["train"])  # longer than expected: nothing is promised


def test_jobs_side_by_side_share_the_time_but_not_the_longest_job():
    earlier = {name: ("score", 10.0) for name in "abcd"} | {"long": ("train", 50.0)}
    left = TimeLeft()
    left.plan({"score": 4, "train": 1}, earlier, now=0.0)
    left.start(0, "train", "long", now=0.0)
    left.start(1, "score", "a", now=0.0)
    assert left.estimate(5.0) == (45.0, [])  # (45 + 5 + 30) / 2 is less than the longest
    for job, name in enumerate("bcd", start=2):
        left.finish(job - 1, now=10.0 * (job - 1))
        left.start(job, "score", name, now=10.0 * (job - 1))
    left.finish(4, now=40.0)
    assert left.estimate(40.0) == (10.0, [])


def test_what_never_ran_is_named_and_a_second_attempt_counts_once():
    left = TimeLeft()
    left.plan({"train": 2, "radio": 1}, {}, now=0.0)
    assert left.estimate(0.0) == (0.0, ["train"])
    left.start(1, "train", "a", now=0.0)
    left.fail(1, now=3.0)
    assert left.pending["train"] == 2
    left.start(1, "train", "a", now=3.0)
    left.finish(1, now=10.0)
    assert left.estimate(10.0) == (7.0, [])


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (150, "2 min"), (12000, "3 h 20 min")])
def test_durations_are_short(seconds, text):
    assert duration(seconds) == text


def test_a_progress_bar_becomes_whole_lines(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(lines.time, "monotonic", lambda: now[0])
    stream, log = io.StringIO(), io.StringIO()
    written = Lines("train mass.lofi", stream, log)
    for step in range(101):
        now[0] += 1.0
        written.write(f"\r{step}%   ")
    written.write("\n")
    written.write("warning: two ")
    written.write("parts\n\nno end")
    written.close()
    assert "\r" not in log.getvalue()
    assert log.getvalue().split("\n") == ["0%", "30%", "60%", "90%", "100%", "warning: two parts", "no end", ""]
    assert stream.getvalue().split("\n")[-3:] == ["train mass.lofi: warning: two parts", "train mass.lofi: no end", ""]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Traceback\nValueError: a: b\nerror: a: b\n", "a: b"),
        ("10%\nTraceback (most recent call last):\n  File\nKeyError: 'x'\n", "KeyError: 'x'"),
        ("10%\n", None),
    ],
)
def test_the_last_error_of_a_log(tmp_path, text, sentence):
    (tmp_path / "log").write_text(text)
    assert last_error(tmp_path / "log") == sentence
    assert last_error(tmp_path / "none") is None


@pytest.fixture
def handler(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    names = ("printshellcmds", "nocolor", "debug_dag", "verbose", "show_failed_logs", "stdout", "dryrun")
    handler = LogHandler(SimpleNamespace(quiet=set(), **dict.fromkeys(names, False)), None)
    handler.stream = io.StringIO()
    yield handler
    signal.signal(signal.SIGINT, before)


def tell(handler, event, message="", level=logging.INFO, **about):
    handler.emit(logging.makeLogRecord({"event": event and LogEvent(event), "msg": message, "levelno": level} | about))


def begin(handler, job, model="lofi"):
    about = {
        "rule_msg": "Train one model.",
        "wildcards": {"model": model},
        "log": [f"{model}.log"],
        "benchmark": f"{model}.tsv",
    }
    tell(handler, "job_info", jobid=job, rule_name="train", **about)


def fail(handler, job, message=None, others=()):
    tell(handler, "job_error", jobid=job, rule_name="train", rule_msg=message, log=["lofi.log", *others])


def fail_group(handler, *jobs):
    about = {"groupid": "7f", "aux_logs": ["slurm.log"]}
    tell(handler, "group_error", job_error_info=[{"jobid": job} for job in jobs], **about)
    for job in jobs:
        fail(handler, job)


def test_failures_come_last_with_their_sentence_and_log(handler, tmp_path):
    tell(handler, "run_info", stats={"train": 2, "total": 2})
    begin(handler, 1)
    (tmp_path / "lofi.log").write_text("error: the disk is full\n")
    tell(handler, "error", "CalledProcessError in file …")
    fail(handler, 1)
    tell(handler, None, "Complete log(s): somewhere")
    tell(handler, None, "Exiting because a job execution failed. Look above for error messages", logging.ERROR)
    tell(handler, "error", "WorkflowError:\nAt least one job did not complete successfully.")
    handler.close()
    handler.close()
    said = handler.stream.getvalue().splitlines()
    assert said[0] == "2 jobs, time left not known (unknown: train)"
    assert said[-2:] == ["train lofi failed: the disk is full", "    its log: lofi.log"]
    assert len(said) == 6


def test_a_log_is_named_as_seen_from_where_the_run_was_started(handler, tmp_path, monkeypatch):
    tell(handler, "run_info", stats={"train": 2, "total": 2})
    for folder in (tmp_path / "results/laptop", tmp_path.parent):
        folder.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(folder)
        begin(handler, 1)
        (folder / "lofi.log").write_text("error: the disk is full\n")
        fail(handler, 1)
        handler.close()
    said = handler.stream.getvalue()
    assert "    its log: results/laptop/lofi.log\n" in said
    assert said.endswith(f"    its log: {tmp_path.parent}/lofi.log\n")


def test_a_job_that_says_nothing_is_told_by_how_it_ended(handler, tmp_path):
    tell(handler, "run_info", stats={"train": 1, "total": 1})
    begin(handler, 1)
    tell(handler, "error", "RuleException:\nCalledProcessError in file …\nCommand '…' died with <Signals.SIGKILL: 9>.")
    fail(handler, 1)
    handler.close()
    assert "train lofi failed: its process died with SIGKILL\n" in handler.stream.getvalue()


def test_an_error_of_no_job_is_said_beside_a_failed_job(handler):
    tell(handler, "run_info", stats={"train": 2, "total": 2})
    begin(handler, 1)
    begin(handler, 2, "unet")
    fail(handler, 1)
    tell(handler, "error", "WorkflowError:\nsbatch: invalid partition")
    fail(handler, 2)
    handler.close()
    assert handler.stream.getvalue().endswith("WorkflowError:\nsbatch: invalid partition\n")


def test_a_log_of_an_earlier_run_is_not_quoted(handler, tmp_path):
    (tmp_path / "lofi.log").write_text("error: of yesterday\n")
    tell(handler, "run_info", stats={"train": 1, "total": 1})
    begin(handler, 1)
    fail(handler, 1, "SLURM-job '3' failed: 'TIMEOUT'.", others=["slurm.log"])
    handler.close()
    said = handler.stream.getvalue()
    assert "train lofi failed: SLURM-job '3' failed: 'TIMEOUT'.\n" in said
    assert said.endswith("    its log: lofi.log\n    its log: slurm.log\n")


def test_of_a_failed_group_only_the_job_that_failed_is_named(handler, tmp_path):
    (tmp_path / "wiener.log").write_text("error: of yesterday\n")
    tell(handler, "run_info", stats={"train": 3, "total": 3})
    for job, model in enumerate(("lofi", "unet", "wiener")):
        begin(handler, job, model)
    (tmp_path / "lofi.log").write_text("done\n")
    (tmp_path / "unet.log").write_text("error: the disk is full\n")
    fail_group(handler, 0, 1, 2)
    handler.close()
    said = handler.stream.getvalue()
    assert re.findall("FAILED  (.*)  ", said) == ["train unet"]
    assert said.endswith("\ntrain unet failed: the disk is full\n    its log: unet.log\n")
    assert not handler.left.running


def test_a_group_of_which_no_job_began_is_told_once_and_forgotten_when_it_is_tried_again(handler, tmp_path):
    tell(handler, "run_info", stats={"train": 2, "total": 2})
    for job, model in enumerate(("lofi", "unet")):
        begin(handler, job, model)
    (tmp_path / "slurm.log").write_text("WorkflowError: no space left\n")
    fail_group(handler, 0, 1)
    assert re.findall("FAILED  (.*)  ", handler.stream.getvalue()) == ["group of train lofi, train unet"]
    assert list(handler.failed) == ["7f"]
    tell(handler, "group_info", group_id="7f", jobs=[])
    assert not handler.failed
    begin(handler, 0)
    fail_group(handler, 0)
    handler.close()
    assert handler.stream.getvalue().endswith(
        "\ngroup of train lofi failed: WorkflowError: no space left\n    its log: slurm.log\n"
    )


def test_a_run_in_the_background_stays_deaf_to_ctrl_c(handler):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    LogHandler(handler.common_settings, None)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_run_that_was_stopped_has_not_failed(handler):
    tell(handler, "run_info", stats={"train": 1, "total": 1})
    begin(handler, 1)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    tell(handler, "error", "CalledProcessError in file …")
    fail(handler, 1)
    handler.close()
    said = handler.stream.getvalue()
    assert said.endswith("Stopped; the same command goes on.\n")
    assert "failed" not in said.lower()


def test_a_job_that_was_tried_again_and_ended_well_is_no_failure(handler):
    tell(handler, "run_info", stats={"train": 1, "total": 1})
    begin(handler, 1)
    fail(handler, 1)
    begin(handler, 1)
    tell(handler, "job_finished", job_id=1)
    tell(handler, "progress", done=1, total=1)
    handler.close()
    said = handler.stream.getvalue().splitlines()
    assert "1 of 1" in said[-1]


def test_a_mistake_before_any_job_is_said(handler):
    tell(handler, "error", "WorkflowError:\nconfiguration, seed: expected …")
    handler.close()
    assert handler.stream.getvalue() == "WorkflowError:\nconfiguration, seed: expected …\n"


def test_of_messages_only_warnings_are_said(handler):
    tell(handler, None, "Building DAG of jobs...")
    tell(handler, "resources_info", "Provided cores: 1")
    tell(handler, None, "the cluster is slow", logging.WARNING)
    handler.close()
    assert handler.stream.getvalue() == "the cluster is slow\n"


def test_a_run_without_jobs_says_that_nothing_is_to_do(handler):
    tell(handler, "workflow_started")
    handler.close()
    handler.close()
    assert handler.stream.getvalue() == "Nothing to do: every file is there and up to date.\n"


SNAKEFILE = """
rule all:
    input: "a.txt", "b.txt"
rule one:
    "Make one file."
    output: "{name}.txt"
    log: "{name}.log"
    wildcard_constraints: name="[ab]"
    shell: "if test {wildcards.name} = b; then echo 'error: no disk' > {log}; exit 1; fi; touch {output}"
onstart:
    for rule in workflow.rules:
        rule.message = rule.docstring
"""


def test_snakemake_tells_it_all_that_it_says(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    path = os.pathsep.join(map(str, (ROOT / "workflow/logger", ROOT)))

    def run(*options):
        command = [sys.executable, "-m", "snakemake", "--logger", "lofi", "--cores", "1", *options]
        environment = os.environ | {"PYTHONPATH": path}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        return done.returncode, re.sub(r"\d\d:\d\d:\d\d|\(\d s\)", "*", done.stdout + done.stderr).strip().splitlines()

    code, planned = run("--dry-run")
    assert code == 0
    assert any("wildcards: name=b" in line for line in planned)
    code, said = run("--keep-going")
    assert code == 1
    kinds = {
        "*  FAILED  one b",
        "*  done    one a",
        "*  start   one a   Make one file.",
        "*  start   one b   Make one file.",
    }
    assert {line.partition("  *")[0] for line in said[1:5]} == kinds
    assert said[-2:] == ["one b failed: no disk", "    its log: b.log"]
    assert run("a.txt") == (0, ["Nothing to do: every file is there and up to date."])


def test_the_logger_leaves_it_to_the_snakefile_which_workflow_is_imported():
    code = "import sys, snakemake_logger_plugin_lofi; sys.exit('workflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
