"""Reads damaged copies of a data set in a process of its own, with limited memory.

    python read_damaged.py GOOD FOLDER SEED ROUNDS

Prints JSON: how many copies were refused with a DataError, how many were read, and how much memory
was taken at most beyond what the undamaged set takes. Any other end is a failure of the reader.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import sys
import warnings
from pathlib import Path

from muse.core.errors import DataError
from muse.datasets.formats.catalogue import open_source

LIMIT = 4 << 30  # bytes of address space


def damage(file: Path, rng: random.Random) -> str:
    """Cut off, flip, blank out, repeat or exchange a part of a file; say what was done."""
    content = bytearray(file.read_bytes())
    kind = rng.choice(["cut", "flip", "flip", "blank", "repeat", "exchange", "header"])
    at = rng.randrange(len(content) or 1)
    size = rng.choice([1, 8, 64, 1024])
    if kind == "cut":
        del content[at:]
    elif kind in ("flip", "header"):
        for _ in range(rng.choice([1, 4, 32])):
            where = rng.randrange(min(len(content), 2048) if kind == "header" else len(content))
            content[where] ^= rng.randrange(1, 256)
    elif kind == "blank":
        content[at : at + size] = bytes([rng.choice([0, 255])]) * len(content[at : at + size])
    elif kind == "repeat":
        content[at:at] = content[at : at + size]
    else:
        other = rng.randrange(len(content))
        content[at : at + size] = content[other : other + size]
    file.write_bytes(bytes(content))
    return f"{kind} at {at} of {file.name}"


def read_all(path: Path, format: str) -> None:
    """Read every value both ways."""
    with open_source(path, format) as source:
        for i in range(len(source.lengths)):
            source.episode(i)
        for column in source.columns():
            for _ in source.pieces(column.name):
                pass
        source.unplaced(), source.info, source.filters, source.spec_params()


def main(good: Path, folder: Path, format: str, seed: int, rounds: int) -> None:
    """Damage, read, count."""
    warnings.simplefilter("ignore")
    read_all(good, format)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    counts = {"refused": 0, "read": 0}
    for number in range(rounds):
        rng = random.Random(f"{seed}/{number}")
        copy = folder / good.name
        if good.is_dir():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(good, copy)
            files = sorted(p for p in copy.rglob("*") if p.is_file())
        else:
            shutil.copy(good, copy)
            files = [copy]
        print(f"{number}: {damage(rng.choice(files), rng)}", file=sys.stderr, flush=True)
        try:
            read_all(copy, format)
            counts["read"] += 1
        except DataError as error:
            assert "\n" not in str(error), str(error)
            counts["refused"] += 1
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({**counts, "more_mib": taken / 1024}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
