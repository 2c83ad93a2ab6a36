"""The words that follow a config on a command line.

    CONFIG <root options> %group <options> %%subgroup <options> %other <options> …

- `%group` starts the options of a group, `%%sub` those of a group inside the last `%group`, and so
  on; everything belongs to it until the next `%`. A group may come several times. `%a/b` is the
  same as `%a %%b`.
- The first word after `%group` may be a config (file or module with `export`) or the import path
  of a class: it is merged over the group, and keys that the new class does not declare go.
- `--name value`, `--name=value`; `a/b` is a name inside a local node. Lists take several words or
  one literal: `--names a b`, `--sizes [64,64]`. Numbers may be written as `1e3`, None as `None`.
- `--flag`, `--no-flag`, `--no_flag`, `--flag=false` for booleans.
- `--set a.b=LITERAL` (or `a/b=LITERAL`) for any Python literal; several may follow one `--set`.
- `--extra_exp_name X` where there is an `exp_name`.
- `-h`, `--help`: what can be set in the group it stands in.

A value that starts with `--` or `%` is written with `=`: `--format=%d`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from muse.configs import values
from muse.configs.classes import known_declarations
from muse.configs.draft import Draft, is_group, join, node_at, nodes
from muse.configs.field import Field
from muse.configs.source import merge_source
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, suggest
from muse.core.params import Param

ORIGIN = "command line"
_GROUP = re.compile(r"(%+)([A-Za-z_][\w/-]*)")
_HELP = ("-h", "--help")


def apply_args(draft: Draft, args: Sequence[str]) -> str | None:
    """Apply command-line words to a draft; return the group path whose help was asked, or None.

    Raises:
        ConfigError: an unknown group or key, a wrong value; it names the group, the name, the
            nearest valid names.
    """
    help_path: str | None = None
    levels: list[str] = []
    for head, words in _blocks(args):
        if head:
            levels = _descend(draft, levels, head, words)
        asked = _apply_block(draft, "/".join(levels), words, head)
        help_path = asked if asked is not None else help_path
    return help_path


def owner_name(draft: Draft, path: str) -> str:
    """Return how errors call the group at `path`: "model (RnnModel)"."""
    cls = node_at(draft.tree, path).get("cls") if path else None
    name = cls.rpartition(".")[2] if isinstance(cls, str) else getattr(cls, "__name__", "")
    return (path or "config") + (f" ({name})" if name else "")


def valid_names(draft: Draft, path: str) -> dict[str, Param]:
    """Return what may be set in the node at `path`: keys of its config and declared parameters.

    Keys in nodes below that are no groups are there as `a/b`.
    """
    node = node_at(draft.tree, path)
    declared = known_declarations(node, path) if is_group(node) else None
    names = {name: values.param_for(name, value) for name, value in _local_items(node)}
    names.update(declared or {})
    names.update(draft.declared.get(path, {}))
    if "exp_name" in node:
        names.setdefault("extra_exp_name", Param("extra_exp_name", str, None))
    return names


def _blocks(args: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Split at the `%group` words: [("", root words), ("%group", its words), …]."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for word in args:
        if _GROUP.fullmatch(word):
            blocks.append((word, []))
        elif word.startswith("%"):
            raise ConfigError(
                f"{word!r} is no group: expected a name after '%' such as %model "
                "(a value that starts with '%' is written --name=%value)"
            )
        else:
            blocks[-1][1].append(word)
    for i, (head, words) in enumerate(blocks):
        deeper = i + 1 < len(blocks) and blocks[i + 1][0].startswith("%" * (_depth(head) + 1))
        if head and not words and not deeper:
            raise ConfigError(
                f"{head} is followed by nothing: expected its options, e.g. {head} -h"
            )
    return blocks


def _depth(head: str) -> int:
    return len(head) - len(head.lstrip("%"))


def _descend(draft: Draft, levels: list[str], head: str, words: list[str]) -> list[str]:
    """Return the path of the group `head` means, which exists or is about to be made."""
    depth, name = _depth(head), head.lstrip("%").strip("/")
    if depth > len(levels) + 1:
        outer = "%" * (depth - 1)
        raise ConfigError(f"{head} has no group to be in: write {outer}group before it")
    levels = [*levels[: depth - 1], name]
    path = "/".join(levels)
    value = draft.tree.get(path)
    if isinstance(value, Field):
        raise ConfigError(
            f"{head}: {path} is {value!r}, a copy of another group; override the group it refers to"
        )
    makes_new = bool(words) and not words[0].startswith("-")
    if not isinstance(value, AttrDict) and not (makes_new and value is None):
        outer_node = node_at(draft.tree, "/".join(levels[:-1]))
        there = [key for key, item in outer_node.items() if isinstance(item, AttrDict)]
        raise ConfigError(
            f"unknown group {head}: {'/'.join(levels[:-1]) or 'the config'} has "
            f"{', '.join(there) or 'no groups'}.{suggest(name, there)} A new group starts with "
            f"its class or config file: {head} path/to/config.py"
        )
    return levels


def _apply_block(draft: Draft, path: str, words: list[str], head: str) -> str | None:
    help_path = None
    at = 0
    if words and not words[0].startswith("-"):
        if not head:
            raise ConfigError(
                f"unexpected word {words[0]!r} after the config: options start with --, "
                "groups with %"
            )
        merge_source(draft, path, words[0], ORIGIN)
        at = 1
    while at < len(words):
        word = words[at]
        if word in _HELP:
            help_path = path
            at += 1
            continue
        if not word.startswith("--") or word == "--":
            raise ConfigError(
                f"{owner_name(draft, path)}: unexpected word {word!r}: options start with --, "
                "groups with %"
            )
        at = _apply_option(draft, path, words, at)
    return help_path


def _apply_option(draft: Draft, path: str, words: list[str], at: int) -> int:
    """Apply the option at `words[at]`; return the index of the next one."""
    name, equals, inline = words[at][2:].partition("=")
    if name == "set":
        return _apply_set(draft, path, words, at, inline if equals else None)
    found = _find(draft, path, name)
    owner = owner_name(draft, path)
    given, at = ([inline], at + 1) if equals else _following(words, at + 1)
    key, param, negated = found
    if negated:
        if given and (equals or len(given) == 1 and given[0].lower() in ("true", "false")):
            raise ConfigError(f"{owner}: --{name} takes no value, got {given[0]!r}")
        value: Any = False
    elif not given and values.is_flag(param):
        value = True
    elif not given and not values.is_list(param):
        raise ConfigError(f"{owner}: --{name} needs a value: expected {param.expected}")
    else:
        value = values.read_words(param, given, owner)
    if key == "cls":
        merge_source(draft, path, str(given[0]) if given else "", ORIGIN)
    else:
        _write(draft, join(path, key), value)
    return at


def _apply_set(draft: Draft, path: str, words: list[str], at: int, inline: str | None) -> int:
    given, at = ([inline], at + 1) if inline is not None else _following(words, at + 1)
    owner = owner_name(draft, path)
    if not given:
        raise ConfigError(f"{owner}: --set needs name=value, e.g. --set a.b=[1,2]")
    for assignment in given:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise ConfigError(f"{owner}: --set {assignment!r}: expected name=value, e.g. a.b=[1,2]")
        key = name.strip().replace(".", "/")
        holder, leaf = _holder(draft, path, key)
        declared = known_declarations(node_at(draft.tree, holder), holder) or {}
        declared = {**declared, **draft.declared.get(holder, {})}
        value = values.read_literal(text)
        if leaf in declared:
            value = values.fit_literal(declared[leaf], value, text, owner_name(draft, holder))
        if leaf == "cls":
            merge_source(draft, holder, str(value), ORIGIN)
        else:
            _write(draft, join(holder, leaf), value)
    return at


def _following(words: list[str], at: int) -> tuple[list[str], int]:
    """Return the words up to the next option, and the index of that."""
    end = at
    while end < len(words) and not (words[end].startswith("--") or words[end] in _HELP):
        end += 1
    return words[at:end], end


def _find(draft: Draft, path: str, name: str) -> tuple[str, Param, bool]:
    """Return (key, declaration, whether it is `--no-key`) for the option `--name`."""
    names = valid_names(draft, path)
    key = name if name in names else name.replace("-", "_")
    if key in names:
        return key, names[key], False
    head, slash, tail = key.rpartition("/")
    if tail.startswith("no_") and values.is_flag(
        names.get(head + slash + tail[3:], Param("", str))
    ):
        return head + slash + tail[3:], names[head + slash + tail[3:]], True
    if "/" in key:  # into a group below
        holder, leaf = _holder(draft, path, key)
        inner = valid_names(draft, holder)
        if leaf in inner:
            return key, inner[leaf], False
    raise unknown_key(draft, path, name, names)


def percent_path(path: str) -> str:
    """Return the words that lead to the group at `path`: "%model %%encoder"."""
    parts = path.split("/") if path else []
    return " ".join("%" * depth + part for depth, part in enumerate(parts, 1)) or "the config"


def unknown_key(draft: Draft, path: str, name: str, names: Any) -> ConfigError:
    """Return the error for a name that the node at `path` does not have."""
    near = suggest(name, names)
    elsewhere = [
        other
        for other, node in nodes(draft.tree)
        if other != path and name.rpartition("/")[2] in valid_names(draft, other)
    ][:3]
    if not near and elsewhere:
        places = " or ".join(map(percent_path, elsewhere))
        near = f" It is a parameter of {places}."
    if not near:
        listed = ", ".join(sorted(names))
        near = f" It has: {listed or 'no parameters'}."
    node = node_at(draft.tree, path)
    if is_group(node) and known_declarations(node, path) is None:
        near += f" Its class declares nothing known here; a new key is --set {name}=VALUE."
    return ConfigError(f"{owner_name(draft, path)}: unknown key {name!r}.{near}")


def _holder(draft: Draft, path: str, key: str) -> tuple[str, str]:
    """Return the nearest group (or root) that `key` lies in, and the key's name there.

    Raises:
        ConfigError: the key is neither in the config nor declared, and its group is one whose
            names are known.
    """
    holder, leaf = path, key
    parts = key.split("/")
    for count in range(len(parts) - 1, 0, -1):
        inner = join(path, "/".join(parts[:count]))
        if is_group(draft.tree.get(inner)):
            holder, leaf = inner, "/".join(parts[count:])
            break
    node = node_at(draft.tree, holder)
    declared = known_declarations(node, holder) if is_group(node) else None
    known = leaf in node or leaf in valid_names(draft, holder)
    is_open = is_group(node) and declared is None and "/" not in leaf
    # A declared parameter that is a tree itself (keyword arguments, say) takes any name in it.
    is_open = is_open or any(leaf.startswith(name + "/") for name in declared or ())
    if not known and not is_open:
        raise unknown_key(draft, holder, leaf, valid_names(draft, holder))
    return holder, leaf


def _write(draft: Draft, path: str, value: Any) -> None:
    old = draft.tree.get(path)
    if isinstance(old, AttrDict) and len(old) and not isinstance(value, AttrDict):
        raise ConfigError(
            f"{path} is a group, it cannot be set to {value!r}: set its keys, "
            f"e.g. {percent_path(path)} --{next(iter(old))} …"
        )
    draft.set(path, value, ORIGIN)
    draft.changed.add(path)


def _local_items(node: AttrDict, prefix: str = "") -> list[tuple[str, Any]]:
    """Leaves of a node and of the nodes in it that are no groups."""
    items: list[tuple[str, Any]] = []
    for key, value in node.items():
        if not isinstance(value, AttrDict):
            items.append((prefix + key, value))
        elif not is_group(value):
            items.extend(_local_items(value, f"{prefix}{key}/"))
    return items
