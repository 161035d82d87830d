"""Files of the configuration are read strictly, and an error names the file that holds the mistake."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from workflow.configuration import assemble, load

FOLDER = Path(__file__).parents[2] / "config"
UNREADABLE = {
    "broken": (b"models: {lofi: ]\n", ", line 1: "),
    "a list": (b"- a\n- b\n", " holds a list; expected keys such as experiments or models"),
    "a word": (b"models\n", " holds a single value; expected keys such as experiments or models"),
    "empty": (b"# nothing\n", " is empty; expected keys such as experiments or models"),
    "in Latin 1": ("# Größe\nmodels: {}\n".encode("latin-1"), " is not text in UTF-8; save it in that encoding"),
    "with a key twice": (b"models:\n  a: {class: wiener}\n  a: {class: gaussian}\n", ", line 3: the key a is twice"),
    "with a Python object": (b"models: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
}


@pytest.fixture
def folder(tmp_path):
    """A copy of the configuration."""
    return Path(shutil.copytree(FOLDER, tmp_path / "config"))


@pytest.mark.parametrize(("content", "words"), UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("name", ["config/models/mine.yaml", "config/site.yaml", "overlay.yaml"])
def test_an_unreadable_file_is_one_sentence_that_names_it(folder, name, content, words):
    path = folder.parent / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name}.*") as caught:
        assemble(load(folder / "config.yaml"), folder, [folder / "config.yaml", path])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_merge_key_is_no_key_twice(folder):
    (folder / "one.yaml").write_text("a: &a {x: 1}\nb: {<<: *a, x: 2}\n")
    assert load(folder / "one.yaml")["b"] == {"x": 2}


HELD = {
    "by a noun": ("config/models/mine.yaml", {"models": {"mine": {"class": "wienr"}}}, {}),
    "by the laptop scale": ("config/config.yaml", {}, {"cosmology": {"omega_m": 3.0}}),
    "by an overlay": ("overlay.yaml", {"experiments": {"mass": {"splits": {"test": {"mapz": 3}}}}}, {}),
    "by an overlay, over a noun": ("overlay.yaml", {"inversions": {"radio_128": {"prior": "mass"}}}, {}),
    "by the command line": ("--config", {}, {"device": "gpu"}),
}


@pytest.mark.parametrize(("holder", "content", "changes"), HELD.values(), ids=HELD.keys())
def test_the_file_that_holds_a_mistake_is_named(folder, holder, content, changes):
    files = [folder / "config.yaml", folder.parent / "overlay.yaml"]
    files[1].write_text(yaml.safe_dump(content if holder == "overlay.yaml" else {"scale": "mine"}))
    if holder.startswith("config/models"):
        (folder.parent / holder).write_text(yaml.safe_dump(content))
    overrides = load(files[0]) | load(files[1]) | changes
    if holder == "config/config.yaml":
        files[0].write_text(yaml.safe_dump(overrides))
    with pytest.raises(ValueError, match=rf"^{holder}: ") as caught:
        assemble(overrides, folder, files)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["config/site.yaml", "config/config.yaml"])
def test_a_run_names_an_unreadable_file_before_snakemake_reads_it(project, name):
    original = (project / name).read_bytes() if (project / name).exists() else None
    (project / name).write_bytes(UNREADABLE["in Latin 1"][0])
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all"]
    run = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (project / name).unlink() if original is None else (project / name).write_bytes(original)
    assert run.returncode == 1
    assert f"{name} is not text in UTF-8; save it in that encoding" in run.stdout
    assert "Traceback" not in run.stdout
