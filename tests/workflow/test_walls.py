"""The walls of the house (docs/extending.md): who may import whom."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("lofi", "simulations", "workflow")
INSTRUMENTS = ("lensing", "sphere", "radio")
METHOD = ("field", "models", "training", "solvers")
SOURCES = sorted(path for package in PACKAGES for path in ROOT.glob(f"{package}/**/*.py") if "logger" not in path.parts)


def name_of(path):
    """The dotted name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Dotted names of all modules that a file imports, lazily or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in names if name in MODULES} | {node.module}
    return found


MODULES = {name_of(path): path for path in SOURCES}
IMPORTS = {name: imports(path) for name, path in MODULES.items()}


def within(names, *packages):
    """Those of `names` that are one of `packages` or below it."""
    return {name for name in names if any(f"{name}.".startswith(f"{package}.") for package in packages)}


@pytest.mark.parametrize("module", sorted(within(MODULES, "lofi")))
def test_the_product_stands_alone(module):
    assert not within(IMPORTS[module], "simulations", "workflow", "snakemake")


def test_the_product_has_one_door():
    """One module of it looks others up by name: those of a checkout, for `lofi train lensing`."""
    ways = ("import_module", "__import__", "sys.path", "runpy")
    found = {name for name in within(MODULES, "lofi") if any(way in MODULES[name].read_text() for way in ways)}
    assert found == {"lofi.lensing.simulated_maps"}


@pytest.mark.parametrize("module", sorted(within(MODULES, "simulations")))
def test_simulations_use_operators_and_no_network(module):
    method = [f"lofi.{package}" for package in METHOD]
    assert not within(IMPORTS[module], "workflow", "snakemake", "torch", *method)


@pytest.mark.parametrize("module", sorted(within(MODULES, *(f"lofi.{package}" for package in METHOD))))
def test_the_method_knows_no_instrument(module):
    assert not within(IMPORTS[module], *(f"lofi.{instrument}" for instrument in INSTRUMENTS))


@pytest.mark.parametrize("module", sorted(within(MODULES, "lofi.io")))
def test_files_know_no_instrument(module):
    assert not within(IMPORTS[module], *(f"lofi.{instrument}" for instrument in INSTRUMENTS))


@pytest.mark.parametrize("module", sorted(within(MODULES, *(f"lofi.{instrument}" for instrument in INSTRUMENTS))))
def test_instruments_do_not_know_each_other(module):
    own = module.split(".")[1]
    others = [name for name in INSTRUMENTS if name != own and (own, name) != ("sphere", "lensing")]
    assert not within(IMPORTS[module], *(f"lofi.{other}" for other in others))


def test_no_import_circles():
    known = {name: within(found, *PACKAGES) & set(MODULES) for name, found in IMPORTS.items()}
    list(graphlib.TopologicalSorter(known).static_order())  # CycleError names the circle


def test_importing_the_package_imports_nothing():
    assert not imports(ROOT / "lofi" / "__init__.py")


def loads_torch(modules):
    code = f"import sys, {', '.join(sorted(modules))}; sys.exit('torch' in sys.modules)"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode != 0


@pytest.mark.parametrize("folder", ["figures", "tables"])
def test_drawing_never_loads_torch(folder):
    scripts = sorted((ROOT / "workflow" / "scripts" / folder).glob("*.py"))
    modules = {module for path in scripts for module in imports(path)}
    assert scripts
    assert not loads_torch(modules)


def test_the_snakefile_stays_cheap():
    assert not loads_torch({"workflow.configuration", "workflow.fingerprint", "workflow.inputs"})


def test_no_drawers():
    names = {path.stem for path in ROOT.glob("**/*.py") if ".venv" not in path.parts}
    assert not names & {"utils", "util", "helpers", "misc", "common"}
