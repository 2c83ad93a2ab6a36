"""From a module to Markdown: signatures, docstrings and tables of declared parameters."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from muse.core.params import Configurable

_SIGNATURE_WIDTH = 88
_SECTIONS = ("Args:", "Returns:", "Raises:", "Attributes:", "Yields:")
_ITEM = re.compile(r"^(\*{0,2}[\w/., ]+?|[\w.]+Error|[\w`]+): (.*)$")


def module_section(module: ModuleType) -> str:
    """Return the section of a module, "" when it defines nothing public."""
    members = list(_public_members(module))
    if not members:
        return ""
    lines = [f"## {module.__name__}", "", docstring_text(inspect.getdoc(module))]
    for name, member in members:
        lines += ["", *_member(name, member)]
    return "\n".join(lines)


def docstring_text(docstring: str | None) -> str:
    """Return a docstring as Markdown; its sections become lists."""
    if not docstring:
        return ""
    out: list[str] = []
    in_section = False
    for line in docstring.splitlines():
        if line in _SECTIONS:
            in_section = True
            out += ["", f"**{line[:-1]}**", ""]
        elif in_section and line and not line.startswith(" "):
            in_section = False
            out += ["", _escape(line)]
        elif in_section:
            out.append(_section_line(line))
        else:
            out.append(line if line.startswith("    ") else _escape(line))
    return "\n".join(out)


def params_table(cls: type[Configurable]) -> list[str]:
    """Return the table of the parameters a class declares or inherits."""
    params = cls.all_params()
    if not params:
        return []
    lines = ["", "| parameter | type | default | unit | |", "|---|---|---|---|---|"]
    for param in params.values():
        kind = " or ".join(repr(c) for c in param.choices) if param.choices else _type_name(param)
        default = "required" if param.required else f"`{_cell(repr(_by_path(param.default)))}`"
        cells = (
            f"`{param.name}`",
            f"`{_cell(kind)}`",
            default,
            param.unit,
            _cell(_escape(param.help)),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _public_members(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, member in vars(module).items():
        is_public = inspect.isclass(member) or inspect.isfunction(member)
        if is_public and not name.startswith("_") and member.__module__ == module.__name__:
            yield name, member


def _member(name: str, member: Any) -> list[str]:
    kind = "class" if inspect.isclass(member) else "def"
    lines = [f"### {name}", "", "```python", f"{kind} {name}{_signature(member)}", "```", ""]
    lines.append(docstring_text(member.__doc__ and inspect.getdoc(member)))
    if not inspect.isclass(member):
        return lines
    if issubclass(member, Configurable):
        lines += params_table(member)
    for method_name, method in vars(member).items():
        function = _function_of(method)
        if function is None or method_name.startswith("_") or not function.__doc__:
            continue
        what = "" if isinstance(method, property) else _signature(function)
        lines += ["", f"#### {name}.{method_name}", ""]
        if what:
            lines += ["```python", f"{method_name}{what}", "```", ""]
        lines.append(docstring_text(inspect.getdoc(function)))
    return lines


def _function_of(method: Any) -> Any:
    if isinstance(method, property):
        return method.fget
    if isinstance(method, (classmethod, staticmethod)):
        return method.__func__
    return method if inspect.isfunction(method) else None


def _signature(member: Any) -> str:
    """Return `(a: int, …) -> str`, a parameter a line where it is long."""
    try:
        signature = inspect.signature(member)
    except (TypeError, ValueError):
        return "(…)"
    parameters = [
        p.replace(annotation=_annotation(p.annotation), default=_by_path(p.default))
        for p in signature.parameters.values()
    ]
    returned = _annotation(signature.return_annotation)
    text = str(signature.replace(parameters=parameters, return_annotation=returned))
    if len(text) <= _SIGNATURE_WIDTH or not parameters:
        return text
    pieces, tail = _split_arguments(text)
    return "(\n" + "".join(f"    {piece},\n" for piece in pieces) + tail


def _split_arguments(text: str) -> tuple[list[str], str]:
    """Split "(a, b[c, d]) -> e" into (["a", "b[c, d]"], ") -> e")."""
    pieces, depth, begin = [], 0, 1
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 1 and letter == ",":
            pieces.append(text[begin:at].strip())
            begin = at + 1
        elif depth == 0:
            return [*pieces, text[begin:at].strip()], text[at:]
    return pieces, ")"


class _Plain(str):
    """A text that is shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _annotation(value: Any) -> Any:
    return _Plain(value) if isinstance(value, str) else _by_path(value)


def _by_path(value: Any) -> Any:
    """Show functions and classes by their import path."""
    if value is inspect.Parameter.empty or not (
        inspect.isclass(value) or inspect.isfunction(value)
    ):
        return value
    return _Plain(f"{value.__module__}.{value.__qualname__}".removeprefix("builtins."))


def _section_line(line: str) -> str:
    if not line.strip():
        return ""
    depth = len(line) - len(line.lstrip())
    found = _ITEM.match(line.strip())
    if depth == 4 and found:
        return f"- `{found[1].strip('`')}`: {_escape(found[2])}"
    return ("- " if depth == 4 and not line.strip()[0].islower() else "  ") + _escape(line.strip())


def _escape(text: str) -> str:
    """Keep `<name>` and the like as text, but not within code."""
    parts = text.split("`")
    parts[::2] = [html.escape(part, quote=False) for part in parts[::2]]
    return "`".join(parts)


def _type_name(param: Any) -> str:
    return param.expected.partition(" [")[0]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
