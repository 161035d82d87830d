"""What a data set consists of, and that a file is known by its checksum from the day it came."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from web_server import serving

import workflow.downloads
import workflow.fetch
from workflow.checksums import digests
from workflow.configuration import assemble
from workflow.downloads import Item, items, obtain
from workflow.fetch_attempt import Patience

ROOT = Path(__file__).parents[2]
HASTY = Patience(timeout=0.5, attempts=2, pause=0.01)
SHA = hashlib.sha256(b"kappa").hexdigest()
SHIPPED = yaml.safe_load((ROOT / "config/downloads.yaml").read_text())["downloads"]


@pytest.fixture
def site():
    with serving({"/a.fits": b"kappa"}) as (site, address):
        site.address = address
        yield site


def test_numbers_are_filled_into_addresses():
    found = items(SHIPPED["ktng"])
    assert len(found) == 100 * 100
    assert found[-1].path == "LP100_run100_maps.hdf5"
    assert found[101].url.endswith("/fullphys/maps/LP002/LP002_run002_maps.hdf5")


def test_a_list_is_read_line_by_line(tmp_path):
    text = f"# the suite\nhttps://x.org/a%20b.h5?raw=1\n\nhttps://x.org/c.h5 md5:{'0' * 32} # later\n"
    (tmp_path / "files.txt").write_text(text)
    found = items({"folder": "data", "list": tmp_path / "files.txt"})
    assert found == [
        Item("https://x.org/a%20b.h5?raw=1", "a b.h5"),
        Item("https://x.org/c.h5", "c.h5", f"md5:{'0' * 32}"),
    ]


MISTAKES = {
    "no list": ({"list": "nowhere.txt"}, "no list of files nowhere.txt"),
    "unknown number": ({"numbered": {"url": "https://x.org/{set}.h5", "run": [1, 2]}}, "ranges are run"),
    "numbers left out": ({"numbered": {"url": "https://x.org/a.h5", "run": [1, 2]}}, "two files"),
    "same name": ({"files": [{"url": "https://x.org/a.h5"}, {"url": "https://y.org/a.h5"}]}, "data/a.h5"),
    "outside": ({"files": [{"url": "https://x.org/a", "path": "../../a"}]}, "outside its folder"),
    "absolute": ({"files": [{"url": "https://x.org/a", "path": "/etc/a"}]}, "outside its folder"),
    "no web address": ({"files": [{"url": "file:///etc/passwd"}]}, "no address of a web server"),
    "no name": ({"files": [{"url": "https://x.org"}]}, "outside its folder"),
}


@pytest.mark.parametrize(("options", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_an_entry_is_one_sentence(options, words):
    with pytest.raises((ValueError, OSError)) as caught:
        items({"folder": "data"} | options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["https://x.org/a.h5 0123", "a b c", "https://x.org/a.h5 md5:1 md5:2"])
def test_a_mistake_in_a_list_names_its_line(tmp_path, line):
    (tmp_path / "files.txt").write_text(f"https://x.org/b.h5\n{line}\n")
    with pytest.raises(ValueError, match=r"files\.txt, line 2: found"):
        items({"folder": "data", "list": tmp_path / "files.txt"})


MISSPELT = {
    "no kind": ({"folder": "data"}, "downloads.mine"),
    "two kinds": ({"folder": "data", "list": "a", "zenodo": {"record": 1}}, "downloads.mine"),
    "outside data": ({"folder": "/etc", "list": "a"}, "/etc"),
    "no checksum": ({"folder": "data", "files": [{"url": "https://x.org/a", "md5": "12"}]}, "12"),
    "no address": ({"folder": "data", "files": [{"url": "ftp://x.org/a"}]}, "ftp"),
}


@pytest.mark.parametrize(("entry", "word"), MISSPELT.values(), ids=MISSPELT.keys())
def test_a_misspelt_entry_is_one_sentence(entry, word):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text()) | {"downloads": {"mine": entry}}
    with pytest.raises(ValueError, match=r"^--config: downloads\.mine") as caught:
        assemble(config, ROOT / "config")
    assert word in str(caught.value)


def zenodo_record(site, **changes):
    file = {"key": "a.fits", "size": 5, "checksum": f"md5:{hashlib.md5(b'kappa').hexdigest()}"}
    file |= {"links": {"self": f"{site.address}/a.fits"}} | changes
    site.files["/records/77"] = json.dumps({"files": [file]}).encode()


def recorded(site, folder, **options):
    return items({"folder": folder, "zenodo": {"record": 77} | options}, HASTY, f"{site.address}/records")


def test_zenodo_states_names_sizes_and_checksums(site, tmp_path):
    zenodo_record(site)
    (item,) = recorded(site, tmp_path)
    assert obtain(item, tmp_path, HASTY) == SHA
    assert (tmp_path / "a.fits").read_bytes() == b"kappa"
    assert (tmp_path / "a.fits.sha256").read_text().startswith(f"{SHA}  a.fits\n# ")
    check = ["sha256sum", "--check", "--strict", "a.fits.sha256"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0


@pytest.fixture
def hashed(monkeypatch):
    """What is read for its checksums."""
    read = []

    def counted(path, algorithms):
        read.append((Path(path).name, sorted(algorithms)))
        return digests(path, algorithms)

    for module in (workflow.fetch, workflow.downloads):
        monkeypatch.setattr(module, "digests", counted)
    return read


def test_a_file_is_read_once_and_again_only_when_it_changed(site, tmp_path, hashed):
    zenodo_record(site)
    (item,) = recorded(site, tmp_path)
    hashed.clear()  # of the record itself
    for _ in range(2):
        assert obtain(item, tmp_path, HASTY) == SHA
    assert hashed == [("a.fits.part", ["md5", "sha256"])]
    os.utime(tmp_path / "a.fits", ns=(0, 1))
    for _ in range(2):
        assert obtain(item, tmp_path, HASTY) == SHA
    assert hashed[1:] == [("a.fits", ["md5", "sha256"])]


def test_an_unchanged_file_is_held_against_a_new_checksum(site, tmp_path):
    zenodo_record(site)
    obtain(*recorded(site, tmp_path), tmp_path, HASTY)
    with pytest.raises(ValueError, match="has the md5"):
        obtain(Item(f"{site.address}/a.fits", "a.fits", f"md5:{'0' * 32}"), tmp_path, HASTY)


@pytest.mark.parametrize("comment", ["", "# of somebody\n", f"{SHA}  b.fits\n"])
def test_a_record_without_a_state_still_holds(site, tmp_path, hashed, comment):
    (tmp_path / "a.fits").write_bytes(b"kappa")
    (tmp_path / "a.fits.sha256").write_text(f"{SHA}  a.fits\n{comment}")
    for _ in range(2):
        assert obtain(Item(f"{site.address}/a.fits", "a.fits"), tmp_path, HASTY) == SHA
    assert hashed == [("a.fits", ["sha256"])]


def test_a_damaged_file_of_zenodo_is_refused(site, tmp_path):
    zenodo_record(site, checksum=f"md5:{'0' * 32}")
    with pytest.raises(ValueError, match="has the md5"):
        obtain(*recorded(site, tmp_path), tmp_path, HASTY)
    assert not (tmp_path / "a.fits").exists()


def test_a_file_that_zenodo_has_not_is_named(site, tmp_path):
    zenodo_record(site)
    with pytest.raises(ValueError, match=r"record 77 has no file b\.fits; it has a\.fits"):
        recorded(site, tmp_path, files=["b.fits"])


def test_an_answer_that_is_no_record_is_named(site, tmp_path):
    site.files["/records/77"] = b"<html>maintenance</html>"
    with pytest.raises(ValueError, match=r"zenodo-77\.json is no Zenodo record"):
        recorded(site, tmp_path)


def test_a_file_without_checksum_is_known_by_its_own_from_then_on(site, tmp_path):
    item = Item(f"{site.address}/a.fits", "a.fits")
    with pytest.warns(UserWarning, match="no checksum of .*a.fits was known"):
        assert obtain(item, tmp_path, HASTY) == SHA
    assert obtain(item, tmp_path, HASTY) == SHA  # no warning, and no second request
    assert len(site.requests) == 1
    (tmp_path / "a.fits").write_bytes(b"kapqa")
    os.utime(tmp_path / "a.fits", ns=(0, 1))  # a time of its own, however coarse the clock
    with pytest.raises(ValueError, match=r"a\.fits has the sha256"):
        obtain(item, tmp_path, HASTY)
    (tmp_path / "a.fits").unlink()
    site.files["/a.fits"] = b"gamma"
    with pytest.raises(ValueError, match="it is not the file expected"):
        obtain(item, tmp_path, HASTY)


def test_an_empty_record_is_one_sentence(tmp_path):
    (tmp_path / "a.fits.sha256").touch()
    with pytest.raises(ValueError, match=r"a\.fits\.sha256 holds no checksum"):
        obtain(Item("https://x.org/a.fits", "a.fits"), tmp_path, HASTY)


@pytest.mark.parametrize("item", [{"checksum": f"sha256:{'0' * 64}"}, {"size": 6}], ids=["checksum", "size"])
def test_a_file_of_the_user_is_checked_and_never_replaced(site, tmp_path, item):
    (tmp_path / "a.fits").write_bytes(b"kappa")
    with pytest.raises(ValueError, match="remove it to fetch it again"):
        obtain(Item(f"{site.address}/a.fits", "a.fits", **item), tmp_path, HASTY)
    assert (tmp_path / "a.fits").read_bytes() == b"kappa"
    assert not site.requests


def snakemake(project, *targets):
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "1", "--configfile", "overlay.yaml"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)


def test_the_rule_fetches_a_data_set_and_says_what_is_missing(site, tmp_path):
    for part in ("Snakefile", "config", "workflow", "lofi", "simulations", "profiles", "envs"):
        (tmp_path / part).symlink_to(ROOT / part)
    files = [{"url": f"{site.address}/a.fits", "sha256": SHA}, {"url": f"{site.address}/b.fits"}]
    overlay = {"downloads": {"sky": {"folder": "data/sky", "files": files}}}
    (tmp_path / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    first = snakemake(tmp_path, "fetch_sky")
    assert first.returncode == 1
    assert f"error: {site.address}/b.fits cannot be fetched: the server answers 404" in first.stderr
    assert "Traceback" not in first.stderr
    assert (tmp_path / "data/sky/a.fits").read_bytes() == b"kappa"
    assert not (tmp_path / "data/fetched/sky.csv").exists()
    site.files["/b.fits"] = b"gamma"
    second = snakemake(tmp_path, "fetch_sky")
    assert second.returncode == 0, second.stderr
    assert [path for path, _ in site.requests] == ["/a.fits", "/b.fits", "/b.fits"]
    rows = (tmp_path / "data/fetched/sky.csv").read_text().splitlines()
    assert rows[0] == "path,sha256,bytes,url"
    assert rows[1] == f"data/sky/a.fits,{SHA},5,{site.address}/a.fits"
    assert len(rows) == 3
