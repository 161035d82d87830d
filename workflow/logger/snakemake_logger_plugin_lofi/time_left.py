"""How much longer a run takes, from what its jobs took before."""

from collections import Counter
from statistics import mean

TARGETS = ("all", "mass", "radio", "observations", "table2")  # rules that only name files: nothing to run


class TimeLeft:
    """An estimate that says what it does not know."""

    def __init__(self):
        self.earlier = {}
        self.pending = Counter()  # jobs per rule that have not begun
        self.running = {}  # job: (rule, benchmark file, begin)
        self.finished = []  # (rule, benchmark file, seconds)
        self.begin = None

    def plan(self, counts, earlier, now):
        """Jobs per rule of the whole run, and {benchmark file: (rule, seconds)} of earlier runs."""
        self.earlier = dict(earlier)
        self.pending = Counter({rule: count for rule, count in counts.items() if rule not in TARGETS})
        self.begin = now

    def start(self, job, rule, file, now):
        self.pending[rule] -= 1
        self.running[job] = (rule, file, now)

    def finish(self, job, now):
        """Forget a running job; returns its seconds."""
        rule, file, begin = self.running.pop(job)
        self.finished.append((rule, file, now - begin))
        return now - begin

    def fail(self, job, now):
        """Put a running job back to those that have not begun, as it may be tried again; returns its seconds."""
        rule, _, begin = self.running.pop(job)
        self.pending[rule] += 1
        return now - begin

    def estimate(self, now):
        """Seconds that the rest will take, and rules of which more cannot be said, a sorted list.

        These are rules that never ran, and those with a job that runs longer than expected.
        """
        speed, unknown, rest = self._speed(), set(), []
        for rule, file, begin in self.running.values():
            expected = self._expected(rule, file)
            rest.append(0.0 if expected is None else max(0.0, expected * speed - (now - begin)))
            if rest[-1] == 0.0:
                unknown.add(rule)
        for rule, count in self.pending.items():
            expected = self._expected(rule) if count > 0 else 0.0
            if expected is None:
                unknown.add(rule)
            else:
                rest += [expected * speed] * count
        return max(sum(rest) / self._abreast(now), max(rest, default=0.0)), sorted(unknown - set(TARGETS))

    def _expected(self, rule, file=None):
        """Seconds of a job by earlier runs: its own, else of the rule's jobs that have not begun, else of any."""
        if file in self.earlier:
            return self.earlier[file][1]
        begun = {path for _, path, _ in (*self.running.values(), *self.finished)}
        times = {path: seconds for path, (name, seconds) in self.earlier.items() if name == rule}
        others = [seconds for path, seconds in times.items() if path not in begun]
        now = [seconds / self._speed() for name, _, seconds in self.finished if name == rule]
        known = others or now or list(times.values())
        return mean(known) if known else None

    def _speed(self):
        """Time now relative to earlier, over the finished jobs that ran before."""
        both = [(seconds, self.earlier[path][1]) for _, path, seconds in self.finished if path in self.earlier]
        now, before = (sum(part) for part in zip(*both, strict=True)) if both else (0.0, 0.0)
        return now / before if before > 0 and now > 0 else 1.0

    def _abreast(self, now):
        """Mean number of jobs at a time so far."""
        work = sum(seconds for *_, seconds in self.finished) + sum(now - begin for *_, begin in self.running.values())
        return max(1.0, work / (now - self.begin)) if now > self.begin else max(1, len(self.running))


def duration(seconds):
    """`41 s`, `12 min`, `3 h 20 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
