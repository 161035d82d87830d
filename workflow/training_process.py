"""One of the processes that `torchrun` starts for a training (`workflow.torchrun`); its argument is a JSON file."""

import json
import os
import sys
from pathlib import Path

from lofi.device import choose
from lofi.memory import keep_freed_memory
from lofi.messages import EXPECTED, brief_warnings
from lofi.training import parallel
from workflow.orphans import end_with_parent
from workflow.torchrun import report
from workflow.training import train


def main(task):
    end_with_parent()
    keep_freed_memory()
    arguments = json.loads(Path(task).read_text())
    try:
        with brief_warnings(), parallel.group(choose(arguments["device"], arguments["threads"])):
            train(**arguments)
    except EXPECTED as error:
        report(task, str(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    if os.environ["RANK"] == "0":
        sys.stderr = sys.stdout  # what a user reads, apart from what torchrun and the other processes write
    main(*sys.argv[1:])
