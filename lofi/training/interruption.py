"""Being told to stop: SIGTERM, as from a cluster near the time limit, and Ctrl-C."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def noticed(react: Callable = lambda: None) -> Iterator[list]:
    """A list, empty until SIGTERM or SIGINT arrives; within the block they do nothing but add to it and call `react`.

    A second Ctrl-C interrupts as usual. Signals that the process ignores stay ignored, and outside the main thread,
    where signals cannot be handled, nothing is changed.
    """
    received, before = [], {}

    def note(number, frame):
        received.append(number)
        if number == signal.SIGINT:
            signal.signal(number, before[number])
        react()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
