"""The whole paper at smoke scale, killed while it trains and started again; run once for all tests of its results.

Beside it stand the other tests that run the workflow for half a minute: `make test-paper`, as CI does.
"""

import functools
import os
import shutil
import signal
import subprocess
import time

import pytest
from project_copy import copied
from smoke_scale import smoke

TRAINED = [f"models/mass/{model}/model.json" for model in ("lofi", "unet")]  # killed while it trains both


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    """A copy of the project with the results of `snakemake paper`, killed while it trained and started again.

    Where DEFAULT_RESULTS names the results of `snakemake`, the run goes on from a copy of them without these models.
    """
    project = copied(tmp_path_factory.mktemp("paper"))
    results = project / "results/smoke"
    if "DEFAULT_RESULTS" in os.environ:
        shutil.copytree(os.environ["DEFAULT_RESULTS"], results, symlinks=True)
        for trained in TRAINED:
            shutil.rmtree((results / trained).parent)
    state = (results / TRAINED[0]).with_name("training.resume")
    heeded = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs are started deaf to it
    with (project / "first.log").open("w") as log:  # not a pipe that nobody empties while this waits
        output = {"stdout": log, "stderr": subprocess.STDOUT}
        first = subprocess.Popen(smoke(*TRAINED), cwd=project, start_new_session=True, preexec_fn=heeded, **output)
    deadline = time.monotonic() + 1200
    while not state.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    assert state.exists(), (project / "first.log").read_text()[-3000:]
    os.killpg(first.pid, signal.SIGINT)  # Ctrl-C in a terminal
    assert first.wait() != 0
    assert state.exists()
    second = subprocess.run(smoke("paper", *TRAINED), cwd=project, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr[-3000:]
    return project


@pytest.fixture(scope="session")
def built(paper):
    """Its results."""
    return paper / "results/smoke"
