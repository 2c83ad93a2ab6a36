"""Starting from the config.json of an earlier run, with further overrides on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from muse.configs.checker import resolve
from muse.configs.command_line import apply_args
from muse.configs.config import Config
from muse.configs.draft import Draft, clone
from muse.configs.exp_name import full_name
from muse.configs.field import Field
from muse.configs.serialize import decode
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.experiments.file_manager import default_base_dir

PREFIX = "exp="


def run_config(name: str) -> Path | None:
    """Return the config.json that `exp=FOLDER`, a folder or a JSON file means, else None.

    Raises:
        ConfigError: the folder is given but holds no config.json.
    """
    explicit = name.startswith(PREFIX)
    folder = Path(name.removeprefix(PREFIX)).expanduser()
    if folder.is_file() and folder.suffix == ".json":
        return folder
    if not explicit and not folder.is_dir():
        return None
    places = (folder, default_base_dir() / "experiments" / folder)
    for place in places:
        if (place / "config.json").is_file():
            return place / "config.json"
    if not any(place.is_dir() for place in places):
        raise ConfigError(f"run folder {str(folder)!r} not found; expected the folder of a run")
    raise ConfigError(
        f"run folder {str(folder)!r} holds no config.json; expected the folder of a run made by "
        "`muse train`"
    )


def reload_run(file: Path, args: Sequence[str]) -> Config:
    """Return the config of a run, with `args` applied and every Field they touch worked out anew.

    Raises:
        ConfigError: an override changes the anchor of a Field whose function has no import path.
    """
    saved = Config.from_json(file)
    if not args:
        return saved
    draft = Draft(clone(saved.params), dict(saved.provenance), references=set(saved.references))
    draft.unchecked = dict(saved.unchecked)
    if apply_args(draft, args) is not None:
        raise ConfigError("-h is answered by the command: ask config_help(path, args) first")
    untouched = _revive_fields(draft, saved)
    resolve(draft)
    fields = {path: saved.fields[path] for path in untouched}
    fields.update(draft.field_links())
    return Config(
        params=draft.tree,
        exp_name=full_name(draft),
        provenance={p: draft.origins.get(p, str(file)) for p in draft.tree.leaf_keys()},
        source=saved.source,
        source_file=saved.source_file,
        argv=(*saved.argv, *args),
        notes=tuple(dict.fromkeys((*saved.notes, *draft.notes))),
        unchecked=dict(draft.unchecked),
        fields=fields,
        references=frozenset(draft.references),
    )


def _revive_fields(draft: Draft, saved: Config) -> list[str]:
    """Put Fields back where an anchor was overridden; return the paths of those left as values."""
    changed = set(draft.changed)
    waiting = {path: link for path, link in saved.fields.items() if not _overlaps(path, changed)}
    grown = True
    while grown:
        grown = False
        for path, (anchors, fn) in list(waiting.items()):
            causes = [a for a in anchors if _overlaps(a, changed)]
            if not causes:
                continue
            if fn is None:
                raise ConfigError(
                    f"{path} was worked out from {', '.join(causes)} by a function without an "
                    "import path, so it cannot follow the override; set it on the command line too"
                )
            if isinstance(draft.tree.get(path), AttrDict) or path in draft.tree:
                draft.forget(path)
                draft.tree[path] = Field(["/" + a for a in anchors], decode(fn, path))
                draft.references.discard(path)
            changed.add(path)
            del waiting[path]
            grown = True
    return list(waiting)


def _overlaps(path: str, changed: set[str]) -> bool:
    """Whether `path` is, holds or lies in one of the changed paths."""
    return any(
        path == c or path == "" or c == "" or path.startswith(c + "/") or c.startswith(path + "/")
        for c in changed
    )
