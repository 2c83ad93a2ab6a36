"""Which sub-commands there are, found without importing any of them."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

GROUP = "muse.commands"

# Every command of this version and the distribution that brings it.
HOMES = {
    "collect": "muse-train",
    "data": "muse-data",
    "doctor": "muse-core",
    "envs": "muse-envs",
    "eval": "muse-train",
    "resolve": "muse-core",
    "robot": "muse-robot",
    "train": "muse-train",
}
# Documented commands that a later version brings, and with which distribution.
COMING = {
    "interactive-collect": "muse-robot",
    "monitor": "muse-train",
    "serve": "muse-robot",
}


@dataclass(frozen=True)
class Command:
    """A sub-command that is installed: its name and the function `main(argv) -> int` behind it."""

    name: str
    entry_point: EntryPoint

    def summary(self) -> str:
        """Return the first docstring line of the function, read from the source file."""
        source = _source_of(self.entry_point.module)
        if source is None:
            return ""
        try:
            tree = ast.parse(source.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            return ""
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == self.entry_point.attr:
                return _first_line(ast.get_docstring(node)) or _first_line(ast.get_docstring(tree))
        return _first_line(ast.get_docstring(tree))


def installed_commands() -> dict[str, Command]:
    """Return the sub-commands of all installed packages by name, in alphabetical order."""
    found = {point.name: Command(point.name, point) for point in entry_points(group=GROUP)}
    return dict(sorted(found.items()))


def _first_line(docstring: str | None) -> str:
    return docstring.splitlines()[0].rstrip(".") if docstring else ""


def _source_of(module: str) -> Path | None:
    """Return the file of `module` below the namespace `muse`; parents are not imported for it."""
    root, *rest = module.split(".")
    spec = importlib.util.find_spec(root)
    if spec is None or not rest:
        return None
    for place in spec.submodule_search_locations or []:
        base = Path(place).joinpath(*rest)
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path
    return None
