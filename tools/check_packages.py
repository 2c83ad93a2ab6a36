"""Checks what no linter sees: one version everywhere, one owner for every file.

Run: python tools/check_packages.py
"""

from __future__ import annotations

import sys
from collections import defaultdict

from packages import NAMES, ROOT, folder, internal_pins, version

# Directories that several packages fill; an __init__.py there would hide the others' modules.
OPEN_NAMESPACES = ("muse", "muse/envs", "muse/policies", "muse/cfgs")


def main() -> int:
    """Print every breach and return 1 if there is one."""
    problems = [*_versions(), *_files()]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(NAMES)} packages: one version ({version('core')}), every file has one owner")
    return 1 if problems else 0


def _versions() -> list[str]:
    wanted = version("core")
    problems = [
        f"muse-{name} is version {version(name)}, muse-core is {wanted}: they must agree"
        for name in NAMES
        if version(name) != wanted
    ]
    licence = (ROOT / "LICENSE").read_bytes()
    for name in NAMES:
        # A copy, not a link: a link would dangle in the source distribution.
        if (folder(name) / "LICENSE").read_bytes() != licence:
            problems.append(f"packages/muse-{name}/LICENSE differs from LICENSE: copy it again")
        for other, pin in internal_pins(name).items():
            if pin != wanted:
                problems.append(f"muse-{name} asks for muse-{other}=={pin}, not =={wanted}")
    return problems


def _files() -> list[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    problems = []
    for name in NAMES:
        source = folder(name) / "src"
        for path in source.rglob("*"):
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            owners[path.relative_to(source).as_posix()].append(name)
    for file, names in owners.items():
        if len(names) > 1:
            problems.append(f"{file} is in {', '.join('muse-' + n for n in names)}: one may own it")
        parent, _, last = file.rpartition("/")
        is_open = parent in OPEN_NAMESPACES or parent.startswith("muse/cfgs/")
        if last == "__init__.py" and is_open:
            problems.append(f"{file} closes the open namespace {parent}: remove it")
        if last.endswith(".py") and not is_open and f"{parent}/__init__.py" not in owners:
            problems.append(f"{parent} has no __init__.py")
    return sorted(set(problems))


if __name__ == "__main__":
    sys.exit(main())
