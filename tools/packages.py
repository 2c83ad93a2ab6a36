"""What the checks and nox know about the six packages."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("core", "data", "envs", "models", "train", "robot")
# The packages whose base dependencies must not bring torch.
WITHOUT_TORCH = ("core", "data", "envs", "robot")


def folder(name: str) -> Path:
    """Return `packages/muse-<name>`."""
    return ROOT / "packages" / f"muse-{name}"


def version(name: str) -> str:
    """Return the version in the package's pyproject.toml."""
    text = (folder(name) / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{folder(name)}/pyproject.toml has no line: version = …")
    return found.group(1)


def internal_pins(name: str) -> dict[str, str]:
    """Return {package: version} of the `muse-x==version` lines in the package's pyproject.toml."""
    text = (folder(name) / "pyproject.toml").read_text(encoding="utf-8")
    return dict(re.findall(r'"muse-(\w+)==([^"]+)"', text))


def needed_by(name: str) -> list[str]:
    """Return `name` and every package of ours it depends on, itself first."""
    found = [name]
    for other in found:
        found += [p for p in internal_pins(other) if p not in found]
    return found
