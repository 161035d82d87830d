"""Code fingerprints change with code, and with nothing else."""

import importlib

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

    def fingerprint(name):
        fresh._read.cache_clear()
        return fresh.fingerprint(name)

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


def test_every_rule_names_modules_that_exist():
    text = "".join(path.read_text() for path in (module.ROOT / "workflow" / "rules").glob("*.smk"))
    names = {part for part in text.split('"') if part.startswith(("lofi.", "simulations."))}
    assert names
    for name in names:
        assert len(module.fingerprint(name)) == 16
