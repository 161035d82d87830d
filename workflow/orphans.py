"""Processes that must not outlive the one that started them: it may be killed, and a new run must not meet the old."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # Linux, sys/prctl.h


def end_with_parent():
    """From now on this process is killed when its parent ends, in whatever way; elsewhere than on Linux, do nothing."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError, TypeError):
        return
