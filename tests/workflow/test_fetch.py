"""A file comes whole and right, or not under its name: every misfortune of a line, a server and a disk."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest
from web_server import serving

from workflow import fetch_attempt
from workflow.fetch import _locked, download
from workflow.fetch_attempt import Patience

ROOT = Path(__file__).parents[2]
CONTENT = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
HASTY = Patience(timeout=0.5, slowest=1e5, window=0.3, attempts=3, pause=0.01)


@pytest.fixture
def site():
    with serving({"/maps.h5": CONTENT}) as (site, address):
        site.url = f"{address}/maps.h5"
        yield site


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "maps.h5"


def names(path):
    return sorted(p.name for p in path.parent.iterdir())


def ranges(site):
    return [wanted for _, wanted in site.requests]


def test_a_file_comes_whole(site, path):
    download(site.url, path, MD5, len(CONTENT), HASTY)
    assert path.read_bytes() == CONTENT
    assert names(path) == ["maps.h5"]


def test_a_broken_connection_is_taken_up_where_it_broke(site, path):
    site.faults = ["drop", "drop"]
    download(site.url, path, patience=HASTY)
    assert path.read_bytes() == CONTENT
    assert ranges(site) == [None, "bytes=150000-", "bytes=225000-"]


def test_two_runs_do_not_fetch_one_file_at_once(site, path):
    path.parent.mkdir()
    with _locked(path.with_name("maps.h5.part")):
        with pytest.raises(OSError, match=r"maps.h5.part is being fetched by another run; "):
            download(site.url, path, patience=HASTY)
        assert not site.requests
    download(site.url, path, patience=HASTY)
    assert names(path) == ["maps.h5"]


def test_a_part_that_another_has_written_to_is_not_taken(site, path, monkeypatch):
    copy = fetch_attempt._copy

    def twice(response, file, *options):
        copy(response, file, *options)
        if len(site.requests) == 1:
            file.write(b"more")

    monkeypatch.setattr(fetch_attempt, "_copy", twice)
    download(site.url, path, patience=HASTY)
    assert path.read_bytes() == CONTENT


def test_a_later_call_goes_on(site, path):
    site.faults = ["drop"] * 3
    with pytest.raises(OSError, match="given up after 3 attempts in a row, 262500 bytes are kept"):
        download(site.url, path, patience=HASTY)
    assert names(path) == ["maps.h5.part", "maps.h5.part.json"]
    download(site.url, path, patience=HASTY)
    assert path.read_bytes() == CONTENT
    assert ranges(site)[-1] == "bytes=262500-"


def test_a_server_that_ignores_ranges_is_asked_from_the_start(site, path):
    site.ranges = False
    site.faults = ["drop"]
    download(site.url, path, patience=HASTY)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("other", [OTHER, OTHER + b"longer", OTHER[:100]], ids=["as long", "longer", "shorter"])
def test_pieces_of_two_versions_are_never_joined(site, path, other):
    site.faults = ["drop"] * 3
    with pytest.raises(OSError, match="given up"):
        download(site.url, path, patience=HASTY)
    site.files["/maps.h5"] = other
    download(site.url, path, patience=HASTY)
    assert path.read_bytes() == other


def test_without_a_version_only_a_checksum_lets_it_go_on(site, path):
    site.etags = False
    site.faults = ["drop"]
    download(site.url, path, patience=HASTY)
    assert ranges(site) == [None, None]
    site.faults = ["drop"]
    download(site.url, path.with_name("checked.h5"), MD5, patience=HASTY)
    assert ranges(site)[2:] == [None, "bytes=150000-"]


def test_a_continued_file_with_a_wrong_checksum_is_fetched_anew(site, path):
    site.etags = False
    site.faults = ["drop"]
    path.parent.mkdir()
    site.files["/maps.h5"] = OTHER
    with pytest.raises(OSError, match="given up"):
        download(site.url, path, MD5, patience=Patience(attempts=1))
    site.files["/maps.h5"] = CONTENT
    download(site.url, path, MD5, patience=HASTY)
    assert path.read_bytes() == CONTENT
    assert ranges(site) == [None, "bytes=150000-", None]


def test_a_file_that_is_another_is_refused(site, path):
    with pytest.raises(ValueError, match=r"has the md5 .*expected 0{32}: it is not the file expected"):
        download(site.url, path, f"md5:{'0' * 32}", patience=HASTY)
    assert names(path) == []


def test_a_file_cut_short_on_the_server_is_refused(site, path):
    with pytest.raises(ValueError, match="has 300000 bytes; expected 300001"):
        download(site.url, path, size=len(CONTENT) + 1, patience=HASTY)
    assert not path.exists()


def test_a_length_that_nobody_knows_is_refused(site, path):
    site.lengths = False
    with pytest.raises(ValueError, match="give its bytes or a checksum"):
        download(site.url, path, patience=HASTY)
    download(site.url, path, MD5, patience=HASTY)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [503, 429, 500])
def test_a_busy_server_is_asked_again(site, path, status):
    site.faults = [status]
    download(site.url, path, patience=HASTY)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [404, 403])
def test_a_refusal_ends_at_once_in_one_sentence(site, path, status):
    site.faults = [status]
    with pytest.raises(OSError, match=f"maps.h5 cannot be fetched: the server answers {status} ") as caught:
        download(site.url, path, patience=HASTY)
    assert "\n" not in str(caught.value)
    assert len(site.requests) == 1
    assert names(path) == []


@pytest.mark.parametrize(("fault", "reason"), [("stall", "timed out"), ("trickle", "bytes per second")])
def test_a_line_that_hangs_or_trickles_ends(site, path, fault, reason):
    site.faults = [fault] * 3
    with pytest.raises(OSError, match=rf"{reason}.*given up after 3 attempts"):
        download(site.url, path, patience=HASTY)
    assert not path.exists()


def test_no_server_is_one_sentence(path):
    with serving({}) as (_, address):
        pass
    with pytest.raises(OSError, match=r"no connection: .*given up after 3 attempts"):
        download(f"{address}/maps.h5", path, patience=HASTY)


def test_too_little_space_is_said_before_anything_is_written(site, path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(OSError, match=r"needs 0\.0 GB more; 0\.0 GB are free"):
        download(site.url, path, patience=HASTY)
    assert names(path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_is_one_sentence(site, path):
    path.parent.mkdir()
    path.with_name("maps.h5.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"^the disk is full: .*maps\.h5\.part is kept"):
        download(site.url, path, patience=HASTY)
    assert not path.exists()


def test_a_killed_process_is_continued_byte_for_byte(site, path):
    site.faults = ["stall"]
    code = "import sys; from workflow.fetch import download; download(*sys.argv[1:])"
    part = path.with_name("maps.h5.part")
    process = subprocess.Popen([sys.executable, "-c", code, site.url, path], cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size == 150_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert names(path) == ["maps.h5.part", "maps.h5.part.json", "maps.h5.part.lock"]
    download(site.url, path, MD5, patience=HASTY)
    assert path.read_bytes() == CONTENT
    assert ranges(site) == [None, "bytes=150000-"]
