"""Who runs which tests where several processes share them (`make test`)."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # of every process: threads that share busy cores wait for each other

PAPER = ("test_smoke", "test_*_run")  # files whose tests look at one run of the whole workflow


def of_paper(file):
    return any(Path(file).match(f"{name}.py") for name in PAPER)


def pytest_collection_modifyitems(items):
    """The run of the workflow, the longest of all, begins at once."""
    items.sort(key=lambda item: not of_paper(item.location[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of a file stay together, and so do all that share the run of the workflow; in the order of collection."""
    from xdist.scheduler import LoadFileScheduling

    class ByRun(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "paper" if of_paper(file) else file

    config.option.loadscopereorder = False
    return ByRun(config, log)
