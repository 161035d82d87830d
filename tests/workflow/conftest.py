"""Copies of the project."""

import pytest
from project_copy import copied


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of all that a run of the workflow needs, without results."""
    return copied(tmp_path_factory.mktemp("project"))
