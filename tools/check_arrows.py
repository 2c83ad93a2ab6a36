"""Holds the directions of imports between the six packages with import-linter.

The contracts are written from the folders on disk, because `muse.envs`, `muse.policies` and
`muse.cfgs` are filled by several packages: a module belongs to the package whose folder it lies in.

Run, where the packages are installed: python tools/check_arrows.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from packages import NAMES, folder

# package -> packages it may import; data and envs never each other, models core alone.
ARROWS = {
    "core": (),
    "data": ("core",),
    "envs": ("core",),
    "models": ("core",),
    "train": ("core", "data", "envs", "models"),
    "robot": ("core", "data", "envs"),
}


def main() -> int:
    """Write the contracts to a temporary file and run import-linter on it."""
    with tempfile.TemporaryDirectory() as place:
        config = Path(place) / "importlinter.ini"
        config.write_text(contracts(), encoding="utf-8")
        command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", config]
        return subprocess.run(command, check=False).returncode


def contracts() -> str:
    """Return the import-linter config that says ARROWS in modules."""
    units = {name: owned_modules(name) for name in NAMES}
    lines = ["[importlinter]", "root_packages =", "    muse"]
    for name, allowed in ARROWS.items():
        forbidden = [m for other in NAMES if other not in (name, *allowed) for m in units[other]]
        if not forbidden:
            continue
        title = f"muse-{name} imports {', '.join('muse-' + a for a in allowed) or 'none of ours'}"
        lines += ["", f"[importlinter:contract:{name}]", f"name = {title}", "type = forbidden"]
        lines += ["source_modules =", *(f"    {module}" for module in units[name])]
        lines += ["forbidden_modules =", *(f"    {module}" for module in forbidden)]
    return "\n".join(lines) + "\n"


def owned_modules(name: str) -> list[str]:
    """Return the largest modules that lie in package `name` alone."""
    source = folder(name) / "src"
    return [".".join(p.relative_to(source).with_suffix("").parts) for p in _units(source / "muse")]


def _units(place: Path) -> list[Path]:
    if (place / "__init__.py").is_file():
        return [place]
    found: list[Path] = []
    for path in sorted(place.iterdir()):
        if path.is_dir() and path.name != "__pycache__":
            found += _units(path)
        elif path.suffix == ".py":
            found.append(path)
    return found


if __name__ == "__main__":
    sys.exit(main())
