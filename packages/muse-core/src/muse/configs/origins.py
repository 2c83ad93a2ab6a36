"""Which file and line each value of a config was written in.

The line is read off the source, without running it: keyword arguments of the expression behind
`export`, through names, `a & b`, `.copy()`, sub-nodes, later assignments and configs that it
imports. What cannot be followed (values made by loops or functions) is given the file alone.
"""

from __future__ import annotations

import ast
from pathlib import Path

from muse.configs.loader import look_up, show
from muse.core.attrdict import AttrDict

Places = dict[str, str]  # path in the tree → "file:line"


def file_origins(file: Path, export: AttrDict) -> Places:
    """Return leaf path → "file:line", or "file", for the export of a config file."""
    found = _Source(file, {}).places("export")
    origins = {}
    for leaf in export.leaf_keys():
        path = leaf
        while path and path not in found:
            path = path.rpartition("/")[0]
        origins[leaf] = found.get(path) or show(file)
    return origins


class _Source:
    """One config file: where the leaves of its top-level names were written."""

    def __init__(self, file: Path, opened: dict[Path, _Source]) -> None:
        self.file = file
        self.shown = show(file)
        self.opened = opened
        self.known: dict[str, Places] = {}
        opened[file.resolve()] = self
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            return
        for statement in tree.body:
            self._read(statement)

    def places(self, name: str) -> Places:
        return self.known.get(name, {})

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.ImportFrom):
            self._read_import(statement)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(statement.target, statement.value)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(target, statement.value)

    def _read_import(self, statement: ast.ImportFrom) -> None:
        if statement.level:
            file: Path | None = self.file.parent
            for _ in range(statement.level - 1):
                file = file.parent if file else None
            parts = (statement.module or "").split(".")
            file = (file / "/".join(parts)).with_suffix(".py") if file else None
        else:
            file = look_up(statement.module or "")
        if file is None or not file.is_file():
            return
        source = self.opened.get(file.resolve()) or _Source(file, self.opened)
        for alias in statement.names:
            self.known[alias.asname or alias.name] = dict(source.places(alias.name))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        path = _target(target)
        if path is None:
            return
        name, _, inner = path.partition("/")
        found = self._expression(value)
        if not inner:
            self.known[name] = found
            return
        known = self.known.setdefault(name, {})
        for old in [p for p in known if p == inner or p.startswith(inner + "/")]:
            del known[old]
        known.update({f"{inner}/{p}": place for p, place in found.items()})
        if not found:
            known[inner] = f"{self.shown}:{value.lineno}"

    def _expression(self, node: ast.expr) -> Places:
        """Return the places of the leaves of the tree that an expression makes."""
        if isinstance(node, ast.Name):
            return dict(self.places(node.id))
        if isinstance(node, ast.BinOp):
            return {**self._expression(node.left), **self._expression(node.right)}
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            path = _target(node)
            name, _, inner = (path or "").partition("/")
            start = inner + "/"
            places = self.places(name)
            return {p[len(start) :]: at for p, at in places.items() if p.startswith(start)}
        if isinstance(node, ast.Dict):
            return self._pairs(
                [(_constant(k), k or v, v) for k, v in zip(node.keys, node.values, strict=True)]
            )
        if isinstance(node, ast.Call):
            return self._call(node)
        return {}

    def _call(self, node: ast.Call) -> Places:
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "leaf_copy"):
            return self._expression(node.func.value)
        if _called(node) in ("Field", "partial"):
            return {}
        found: Places = {}
        for argument in node.args:
            if isinstance(argument, ast.Dict):
                found.update(self._expression(argument))
        found.update(self._pairs([(k.arg, k.value, k.value) for k in node.keywords]))
        return found

    def _pairs(self, pairs: list[tuple[str | None, ast.expr, ast.expr]]) -> Places:
        found: Places = {}
        for name, where, value in pairs:
            inner = self._expression(value)
            if name is None:  # **other
                found.update(inner)
            elif inner and not isinstance(value, ast.Dict):
                found.update({f"{name}/{p}": place for p, place in inner.items()})
            else:
                found[name] = f"{self.shown}:{where.lineno}"
        return found


def _target(node: ast.expr) -> str | None:
    """Return `a.b["c/d"]` as the path `a/b/c/d`, None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head, tail = _target(node.value), node.attr
    elif isinstance(node, ast.Subscript):
        head, tail = _target(node.value), _constant(node.slice) or ""
    else:
        return None
    return f"{head}/{tail}" if head and tail else None


def _constant(node: ast.expr | None) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[union-attr,return-value]


def _called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
