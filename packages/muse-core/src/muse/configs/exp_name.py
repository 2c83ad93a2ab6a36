"""Names of experiments, made from the values of the config.

An `exp_name` is a template or an importable function `(params, full_params) -> str`:

    real/velact_{?augment:aug_}b{batch_size}_h{horizon}_{dataset}

- `{name}`: a value, looked up like a Field's anchor: `{group/name}`, `{../name}`, `{/name}` work.
  Numbers with a fraction have `_` for `.` (`0.1` → `0_1`), lists are joined by `-`, classes and
  functions give their name, None gives `None`.
- `{?flag:text}` or `{?flag:text:otherwise}`: `text` when the value is set, else `otherwise`. Not
  set are None, False, "" and empty lists; 0 is set, so `{?seed:_s{seed}}` names seed 0. Either part
  may be empty and may hold further braces.

The name of a run is the root's name and those of its groups, depth first in the order of the
config, joined without a separator (templates bring their own `_`). A group that is a copy made by a
Field adds nothing. `--extra_exp_name X` adds `_X` to the name of its group.

The macros of older engines (`^{CFG}`, `^{STAT}`) do not exist here: a value that several places
need is a key of the root and Fields to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muse.configs.draft import Draft, groups, join, node_at
from muse.configs.resolver import candidates
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, suggest

_ABSENT: Any = object()


def full_name(draft: Draft) -> str:
    """Return the name of the experiment, "" when nothing in the config has an `exp_name`."""
    return exp_name_below(draft, "")


def exp_name_below(draft: Draft, top: str) -> str:
    """Return the name of the node at `top` and of the groups in it."""
    names = [local_name(draft.tree, top)]
    for path, _ in groups(node_at(draft.tree, top), top):
        if path != top and not _is_reference(draft, path):
            names.append(local_name(draft.tree, path))
    return "".join(names)


def local_name(tree: AttrDict, path: str) -> str:
    """Return what the node at `path` adds to the name."""
    node = node_at(tree, path)
    template = node.get("exp_name")
    extra = node.get("extra_exp_name")
    if template is None:
        name = ""
    elif isinstance(template, str):
        where = join(path, "exp_name")
        name = render(template, lambda key: _look_up(tree, path, key, where), where)
    elif callable(template):
        name = template(node, tree)
        if not isinstance(name, str):
            raise ConfigError(f"{join(path, 'exp_name')}: {template!r} gave {name!r}, expected str")
    else:
        raise ConfigError(
            f"{join(path, 'exp_name')}={template!r}: expected a template or a function "
            "(params, full_params)"
        )
    return name + (f"_{extra}" if extra else "")


def render(template: str, value_of: Callable[[str], Any], where: str = "exp_name") -> str:
    """Fill a template; `value_of(name)` gives the values.

    Raises:
        ConfigError: braces do not match or a part is malformed.
    """
    text, end = _render(template, 0, "", value_of, where)
    if end < len(template):
        raise ConfigError(f"{where}={template!r}: unexpected '}}' at position {end}")
    return text


def format_value(value: Any) -> str:
    """Return a value as it reads in a name."""
    if isinstance(value, float):
        return str(value).replace(".", "_")
    if isinstance(value, (list, tuple)):
        return "-".join(format_value(item) for item in value)
    if isinstance(value, (str, bool, int)) or value is None:
        return str(value)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return format_value(value.item())
    return getattr(value, "__name__", None) or str(value)


def is_set(value: Any) -> bool:
    """Whether `{?flag:…}` takes its first part: all but None, False, "" and empty containers."""
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, (int, float)):
        return value is not None
    return bool(len(value)) if hasattr(value, "__len__") else True


def _render(
    text: str, at: int, stops: str, value_of: Callable[[str], Any], where: str
) -> tuple[str, int]:
    """Fill from `at` to the first of `stops` (or a stray '}') outside braces."""
    out: list[str] = []
    while at < len(text) and text[at] not in stops + "}":
        if text[at] == "{":
            part, at = _braces(text, at, value_of, where)
            out.append(part)
        else:
            out.append(text[at])
            at += 1
    return "".join(out), at


def _braces(text: str, start: int, value_of: Callable[[str], Any], where: str) -> tuple[str, int]:
    """Fill the `{…}` that begins at `start`; return its text and the index after it."""
    at = start + 1
    is_choice = text[at : at + 1] == "?"
    at += is_choice
    name_end = at
    while name_end < len(text) and text[name_end] not in "{}:":
        name_end += 1
    name = text[at:name_end].strip()
    closed = name_end < len(text) and text[name_end] == ("}" if not is_choice else ":")
    if not name or not closed:
        expected = "{?name:text} or {?name:text:otherwise}" if is_choice else "{name}"
        raise ConfigError(f"{where}={text!r}: malformed at {text[start:]!r}, expected {expected}")
    if not is_choice:
        return format_value(_plain(value_of(name), name, where)), name_end + 1
    parts: list[str] = []
    at = name_end
    while at < len(text) and text[at] == ":":
        part, at = _render(text, at + 1, ":", value_of, where)
        parts.append(part)
    if at >= len(text) or len(parts) > 2:
        problem = "no closing '}'" if at >= len(text) else f"{len(parts)} parts"
        raise ConfigError(
            f"{where}={text!r}: {text[start:]!r} has {problem}, expected {{?name:text:otherwise}}"
        )
    chosen = parts[0] if is_set(value_of(name)) else (parts[1] if len(parts) == 2 else "")
    return chosen, at + 1


def _plain(value: Any, name: str, where: str) -> Any:
    if isinstance(value, AttrDict):
        raise ConfigError(
            f"{where}: {{{name}}} is a group, expected one of its keys: {list(value)}"
        )
    return value


def _look_up(tree: AttrDict, path: str, name: str, where: str) -> Any:
    for place in candidates(path, name):
        value = tree.get(place, _ABSENT) if place else tree
        if value is not _ABSENT:
            return value
    names = list(tree.node_leaf_keys())
    inner = list(node_at(tree, path))
    option = f"%{path}" if path else "CONFIG"
    raise ConfigError(
        f"{where}: no value {name!r} for the name.{suggest(name, inner) or suggest(name, names)}"
        f" Write it in the config, or set another name: {option} --exp_name NAME"
    )


def _is_reference(draft: Draft, path: str) -> bool:
    return any(path == ref or path.startswith(ref + "/") for ref in draft.references)
