"""Standard error of a job as whole lines, so that jobs side by side and progress bars stay readable."""

import time
from contextlib import suppress

EVERY = 30  # seconds between states of a line that a progress bar rewrites


class Log:
    """A log that never ends a job: what a full disk does not take is lost, the job's outputs tell of it."""

    def __init__(self, path):
        self.file = None
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file = path.open("ab", buffering=0)  # others may add to it
            self.file.truncate(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file is not None:
            self.file.close()

    def write(self, text):
        if self.file is not None:
            with suppress(OSError):
                self.file.write(text.encode(errors="replace"))

    def flush(self):
        pass


class Lines:
    """A text stream that passes on whole lines, one write each; the first target's lines begin with `name`.

    A line rewritten after carriage returns is passed on as it is at its first state, every EVERY seconds, and at its
    end.
    """

    def __init__(self, name, stream, log):
        self.targets = ((stream, f"{name}: "), (log, ""))
        self.line, self.shown, self.time = "", None, -EVERY

    def write(self, text):
        *complete, self.line = (self.line + text).split("\n")
        for line in complete:
            self._pass_on(_state(line))
            self.shown, self.time = None, -EVERY
        if "\r" in self.line:
            self.line = "\r" + _state(self.line)
            if self.line.strip() and time.monotonic() - self.time >= EVERY:
                self.time = time.monotonic()
                self._pass_on(_state(self.line))
        return len(text)

    def flush(self):
        for stream, _ in self.targets:
            stream.flush()

    def close(self):
        """Pass on what is left of a line without end; the targets stay open."""
        self._pass_on(_state(self.line))
        self.line = ""

    def isatty(self):
        return False

    def _pass_on(self, line):
        if line == self.shown or not line.strip():
            return
        self.shown = line
        for stream, beginning in self.targets:
            stream.write(f"{beginning}{line}\n")
            stream.flush()


def _state(line):
    """What a terminal shows of a line with carriage returns, without the blanks that wipe longer states."""
    return line.rstrip("\r").rpartition("\r")[2].rstrip()
