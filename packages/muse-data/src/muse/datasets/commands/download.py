"""`muse data download`."""

from __future__ import annotations

import argparse
import urllib.parse
from pathlib import Path
from typing import Any

from muse.cli import console
from muse.core.errors import UsageError, suggest
from muse.datasets.tools.download import CHECKSUMS, Download, sha256_of
from muse.datasets.tools.public_sets import PUBLIC_SETS, PublicSet
from muse.datasets.tools.unpacking import unpack_zip
from muse.experiments.file_manager import default_base_dir


def add_parser(commands: Any) -> None:
    """Add `download` to the sub-commands."""
    parser = commands.add_parser(
        "download",
        help="fetch a public data set, resumed and checked",
        description="Fetch a public data set into data/NAME. A broken download goes on where it "
        "stopped. Files whose authors publish no checksum are taken as they come the first time, "
        "and must stay so.",
    )
    parser.add_argument("name", nargs="?", help="which; none: list them")
    parser.add_argument("--to", metavar="FOLDER", help="where to (data/NAME)")
    parser.add_argument(
        "--from", dest="source", metavar="FILE|URL", help="take the file from here instead"
    )
    parser.add_argument("--sha256", help="checksum the file must have")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.name is None:
        _list()
        return 0
    if arguments.name not in PUBLIC_SETS:
        near = suggest(arguments.name, PUBLIC_SETS)
        raise UsageError(
            f"no public data set {arguments.name!r}.{near} muse data download lists them"
        )
    chosen = PUBLIC_SETS[arguments.name]
    folder = Path(arguments.to or default_base_dir() / "data" / chosen.name)
    file = folder / chosen.filename
    checksum = arguments.sha256 or chosen.sha256
    if file.exists():
        _check_present(file, checksum)
    else:
        if file.suffix == ".zip" and _visible(folder):
            raise UsageError(
                f"{folder} holds {', '.join(_visible(folder))} already; move it away to fetch the "
                "data set again, or choose another --to"
            )
        _fetch(chosen, _address(arguments.source) or chosen.url, file, checksum)
    if file.suffix == ".zip":
        tops = unpack_zip(file, folder)
        file.unlink()
        console.info(f"unpacked {', '.join(str(folder / top) for top in tops)}")
    return 0


def _visible(folder: Path) -> list[str]:
    """Return what a person would see in `folder`, but for the checksums."""
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(p.name for p in there if p.name[0] != "." and p.name != CHECKSUMS)


def _list() -> None:
    console.table(
        "public data sets",
        ("name", "what", "by", "MiB", "checksum"),
        [
            (s.name, s.about, s.origin, s.mebibytes, "published" if s.sha256 else "first download")
            for s in PUBLIC_SETS.values()
        ],
    )


def _address(source: str | None) -> str | None:
    """Return `--from` as an address."""
    if source is None or urllib.parse.urlsplit(source).scheme in ("http", "https", "file"):
        return source
    path = Path(source)
    if not path.is_file():
        raise UsageError(f"--from {source}: no such file, and no address")
    return path.absolute().as_uri()


def _fetch(chosen: PublicSet, url: str, file: Path, checksum: str | None) -> None:
    download = Download(url, file, checksum)
    with console.progress(None, f"fetching {chosen.filename}, MiB") as bar:

        def advance(came: int, total: int | None) -> None:
            received[0] += came
            bar.total = None if total is None else -(-total // 2**20)
            bar.update(received[0] // 2**20 - bar.count)

        received = [0]
        found = download.run(advance)
    size = file.stat().st_size / 2**20
    how = "as expected" if download.expected else "remembered, as its authors publish none"
    console.info(f"wrote {file} ({size:.1f} MiB); sha256 {found}, {how}")


def _check_present(file: Path, checksum: str | None) -> None:
    expected = checksum or Download("file:///", file).expected
    found = sha256_of(file)
    if expected is not None and found != expected:
        raise UsageError(
            f"{file} is there, but its checksum is {found}, expected {expected}; move it away and "
            "run again"
        )
    console.info(f"{file} is there already; sha256 {found}")
