"""What `-h` after a config shows: what can be set, its type, value, unit and meaning."""

from __future__ import annotations

import inspect
import os
import shutil
import textwrap
from collections.abc import Sequence
from typing import Any

from muse.configs import values
from muse.configs.checker import complete, resolve
from muse.configs.classes import Unavailable, class_of
from muse.configs.command_line import apply_args, percent_path, valid_names
from muse.configs.config import Config
from muse.configs.draft import Draft, clone, is_group, join
from muse.configs.exp_name import local_name
from muse.configs.load import load_draft
from muse.configs.show import show_value
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.core.params import REQUIRED, Param

_WIDTH = 100
_NAME_COLUMN = 34


def config_help(path: str | os.PathLike[str], args: Sequence[str]) -> str | None:
    """Return the help that `-h` or `--help` among a config's words asks for, or None.

    A config that does not resolve yet (a required value missing, say) still has its help.
    """
    if not {"-h", "--help"}.intersection(args):
        return None
    draft, name = load_draft(path)
    group = apply_args(draft, args)
    return None if group is None else draft_help(draft, name, group)


def draft_help(draft: Draft, name: str, group_path: str = "") -> str:
    """Return the help of a config that may not resolve; see `format_help`."""
    attempt = Draft(clone(draft.tree), dict(draft.origins), declared=draft.declared)
    try:
        resolve(attempt)
    except ConfigError as error:
        attempt = draft
        complete(attempt)
        attempt.notes.append(f"this config does not resolve yet: {error}")
    shown = Config(
        attempt.tree,
        provenance=attempt.origins,
        source_file=name,
        notes=tuple(attempt.notes),
        unchecked=attempt.unchecked,
        declared=attempt.declared,
    )
    return format_help(shown, group_path)


def format_help(config: Config, group_path: str = "") -> str:
    """Return the help of the root ('') or of one group: `model`, `env_train/camera`.

    Raises:
        ConfigError: there is no such group.
    """
    path = group_path.strip("/")
    value = config.params.get(path) if path else config.params
    if not isinstance(value, AttrDict):
        raise ConfigError(f"help: the config has no group {path!r}: {', '.join(config.params)}")
    draft = Draft(config.params, config.provenance, declared=config.declared)
    lines = _heading(config, path, value)
    names = valid_names(draft, path)
    if names:
        lines += ["", "options:"]
        for name, param in names.items():
            if is_group(value.get(name)):
                continue  # listed below
            origin = config.provenance.get(join(path, name))
            lines += _option(param, value.get(name, REQUIRED), origin)
    inner = [(p, n) for p, n in _inner_groups(value, path)]
    if inner:
        lines += ["", "groups:"]
        for inner_path, node in inner:
            lines += _row("  " + _percent(inner_path, path), _class_line(node, inner_path))
    lines += ["", *_general(path)]
    lines += [f"note: {note}" for note in config.notes if note.startswith(("this config", path))]
    return "\n".join(lines)


def _heading(config: Config, path: str, node: AttrDict) -> list[str]:
    source = config.source_file or "CONFIG"
    where = percent_path(path) if path else ""
    lines = [f"usage: … {source}{' ' + where if where else ''} [options] [%group …]"]
    if is_group(node):
        lines += ["", *textwrap.wrap(f"{path or 'config'}: {_class_line(node, path)}", _width())]
    if path in config.unchecked:
        lines += [f"(its parameters are not known here: {config.unchecked[path]})"]
    if node.get("exp_name") is not None:
        try:
            lines += ["", f"experiment name: {local_name(config.params, path)}"]
        except ConfigError as error:
            lines += ["", f"experiment name: not known yet ({error})"]
    return lines


def _option(param: Param, value: Any, origin: str | None) -> list[str]:
    dashes = "--[no-]" if values.is_flag(param) else "--"
    kind = param.expected
    if param.required and not param.help:  # not declared, but read off the config's value
        kind = kind.removesuffix(" or None")
    left = f"  {dashes}{param.name}  {kind}"
    if param.name == "cls":
        left = "  --cls  import path of a class"
    about = param.help.rstrip(".") if param.help else ""
    parts = [about] if about else []
    if value is REQUIRED:
        parts.append("required" if param.required else f"default {show_value(param.default)}")
    else:
        parts.append(f"now {show_value(value)}" + (f", {origin}" if origin else ""))
        if not param.required and param.help and not _same(value, param.default):
            parts.append(f"default {show_value(param.default)}")
    return _row(left, "; ".join(parts))


def _row(left: str, text: str) -> list[str]:
    """Lay out one entry: name at the left, text wrapped beside it, or below a long name."""
    indent = " " * _NAME_COLUMN
    wrapped = textwrap.wrap(text, max(_width() - _NAME_COLUMN, 30)) or [""]
    if len(left) + 2 > _NAME_COLUMN:
        return [left, *[indent + line for line in wrapped]]
    return [left.ljust(_NAME_COLUMN) + wrapped[0], *[indent + line for line in wrapped[1:]]]


def _class_line(node: AttrDict, path: str) -> str:
    """Name the class of a group and what its docstring says first."""
    cls: Any = node.get("cls")
    name = cls if isinstance(cls, str) else getattr(cls, "__qualname__", str(cls))
    try:
        found = class_of(node, path)
    except (Unavailable, ConfigError):
        return name
    doc = inspect.getdoc(found) if found is not None else None
    return f"{name} – {doc.splitlines()[0]}" if doc else name


def _inner_groups(node: AttrDict, path: str) -> list[tuple[str, AttrDict]]:
    """Return the groups inside a node, outer ones first."""
    found: list[tuple[str, AttrDict]] = []
    for key, value in node.items():
        if isinstance(value, AttrDict):
            here = join(path, key)
            found += [(here, value)] if is_group(value) else []
            found += _inner_groups(value, here)
    return found


def _percent(path: str, base: str) -> str:
    """Write a group as on the command line, indented by its depth below the help's group."""
    depth = len(path.split("/"))
    below = depth - (len(base.split("/")) if base else 0)
    return "  " * (below - 1) + "%" * depth + path.rpartition("/")[2]


def _general(path: str) -> list[str]:
    example = f"%{path.split('/')[0]} -h" if path else "%group -h"
    return [
        "also: --set name=LITERAL for any Python value; --name=value where a value starts with",
        f"      '--' or '%'; {example} shows one group, `muse resolve` all values and origins.",
    ]


def _same(value: Any, default: Any) -> bool:
    return bool(show_value(value) == show_value(default))


def _width() -> int:
    return min(shutil.get_terminal_size((_WIDTH, 24)).columns, 120)
