"""Completing and checking every group against what its class declares."""

from __future__ import annotations

from typing import Any

from muse.configs.classes import Unavailable, class_of, declarations, extra_declarations
from muse.configs.draft import Draft, clone, groups, join
from muse.configs.field import holds_field
from muse.configs.resolver import resolve_fields
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, ParamError, suggest
from muse.core.params import BOOKKEEPING_KEYS, Param, object_path


def resolve(draft: Draft) -> None:
    """Complete a draft, work out its Fields and check it."""
    complete(draft)
    resolve_fields(draft)
    complete(draft, final=True)
    check(draft)
    name_classes(draft)


def complete(draft: Draft, final: bool = False) -> None:
    """Give every group the defaults its class declares for what the config leaves out.

    Args:
        final: Fields are values by now, so declarations that depend on values count too.
    """
    done: set[str] = set()
    while True:  # a default may itself be a group
        todo = [(path, node) for path, node in groups(draft.tree) if path not in done]
        if not todo:
            return
        for path, node in todo:
            done.add(path)
            try:
                cls = class_of(node, path)
            except Unavailable as error:
                draft.unchecked[path] = str(error)
                continue
            draft.unchecked.pop(path, None)
            for name, param in _all_declared(cls, node, final).items():
                if param.required or name in node or _is_hidden(name, node):
                    continue
                origin = f"default of {getattr(cls, '__name__', cls)}"
                draft.set(join(path, name), clone(param.default), origin)
                draft.defaults.add(join(path, name))


def check(draft: Draft) -> None:
    """Check every group against its class and bring its values into the declared types.

    Raises:
        ConfigError: an unknown key or a wrong value; it names the group's path and class.
    """
    for path, params in draft.declared.items():
        for name, param in params.items():
            where = join(path, name)
            if where in draft.tree:
                _check_value(draft, where, draft.tree[where], param, path or "config")
    for path, node in groups(draft.tree):
        if path in draft.unchecked:
            continue
        try:
            cls = class_of(node, path)
        except Unavailable as error:
            draft.unchecked[path] = str(error)
            continue
        declared = declarations(cls)
        if cls is None or declared is None:
            continue
        owner = f"{path or 'config'} ({cls.__name__})"
        _check_values(draft, path, node, declared, owner)
        more = extra_declarations(cls, node)  # may look at values, good ones by now
        _refuse_unknown(draft, path, node, {**declared, **more}, owner)
        _check_values(draft, path, node, more, owner)


def name_classes(draft: Draft) -> None:
    """Write the class of every group as its import path, where it has one."""
    for path, node in groups(draft.tree):
        cls = node["cls"]
        if isinstance(cls, type):
            try:
                name = object_path(cls)
            except ConfigError:
                continue  # a local class: usable in this process, refused by to_json
            try:
                reachable = class_of(AttrDict(cls=name), path) is cls
            except (Unavailable, ConfigError):
                reachable = False
            if reachable:
                node["cls"] = name


def _all_declared(cls: type | None, node: AttrDict, final: bool) -> dict[str, Param]:
    declared = declarations(cls)
    if cls is None or declared is None or not final:
        return declared or {}
    try:
        return {**declared, **extra_declarations(cls, node)}
    except Exception:  # looked at a wrong value; `check` says which
        return declared


def _check_values(
    draft: Draft, path: str, node: AttrDict, declared: dict[str, Param], owner: str
) -> None:
    for name, param in declared.items():
        if name in node:
            _check_value(draft, join(path, name), node[name], param, owner)
        elif param.required:
            note = f"{join(path, name)} is required and not set ({param.expected})"
            draft.notes.append(note)


def _check_value(draft: Draft, path: str, value: Any, param: Param, owner: str) -> None:
    try:
        checked = param.validate(value, owner)
    except ParamError as error:
        origin = draft.origins.get(path)
        raise ParamError(f"{error} (from {origin})" if origin else str(error)) from None
    if checked is not value and not isinstance(value, AttrDict):
        origin = draft.origins.get(path, "")
        draft.set(path, checked, origin)


def _refuse_unknown(
    draft: Draft, path: str, node: AttrDict, declared: dict[str, Param], owner: str
) -> None:
    for key in _undeclared(node, declared):
        near = suggest(key, declared)
        if not near:
            near = f" It has: {', '.join(sorted(declared)) or 'no parameters'}."
        origin = draft.origins.get(join(path, key))
        where = f" (from {origin})" if origin else ""
        raise ConfigError(f"{owner}: unknown key {key!r}{where}.{near}")


def _undeclared(node: AttrDict, declared: dict[str, Param], prefix: str = "") -> list[str]:
    """Names in a group that its class does not declare; `a/b` where only parts of `a` are."""
    unknown: list[str] = []
    for key, value in node.items():
        name = prefix + key
        if name in declared or (not prefix and key in BOOKKEEPING_KEYS):
            continue
        if isinstance(value, AttrDict) and any(d.startswith(name + "/") for d in declared):
            unknown.extend(_undeclared(value, declared, name + "/"))
        else:
            unknown.append(name)
    return unknown


def _is_hidden(name: str, node: AttrDict) -> bool:
    """Whether a nested default `a/b` has no place, because `a` is a value or a Field."""
    head, slash, _ = name.rpartition("/")
    if not slash or head not in node:
        return False
    return not isinstance(node[head], AttrDict) or holds_field(node[head])
