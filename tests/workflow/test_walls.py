"""The import walls of the house (docs/extending.md)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imports(path):
    """Top-level names of all modules that a file imports, lazily or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", sorted(ROOT.glob("lofi/**/*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_method_does_not_know_the_physics(path):
    assert not imports(path) & {"simulations", "workflow", "snakemake"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("simulations/**/*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_physics_does_not_know_the_method(path):
    assert not imports(path) & {"lofi", "workflow", "torch", "snakemake"}


def test_importing_the_package_imports_nothing():
    assert not imports(ROOT / "lofi" / "__init__.py")


@pytest.mark.parametrize("folder", ["figures", "tables"])
def test_drawing_never_loads_torch(folder):
    scripts = sorted((ROOT / "workflow" / "scripts" / folder).glob("*.py"))
    modules = {
        f"{node.module}"
        for path in scripts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    code = "import sys, " + ", ".join(sorted(modules)) + "; sys.exit('torch' in sys.modules)"
    assert scripts
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_snakefile_stays_cheap():
    code = "import sys, workflow.configuration, workflow.fingerprint, workflow.inputs; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_no_drawers():
    names = {path.stem for path in ROOT.glob("**/*.py") if ".venv" not in path.parts}
    assert not names & {"utils", "util", "helpers", "misc", "common"}
