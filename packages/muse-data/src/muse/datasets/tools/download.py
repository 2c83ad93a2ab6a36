"""Fetching a file: resumed where it was broken off, checked, and only then in its place."""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

from muse.core.errors import DataError, MuseError, UsageError, message_line
from muse.experiments import atomic

_CHUNK = 1 << 20
_TIMEOUT = 30.0  # seconds without an answer
#: Beside downloaded files: file name -> checksum it had the first time.
CHECKSUMS = "checksums.json"

#: Called with the bytes that came, and with the size of the whole where the server tells it.
Advance = Callable[[int, int | None], None]


class Download:
    """One file on its way to `target`.

    What has come so far is kept beside it in a `.part` file, and the next try goes on there.

    Args:
        url: http, https or file.
        target: where the file goes.
        sha256: what its checksum must be. None: the one remembered in `checksums.json` beside it;
            if there is none, the checksum of this download is remembered.

    Raises:
        UsageError: the address is of another kind.
    """

    def __init__(self, url: str, target: Path, sha256: str | None = None) -> None:
        self.url, self.target = url, target
        if urllib.parse.urlsplit(url).scheme not in ("http", "https", "file"):
            raise UsageError(f"cannot download {url!r}: expected http://, https:// or file://")
        self._known = target.parent / CHECKSUMS
        origin = hashlib.sha256(url.encode()).hexdigest()[:8]  # another place, another file
        self._part = target.with_name(f".{target.name}.{origin}.part")
        self.expected = sha256 or self._remembered().get(target.name)

    def run(self, advance: Advance = lambda came, total: None) -> str:
        """Fetch what is missing, check it, and put it in its place; return its checksum.

        Raises:
            DataError: the checksum is another one; what came is thrown away.
            MuseError: the server cannot be reached or breaks off, or the disk is full.
        """
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self._fetch(advance)
        found = sha256_of(self._part)
        if self.expected is not None and found != self.expected:
            self._part.unlink()
            raise DataError(
                f"{self.url}: the checksum is {found}, expected {self.expected}; the file is "
                "damaged or was changed by its authors; try again, and ask them if it stays so"
            )
        os.replace(self._part, self.target)
        if self.expected is None:
            atomic.write_json(self._known, {**self._remembered(), self.target.name: found})
        return found

    def _fetch(self, advance: Advance) -> None:
        have = self._part.stat().st_size if self._part.exists() else 0
        request = urllib.request.Request(self.url, headers={"User-Agent": "muse"})
        if have:
            request.add_header("Range", f"bytes={have}-")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                self._receive(answer, have, advance)
        except urllib.error.HTTPError as error:
            if error.code == 416 and have:  # nothing is missing; the checksum will tell
                advance(have, have)
                return
            raise MuseError(
                f"{self.url}: the server answers {error.code} {error.reason}; the file may have "
                "moved; look at its authors' page and name the new place with --from"
            ) from error
        except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            kept = self._part.stat().st_size if self._part.exists() else 0
            raise MuseError(
                f"cannot fetch {self.url}: {message_line(Exception(str(reason)))}; check the "
                f"network and run again ({kept / 2**20:.1f} MiB are kept), or download it "
                "elsewhere and name the file with --from"
            ) from error
        except OSError as error:
            clear = atomic.explain_write_error(error, self._part)
            if clear is None:
                raise
            raise clear from error

    def _receive(self, answer: Any, have: int, advance: Advance) -> None:
        resumed = getattr(answer, "status", None) == 206
        have = have if resumed else 0  # a server that cannot resume sends all of it again
        length = answer.headers.get("Content-Length")
        total = None if length is None else have + int(length)
        advance(have, total)
        with self._part.open("ab" if resumed else "wb") as part:
            while chunk := answer.read(_CHUNK):
                part.write(chunk)
                advance(len(chunk), total)
            part.flush()
            os.fsync(part.fileno())
            if total is not None and part.tell() != total:
                raise ConnectionError(f"it broke off after {part.tell()} of {total} bytes")

    def _remembered(self) -> dict[str, str]:
        try:
            known: dict[str, str] = json.loads(self._known.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise DataError(
                f"{self._known} cannot be read ({error}); mend it or remove it"
            ) from error
        return known


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
