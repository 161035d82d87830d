"""Documents point at what exists and promise nothing that is missing."""

import re
from pathlib import Path

import pytest

from lofi import cli
from lofi.radio.visibilities import npz
from workflow.results_page import SECTIONS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")])
FOLDERS = "lofi|simulations|workflow|config|benchmarks|docs|tests"
NAMED = [(path, name) for path in DOCUMENTS for name in re.findall(rf"`((?:{FOLDERS})/[^`]+)`", path.read_text())]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    text = path.read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target
    assert "@@" not in text


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda value: Path(value).name)
def test_files_in_backticks_exist(path, name):
    """Also what is named in them, as in `lofi/solvers/admm.py: admm`; NAME stands for the reader's own."""
    file, _, inside = name.partition(": ")
    if "NAME" in file:
        file = file.rpartition("/")[0]
    assert any(ROOT.glob(file)), f"{path.name}: {name}"
    if inside:
        assert re.search(rf"^(def|class) {inside}\b", (ROOT / file).read_text(), flags=re.MULTILINE), name


def test_the_readme_names_commands_and_files_that_exist():
    text = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", text, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    for name in re.findall(r"config/[\w/]+\.yaml|docs/\w+\.md", text):
        assert (ROOT / name).exists(), name


def test_the_readme_is_short_and_holds_no_results():
    text = (ROOT / "README.md").read_text()
    words = re.sub(r"```.*?```|\]\(\S+\)|[^\w\s]", " ", text, flags=re.DOTALL).split()
    assert len(text.splitlines()) <= 120
    assert 300 <= len(words) <= 450
    assert not re.search(r"^\|", text, flags=re.MULTILINE)
    assert not re.findall(r"\d(?:[.,]\d+)? ?(?:%|dB|±)|±", text)


@pytest.mark.parametrize("command", ["map", "image", "train radio", "train lensing"])
def test_the_options_of_the_commands_exist(command, capsys):
    with pytest.raises(SystemExit):
        cli.main([*command.split(), "--help"])
    known = set(re.findall(r"--[\w-]+", capsys.readouterr().out))
    shown = [
        line
        for path in DOCUMENTS
        for line in re.findall(rf"^lofi {command} .*(?:\\\n.*)*", path.read_text(), flags=re.MULTILINE)
    ]
    assert shown
    assert not {option for line in shown for option in re.findall(r"--[\w-]+", line)} - known


def test_the_targets_of_documents_and_of_the_page_of_results_exist():
    rules = "".join(path.read_text() for path in [ROOT / "Snakefile", *ROOT.glob("workflow/rules/*.smk")])
    known = set(re.findall(r"^ *rule (\w+):|^use rule .* as (\w+) with", rules, flags=re.MULTILINE))
    known = {name for names in known for name in names if name}
    known |= set(re.findall(r'^(?:figure|tables|score|images)\(\s*"(\w+)"', rules, flags=re.MULTILINE))
    shown = {section.target for section in SECTIONS}
    for path in DOCUMENTS:
        shown |= set(re.findall(r"snakemake ([a-zA-Z][\w ]*) --cores", path.read_text()))
    named = {target for targets in shown for target in targets.split() if not target.startswith("fetch_")}
    assert not named - known


def test_the_keys_of_npz_visibilities_are_explained():
    assert not sorted(set(npz.KEYS) - words_in_backticks(ROOT / "docs/data.md"))


def words_in_backticks(path):
    return {word for code in re.findall(r"`([^`]+)`", path.read_text()) for word in re.findall(r"\w+", code)}
