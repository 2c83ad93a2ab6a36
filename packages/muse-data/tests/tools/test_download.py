"""Downloads from a real server on this machine, broken off and tampered with."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from muse.core.errors import DataError, MuseError, UsageError
from muse.datasets.commands.main import main
from muse.datasets.tools.download import Download
from muse.datasets.tools.public_sets import PUBLIC_SETS
from muse.datasets.tools.unpacking import unpack_zip

CONTENT = np.random.default_rng(0).bytes(3 << 20)
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get("Range"))
        begin = 0
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.headers.get("Range") and server.resumes:
            begin = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            if begin >= len(server.content):
                self.send_error(416)
                return
            self.send_response(206)
        else:
            self.send_response(200)
        body = server.content[begin:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.most] if server.most else body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.content, server.most, server.resumes, server.asked = CONTENT, 0, True, []
        server.url = f"http://127.0.0.1:{server.server_port}/set.bin"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_broken_download_goes_on_where_it_stopped(server, tmp_path):
    target = tmp_path / "data" / "set.bin"
    server.most = 1 << 20
    with pytest.raises(MuseError, match=r"broke off|cannot fetch") as told:
        Download(server.url, target, CHECKSUM).run()
    assert "kept" in str(told.value) and not target.exists()
    server.most = 0
    seen = []
    Download(server.url, target, CHECKSUM).run(lambda came, total: seen.append((came, total)))
    assert target.read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={1 << 20}-"]
    assert sum(came for came, _ in seen) == len(CONTENT) == seen[-1][1]


def test_a_server_that_cannot_resume_sends_all_again(server, tmp_path):
    target = tmp_path / "set.bin"
    server.most, server.resumes = 1000, False
    with pytest.raises(MuseError):
        Download(server.url, target).run()
    server.most = 0
    Download(server.url, target, CHECKSUM).run()
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing_behind(server, tmp_path):
    with pytest.raises(DataError, match=f"the checksum is {CHECKSUM}, expected 00"):
        Download(server.url, tmp_path / "set.bin", "00").run()
    assert list(tmp_path.iterdir()) == []


def test_the_first_checksum_is_remembered(server, tmp_path):
    target = tmp_path / "set.bin"
    assert Download(server.url, target).run() == CHECKSUM
    assert json.loads((tmp_path / "checksums.json").read_text()) == {"set.bin": CHECKSUM}
    target.unlink()
    server.content = CONTENT[:-1] + b"x"
    with pytest.raises(DataError, match=f"expected {CHECKSUM}"):
        Download(server.url, target).run()


@pytest.mark.parametrize(
    ("url", "error", "match"),
    [
        ("http://127.0.0.1:9/set.bin", MuseError, "check the network"),
        ("{server}/missing", MuseError, "404"),
        ("ftp://host/set.bin", UsageError, "expected http"),
        ("file:///nowhere/set.bin", MuseError, "cannot fetch"),
    ],
)
def test_what_cannot_be_fetched_is_one_clear_line(server, tmp_path, url, error, match):
    url = url.replace("{server}", server.url.rpartition("/")[0])
    with pytest.raises(error, match=match):
        Download(url, tmp_path / "set.bin").run()


def zip_of(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("../out", "leads out"),
        ("/etc/x", "leads out"),
        ("a/../../x", "leads out"),
        ("C:\\x", "out"),
    ],
)
def test_archives_that_lead_out_are_refused(tmp_path, name, match):
    archive = zip_of(tmp_path / "bad.zip", {"good/x": b"1", name: b"2"})
    with pytest.raises(DataError, match=match):
        unpack_zip(archive, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["bad.zip"]


def test_links_bombs_and_damage_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        unpack_zip(tmp_path / "link.zip", tmp_path)
    damaged = bytearray(zip_of(tmp_path / "a.zip", {"a/x": CONTENT[:5000]}).read_bytes())
    damaged[200] ^= 255
    (tmp_path / "a.zip").write_bytes(bytes(damaged))
    with pytest.raises(DataError, match="cannot be unpacked"):
        unpack_zip(tmp_path / "a.zip", tmp_path)
    huge = zip_of(tmp_path / "huge.zip", {"a/x": b"0" * 1000})
    raw = huge.read_bytes().replace((1000).to_bytes(4, "little"), (2**31).to_bytes(4, "little"))
    huge.write_bytes(raw)
    with pytest.raises(DataError, match="cannot be true"):
        unpack_zip(huge, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "huge.zip", "link.zip"]


def test_the_command_fetches_unpacks_and_lists(server, tmp_path, capsys):
    archive = zip_of(tmp_path / "pusht.zip", {"pusht/replay.zarr/.zgroup": b"{}"})
    server.content = archive.read_bytes()
    where = tmp_path / "data"
    assert main(["download", "pusht", "--from", server.url, "--to", str(where)]) == 0
    assert (where / "pusht" / "replay.zarr" / ".zgroup").read_bytes() == b"{}"
    assert "remembered" in capsys.readouterr().err
    with pytest.raises(UsageError, match="holds pusht already"):
        main(["download", "pusht", "--from", str(archive), "--to", str(where)])
    assert main(["download", "pusht", "--from", str(archive), "--to", str(tmp_path / "b")]) == 0
    assert main(["download"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in PUBLIC_SETS)
    with pytest.raises(UsageError, match="Did you mean 'pusht'"):
        main(["download", "push"])
    with pytest.raises(DataError, match="checksum"):
        main(["download", "kitchen/mixed", "--from", str(archive), "--to", str(tmp_path / "c")])
