"""What `snakemake --logger lofi` prints: a line when a job starts and ends, time left, and failures last."""

import logging
import signal
import sys
import time
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase

from snakemake_logger_plugin_lofi.endings import ending, states, told
from snakemake_logger_plugin_lofi.time_left import TARGETS, TimeLeft, duration

SUMMARY = "At least one job did not complete successfully"  # Snakemake's last error where jobs failed; they are named


class LogHandler(LogHandlerBase):
    """Plain lines, the same with and without a terminal; a dry run is told in Snakemake's own words."""

    writes_to_stream, writes_to_file, has_formatter, needs_rulegraph = True, False, False, False

    def __post_init__(self):
        settings = self.common_settings
        self.stream = sys.stdout if settings.stdout else sys.stderr
        self.plain = settings.dryrun or settings.verbose
        self.left = TimeLeft()
        self.begun_in = Path.cwd()  # the Snakefile may change the working directory later
        self.names, self.logs = {}, {}  # of jobs that have begun, and their groups; logs as they were then
        self.ended = []  # lines that wait for the count of jobs done
        self.failed, self.reasons = {}, []  # {job: what Snakemake says of it}; what it says before it names the job
        self.idle, self.stopped = False, False  # whether no job was needed; whether Ctrl-C came
        self.interrupt = signal.getsignal(signal.SIGINT)
        if callable(self.interrupt):  # not where a shell started Snakemake in the background, deaf to Ctrl-C
            signal.signal(signal.SIGINT, self._interrupted)

    @property
    def has_filter(self):
        return not self.plain  # Snakemake's own filter is for its own words

    def emit(self, record):
        try:
            if self.plain:
                self._print(self.format(record))
            else:
                getattr(self, f"_{getattr(record, 'event', None) or 'message'}", lambda record: None)(record)
        except Exception:
            self.handleError(record)

    def _interrupted(self, number, frame):
        self.stopped = True
        return self.interrupt(number, frame)

    def _message(self, record):
        if record.levelno >= logging.WARNING and not self.failed:
            self._print(record.getMessage().strip())

    def _workflow_started(self, record):
        self.idle = True

    def _run_info(self, record):
        from workflow.runtimes import measured  # by now the Snakefile has settled which folder `workflow` is in

        self.idle = False
        counts = {rule: count for rule, count in record.stats.items() if rule != "total"}
        earlier = {path: (one.rule, one.seconds) for path, one in measured().items()}
        self.left.plan(counts, earlier, time.monotonic())
        self._print(f"{record.stats['total']} jobs, {self._time_left()}")

    def _job_info(self, record):
        name = " ".join([record.rule_name, ".".join(map(str, record.wildcards.values()))]).strip()
        self.names[record.jobid], self.logs[record.jobid] = name, states(_absolute(record.log))
        self.failed.pop(record.jobid, None)  # tried again
        self.left.start(record.jobid, record.rule_name, record.benchmark, time.monotonic())
        if record.rule_name not in TARGETS:
            self._print(f"{_clock()}  start   {name}   {record.rule_msg or ''}".rstrip())

    def _job_finished(self, record):
        seconds = self.left.finish(record.job_id, time.monotonic())
        name = self.names[record.job_id]
        if name not in TARGETS:
            self.ended.append(f"{_clock()}  done    {name}  ({duration(seconds)})")

    def _progress(self, record):
        for line in self.ended[:-1]:
            self._print(line)
        for line in self.ended[-1:]:
            left = f", {self._time_left()}" if record.done < record.total else ""
            self._print(f"{line}   {record.done} of {record.total}{left}")
        self.ended.clear()

    def _job_error(self, record):
        if record.jobid not in self.left.running:  # said before
            return
        seconds = self.left.fail(record.jobid, time.monotonic())
        logs = self.logs[record.jobid]
        logs |= {path: None for path in _absolute(record.log) if path not in logs}  # a cluster's
        self._fail(record.jobid, seconds, record.rule_msg)

    def _group_info(self, record):
        self.failed.pop(record.group_id, None)  # tried again

    def _group_error(self, record):
        """One job of a group failed, or none began: the others have no reason of their own, and are not named."""
        jobs = [info["jobid"] for info in record.job_error_info if info["jobid"] in self.left.running]
        seconds = {job: self.left.fail(job, time.monotonic()) for job in jobs}
        guilty = [job for job in jobs if told(self.logs[job])]
        if jobs and not guilty:
            self.names[record.groupid] = f"group of {', '.join(sorted(self.names[job] for job in jobs))}"
            self.logs[record.groupid] = dict.fromkeys(_absolute(record.aux_logs))
            guilty, seconds = [record.groupid], {record.groupid: max(seconds.values())}
        for job in guilty:
            self._fail(job, seconds[job])

    def _fail(self, job, seconds, reason=None):
        reason = (reason or "").strip()  # what a cluster says
        if not reason and self.reasons and not self.reasons[-1].startswith("WorkflowError"):  # they are of no job
            reason = self.reasons.pop()
        self.failed[job] = " ".join(reason.split()) or "no reason given"
        how = "stopped" if self.stopped else "FAILED "
        self._print(f"{_clock()}  {how} {self.names[job]}  ({duration(seconds)})")

    def _error(self, record):
        text = record.getMessage().strip()
        if SUMMARY not in text:
            self.reasons.append(text)

    def _time_left(self):
        seconds, unknown = self.left.estimate(time.monotonic())
        if not unknown:
            return f"about {duration(seconds)} left"
        rules = f"{len(unknown)} rules" if unknown[3:] else ", ".join(unknown)
        known = f"more than {duration(seconds)} left" if seconds >= 1 else "time left not known"
        return f"{known} (unknown: {rules})"

    def close(self):
        """Failures come last: each with its sentence and its log, then errors of no job. Called more than once."""
        if self.stopped and self.failed:
            self._print("\nStopped; the same command goes on.")
        for job, reason in {} if self.stopped else self.failed.items():
            self._print(f"\n{self.names[job]} failed: {told(self.logs[job]) or ending(reason)}")
            for path in self.logs[job]:
                shown = path.relative_to(self.begun_in) if path.is_relative_to(self.begun_in) else path
                self._print(f"    its log: {shown}")
        for text in self.reasons:
            self._print(text)
        if self.idle and not self.reasons:
            self._print("Nothing to do: every file is there and up to date.")
        self.failed, self.reasons, self.idle = {}, [], False
        super().close()

    def _print(self, text):
        if text in ("", "None"):  # of events that have no words
            return
        self.stream.write(text + "\n")  # one write per line: jobs write to the same terminal
        self.stream.flush()


def _absolute(paths):
    return [Path(path).absolute() for path in paths]


def _clock():
    return time.strftime("%H:%M:%S")
