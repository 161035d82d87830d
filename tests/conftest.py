"""Who runs which tests where several processes share them (`make test`)."""

from pathlib import Path

import pytest

PAPER = ("test_smoke", "test_*_run")  # files whose tests look at one run of the whole workflow


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of a file stay together, and so do all that share the run of the workflow."""
    from xdist.scheduler import LoadFileScheduling

    class ByRun(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "paper" if any(Path(file).match(f"{name}.py") for name in PAPER) else file

    return ByRun(config, log)
