"""Runs a command and writes what it cost: `python -m workflow.child_cost FILE COMMAND...`.

A process of its own, which holds little: a child's peak of memory begins with what its parent held.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, bytes
    cost = {"processor_seconds": used.ru_utime + used.ru_stime, "peak_gb": used.ru_maxrss * unit / 1e9}
    Path(sys.argv[1]).write_text(json.dumps(cost))
    sys.exit(done.returncode)
