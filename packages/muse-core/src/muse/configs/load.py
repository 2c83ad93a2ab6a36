"""From a config's name and command-line words to resolved values."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from muse.configs.checker import check, complete, name_classes
from muse.configs.command_line import apply_args
from muse.configs.config import Config
from muse.configs.draft import Draft, clone
from muse.configs.exp_name import full_name
from muse.configs.loader import find_config, load_export, show
from muse.configs.origins import file_origins
from muse.configs.reload import reload_run, run_config
from muse.configs.resolver import resolve_fields
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

HELP_HINT = "-h is answered by the command, not by load_config; call split_help(args) first"


def load_config(path: str | os.PathLike[str], args: Sequence[str] = ()) -> Config:
    """Load a config, apply command-line words, work out its Fields and check its groups.

    Args:
        path: a config file on disk or in `muse.cfgs` (see `find_config`), or a run to start from:
            `exp=FOLDER`, the run's folder, or its config.json.
        args: what follows the config on a command line (see `muse.configs.command_line`).

    Raises:
        ConfigError: one line that names the file, group, key and what to do.
    """
    name = os.fspath(path)
    saved = run_config(name)
    if saved is not None:
        return reload_run(saved, args)
    file = find_config(name)
    export = load_export(file)
    text = Path(file).read_text(encoding="utf-8")
    draft = Draft(clone(export), file_origins(file, export))
    return finish(draft, args, source=text, source_file=show(file))


def resolve_config(params: AttrDict, args: Sequence[str] = (), source_file: str = "") -> Config:
    """Do what `load_config` does with a tree made by a program instead of a file."""
    if not isinstance(params, AttrDict):
        raise ConfigError(f"resolve_config: expected an AttrDict, got a {type(params).__name__}")
    draft = Draft(clone(params), dict.fromkeys(params.leaf_keys(), source_file or "config"))
    return finish(draft, args, source_file=source_file)


def finish(
    draft: Draft, args: Sequence[str] = (), source: str = "", source_file: str = ""
) -> Config:
    """Apply the words to a draft, resolve and check it, and hand it out as a Config."""
    if apply_args(draft, args) is not None:
        raise ConfigError(HELP_HINT)
    complete(draft)
    resolve_fields(draft)
    complete(draft, final=True)
    check(draft)
    name_classes(draft)
    return seal(draft, args, source, source_file)


def seal(draft: Draft, args: Sequence[str], source: str, source_file: str) -> Config:
    """Turn a resolved draft into a Config."""
    fields = {p: (anchors, draft.fns.get(p)) for p, anchors in draft.links.items()}
    return Config(
        params=draft.tree,
        exp_name=full_name(draft),
        provenance={p: draft.origins.get(p, "config") for p in draft.tree.leaf_keys()},
        source=source,
        source_file=source_file,
        argv=tuple(args),
        notes=tuple(draft.notes),
        unchecked=dict(draft.unchecked),
        fields=fields,
        references=frozenset(draft.references),
    )
