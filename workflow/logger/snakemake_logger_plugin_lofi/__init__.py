"""What `snakemake --logger lofi` prints: a line when a job starts and ends, time left, and failures last."""

import sys
import time

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase

from snakemake_logger_plugin_lofi.endings import ending, states, told
from snakemake_logger_plugin_lofi.time_left import TARGETS, TimeLeft, duration

# Beginnings of messages that tell nothing about this run
NOISE = (
    "Using workflow specific profile",
    "Config file ",
    "Building DAG of jobs",
    "Using shell",
    "Provided ",
    "Rules claiming",
    "Group jobs: inactive",
    "Conda environments: ignored",
    "Singularity containers: ignored",
    "Select jobs to execute",
    "Execute ",
    "Assuming unrestricted shared filesystem",
    "Complete log",
    "Workflow runtime",
    "Touching output file",
    "Storing output in storage",
    "At least one job did not complete",
    "Shutting down, this might take some time",
    "Exiting because a job execution failed",
    "Removing output files of failed job",
    "Removing temporary output",
    "host:",
)


class LogHandler(LogHandlerBase):
    """Plain lines, the same with and without a terminal; a dry run looks as Snakemake's own."""

    writes_to_stream, writes_to_file, has_filter, has_formatter, needs_rulegraph = True, False, True, True, False

    def __post_init__(self):
        settings = self.common_settings
        self.stream = sys.stdout if settings.stdout else sys.stderr
        kept = (settings.quiet, settings.debug_dag, settings.verbose, settings.dryrun, settings.printshellcmds)
        looks = {"formatter": DefaultFormatter(settings.quiet), "filter": DefaultFilter(*kept)}
        self.plain = ColorizingTextHandler(nocolor=settings.nocolor, stream=self.stream, **looks)
        self.left = TimeLeft()
        self.names, self.logs = {}, {}  # of jobs that have begun, and their groups; logs as they were then
        self.ended = []  # lines that wait for the count of jobs done
        self.failed, self.reasons = {}, []  # {job: what Snakemake says of it}; what it says before it names the job
        self.stopped, self.said = False, None

    def emit(self, record):
        try:
            if self.common_settings.dryrun or self.common_settings.verbose:
                self.plain.handle(record)
                return
            handle = getattr(self, f"_{getattr(record, 'event', None) or 'message'}", None)
            if handle is not None:
                handle(record)
        except Exception:
            self.handleError(record)

    def _message(self, record):
        text = record.getMessage().strip()
        self.stopped |= text.startswith("Terminating processes on user request")
        if text and text not in ("None", self.said) and not text.startswith(NOISE):
            self.said = text
            self._print(text)

    def _run_info(self, record):
        from workflow.runtimes import measured  # by now the Snakefile has settled which folder `workflow` is in

        counts = {rule: count for rule, count in record.stats.items() if rule != "total"}
        earlier = {path: (one.rule, one.seconds) for path, one in measured().items()}
        self.left.plan(counts, earlier, time.monotonic())
        self._print(f"{record.stats['total']} jobs, {self._time_left()}")

    def _job_info(self, record):
        name = " ".join([record.rule_name, ".".join(map(str, record.wildcards.values()))]).strip()
        self.names[record.jobid], self.logs[record.jobid] = name, states(map(str, record.log))
        self.failed.pop(record.jobid, None)  # tried again
        self.left.start(record.jobid, record.rule_name, record.benchmark, time.monotonic())
        if record.rule_name not in TARGETS:
            self._print(f"{_clock()}  start   {name}")

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
        self.logs[record.jobid] |= dict.fromkeys(set(record.log) - self.logs[record.jobid].keys())  # a cluster's
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
            self.logs[record.groupid] = dict.fromkeys(record.aux_logs)
            guilty, seconds = [record.groupid], {record.groupid: max(seconds.values())}
        for job in guilty:
            self._fail(job, seconds[job])

    def _fail(self, job, seconds, reason=None):
        reason = (reason or "").partition("For further error details")[0].strip()  # what a cluster says
        if not reason and self.reasons and not self.reasons[-1].startswith("WorkflowError"):  # they are of no job
            reason = self.reasons.pop()
        self.failed[job] = " ".join(reason.split()) or "no reason given"
        how = "stopped" if self.stopped else "FAILED "
        self._print(f"{_clock()}  {how} {self.names[job]}  ({duration(seconds)})")

    def _error(self, record):
        text = record.getMessage().strip()
        if not text.startswith(("WorkflowError:\nAt least one job", "At least one job")):
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
                self._print(f"    its log: {path}")
        for text in self.reasons:
            self._print(text)
        self.failed, self.reasons = {}, []
        super().close()

    def _print(self, text):
        self.stream.write(text + "\n")  # one write per line: jobs write to the same terminal
        self.stream.flush()


def _clock():
    return time.strftime("%H:%M:%S")
