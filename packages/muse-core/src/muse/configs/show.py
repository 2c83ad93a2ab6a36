"""A config for people's eyes: the tree with values and where each came from."""

from __future__ import annotations

import functools
import json
from typing import Any

from muse.configs.config import Config
from muse.configs.draft import join
from muse.configs.serialize import encode
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, suggest

_VALUE_WIDTH = 60  # characters of a value shown in the tree


def show_value(value: Any, limit: int = 0) -> str:
    """Return a value as one line: literals as Python writes them, objects by name.

    Args:
        limit: characters to cut to, 0 for all.
    """
    text = _text(value)
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def tree_text(config: Config) -> str:
    """Return the tree as aligned columns: name, value, where the value came from."""
    rows = _rows(config, config.params, "", "")
    names = max((len(name) for name, _, _ in rows), default=0)
    shown = max((len(value) for _, value, _ in rows if value), default=0)
    lines = _head(config)
    for name, value, origin in rows:
        lines.append(f"{name.ljust(names)}  {value.ljust(shown)}  {origin}".rstrip())
    return "\n".join([*lines, *_tail(config)])


def node_text(node: AttrDict) -> str:
    """Return a node as aligned columns of name and value."""
    rows = _rows(Config(node), node, "", "")
    width = max((len(name) for name, _, _ in rows), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}".rstrip() for name, value, _ in rows)


def rich_tree(config: Config) -> Any:
    """Return the tree as a `rich` renderable."""
    from rich.console import Group
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(config.exp_name or config.source_file or "config", style="bold"))
    rows = _rows(config, config.params, "", "")
    names = max((len(name) for name, _, _ in rows), default=0)
    shown = max((len(value) for _, value, _ in rows), default=0)

    def grow(branch: Tree, node: AttrDict, path: str, depth: int) -> None:
        for key, value in node.items():
            here = join(path, key)
            label = Text(key, style="cyan")
            if isinstance(value, AttrDict):
                label.stylize("bold")
                grow(branch.add(label), value, here, depth + 1)
                continue
            text = show_value(value, _VALUE_WIDTH)
            gap = max(names - 4 * depth - len(key), 0) + 2 + 4
            label.append(" " * gap).append(text, style="green" if key != "cls" else "magenta")
            label.append(" " * (max(shown - len(text), 0) + 2))
            label.append(config.provenance.get(here, ""), style="dim")
            branch.add(label)

    grow(root, config.params, "", 1)
    head = [Text(line) for line in _head(config)]
    return Group(*head, root, *[Text(line, style="yellow") for line in _tail(config)])


def query(config: Config, key: str) -> Any:
    """Return the value or node at `key` (`a/b` or `a.b`); a bare name may lie anywhere if unique.

    Raises:
        ConfigError: there is none, or several.
    """
    path = key.strip("/").replace(".", "/")
    if path in config.params:
        return config.params[path]
    everywhere = list(config.params.node_leaf_keys())
    found = [p for p in everywhere if p.endswith("/" + path)]
    if len(found) == 1:
        return config.params[found[0]]
    if found:
        raise ConfigError(f"--query {key!r} is there {len(found)} times: {', '.join(found[:8])}")
    raise ConfigError(f"--query {key!r}: the config has no such key.{suggest(path, everywhere)}")


def to_json(value: Any) -> str:
    """Return a value or node as JSON text, written as in config.json."""
    return json.dumps(encode(value), indent=2, allow_nan=False)


def _head(config: Config) -> list[str]:
    lines = [f"config    {config.source_file}"] if config.source_file else []
    return [*lines, f"exp_name  {config.exp_name or '(none)'}", ""]


def _tail(config: Config) -> list[str]:
    lines = [f"note: {note}" for note in config.notes]
    lines += [
        f"note: {path or 'the config'} was not checked: {why}"
        for path, why in config.unchecked.items()
    ]
    return ["", *lines] if lines else []


def _rows(config: Config, node: AttrDict, path: str, indent: str) -> list[tuple[str, str, str]]:
    """Return (indented name, value, origin) for everything below a node."""
    rows = []
    for key, value in node.items():
        here = join(path, key)
        if isinstance(value, AttrDict):
            rows.append((indent + key, "" if len(value) else "(empty)", ""))
            rows += _rows(config, value, here, indent + "  ")
        else:
            text = show_value(value, _VALUE_WIDTH)
            rows.append((indent + key, text, config.provenance.get(here, "")))
    return rows


def _text(value: Any) -> str:
    if isinstance(value, AttrDict):
        return "{" + ", ".join(f"{k}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, functools.partial):
        given = [*map(_text, value.args), *(f"{k}={_text(v)}" for k, v in value.keywords.items())]
        return f"{_text(value.func)}({', '.join([*given, '…'])})"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_text, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__}"
    return " ".join(repr(value).split())
