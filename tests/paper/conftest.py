"""The whole paper at smoke scale, killed while it trains and started again; run once for all tests of its results.

Beside it stand the other tests that run the workflow for half a minute: `make test-paper`, as CI does.
"""

import functools
import os
import signal
import subprocess
import time

import pytest
from project_copy import copied
from smoke_scale import smoke


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    """A copy of the project with the results of `snakemake paper`, killed while it trained and started again."""
    project = copied(tmp_path_factory.mktemp("paper"))
    state = project / "results/smoke/models/mass/lofi/training.resume"
    heeded = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs are started deaf to it
    with (project / "first.log").open("w") as log:  # not a pipe that nobody empties while this waits
        output = {"stdout": log, "stderr": subprocess.STDOUT}
        first = subprocess.Popen(smoke(), cwd=project, start_new_session=True, preexec_fn=heeded, **output)
    deadline = time.monotonic() + 1200
    while not state.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    assert state.exists(), (project / "first.log").read_text()[-3000:]
    os.killpg(first.pid, signal.SIGINT)  # Ctrl-C in a terminal
    assert first.wait() != 0
    assert state.exists()
    second = subprocess.run(smoke("paper"), cwd=project, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr[-3000:]
    return project


@pytest.fixture(scope="session")
def built(paper):
    """Its results."""
    return paper / "results/smoke"
