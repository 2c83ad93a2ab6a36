"""What a group may be replaced by: a config file, a module with `export`, or a class."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from muse.configs.classes import Unavailable, declarations, import_class
from muse.configs.draft import Draft, clone, is_group
from muse.configs.loader import load_export, look_up, show
from muse.configs.origins import file_origins
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, suggest
from muse.core.params import BOOKKEEPING_KEYS


def merge_source(draft: Draft, path: str, word: str, origin: str) -> None:
    """Merge what `word` names over the group at `path`, which is made if it is missing.

    Keys of the old group stay unless the source has them too; when the class becomes another, keys
    that the new class does not declare go, with a note.

    Raises:
        ConfigError: `word` is neither a config nor a module with `export` nor a class.
    """
    new, origins = read_source(path, word, origin)
    old = draft.tree.get(path) if path else draft.tree
    if isinstance(old, AttrDict) and is_group(old) and is_group(new) and old["cls"] != new["cls"]:
        _drop_foreign(draft, path, old, new)
    draft.merge(path, new, origins)
    draft.changed.add(path)


def read_source(path: str, word: str, origin: str) -> tuple[AttrDict, dict[str, str]]:
    """Return the tree that `word` names and leaf path → origin; see `merge_source`."""
    file = look_up(word)
    if file is not None:
        export = load_export(file)
        return clone(export), file_origins(file, export)
    if word.endswith(".py") or "/" in word:
        raise ConfigError(f"%{path}: config file {word!r} not found on disk or in muse.cfgs")
    module = _module_export(word)
    if module is not None:
        return module, dict.fromkeys(module.leaf_keys(), word)
    try:
        target = import_class(word, path)
    except Unavailable as error:
        raise ConfigError(f"%{path} {word}: {error}") from error
    if isinstance(target, AttrDict):
        return clone(target), dict.fromkeys(target.leaf_keys(), word)
    if not isinstance(target, type):
        raise ConfigError(
            f"%{path} {word}: expected a config file, a module with 'export', or a class; "
            f"got a {type(target).__name__}"
        )
    return AttrDict(cls=word), {"cls": origin}


def _module_export(word: str) -> AttrDict | None:
    try:
        spec = importlib.util.find_spec(word)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None or spec.origin is None:
        return None
    module = importlib.import_module(word)
    export = getattr(module, "export", None)
    if not isinstance(export, AttrDict):
        raise ConfigError(
            f"module {word!r} ({show(Path(spec.origin))}) is no config: it has no "
            f"'export = AttrDict(…)'.{suggest('export', vars(module))}"
        )
    return clone(export)


def _drop_foreign(draft: Draft, path: str, old: AttrDict, new: AttrDict) -> None:
    cls = new["cls"]
    try:
        declared = declarations(import_class(cls, path) if isinstance(cls, str) else cls)
    except Unavailable:
        return
    if declared is None:
        return
    for key in list(old):
        kept = key in new or key in BOOKKEEPING_KEYS or key in declared
        if kept or any(name.startswith(key + "/") for name in declared):
            continue
        here = f"{path}/{key}" if path else key
        draft.remove(here)
        shown = cls if isinstance(cls, str) else cls.__name__
        draft.notes.append(f"{here} left out: {shown.rpartition('.')[2]} has no such parameter")
