"""Code fingerprints change with code, and with nothing else."""

import importlib
from pathlib import Path

import pytest

import workflow.fingerprint as module


@pytest.fixture
def tree(tmp_path, monkeypatch):
    package = tmp_path / "lofi"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text(
        '"""Doc."""\nfrom lofi.b import f\n\n\ndef g(x):\n    """Doc."""\n    return f(x) + 1\n'
    )
    (package / "b.py").write_text("def f(x):\n    return 2 * x\n")
    (package / "c.py").write_text("def h(x):\n    return x\n")
    fresh = importlib.reload(module)
    monkeypatch.setattr(fresh, "ROOT", tmp_path)

    def fingerprint(name, without=()):
        fresh._read.cache_clear()
        return fresh.fingerprint(name, without)

    yield package, fingerprint
    monkeypatch.undo()
    importlib.reload(module)


def test_a_change_in_an_imported_module_counts(tree):
    package, fingerprint = tree
    before = fingerprint("lofi.a"), fingerprint("lofi.c")
    (package / "b.py").write_text("def f(x):\n    return 3 * x\n")
    assert fingerprint("lofi.a") != before[0]
    assert fingerprint("lofi.c") == before[1]


def test_docstrings_comments_and_spaces_do_not_count(tree):
    package, fingerprint = tree
    before = fingerprint("lofi.a")
    (package / "a.py").write_text(
        '"""Other."""\nfrom lofi.b import f\n\ndef g(x):\n    """Longer."""\n    # why\n    return (f(x) + 1)\n'
    )
    assert fingerprint("lofi.a") == before


def test_what_is_left_out_does_not_count(tree):
    package, fingerprint = tree
    before = fingerprint("lofi.a", ["lofi.b"]), fingerprint("lofi.a")
    (package / "b.py").write_text("def f(x):\n    return 3 * x\n")
    assert fingerprint("lofi.a", ["lofi.b"]) == before[0]
    assert fingerprint("lofi.a") != before[1]


@pytest.mark.parametrize("name", sorted(module.AROUND))
def test_what_only_runs_scripts_does_not_count(tree, name):
    assert (Path(__file__).parents[2] / name.replace(".", "/")).with_suffix(".py").exists()
    package, fingerprint = tree
    path = (package.parent / name.replace(".", "/")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1\n")
    (package / "b.py").write_text(f"from {name} import x\n\n\ndef f(x):\n    return 2 * x\n")
    before = fingerprint("lofi.a")
    path.write_text("x = 2\n")
    assert fingerprint("lofi.a") == before


def test_a_program_that_is_started_counts(tree):
    package, fingerprint = tree
    (package / "a.py").write_text('COMMAND = ["-m", "lofi.c"]\n')
    before = fingerprint("lofi.a")
    (package / "c.py").write_text("def h(x):\n    return -x\n")
    assert fingerprint("lofi.a") != before
