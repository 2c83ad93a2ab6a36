"""From a config's name and command-line words to resolved values."""

from __future__ import annotations

import os
from collections.abc import Sequence

from muse.configs.checker import resolve
from muse.configs.command_line import apply_args
from muse.configs.config import Config
from muse.configs.draft import Draft, clone
from muse.configs.exp_name import full_name
from muse.configs.loader import find_config, load_export, show
from muse.configs.origins import file_origins
from muse.configs.reload import reload_run, run_config
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

HELP_HINT = "-h is answered by the command, not by load_config: ask config_help(path, args) first"


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
    draft, source_file = load_draft(name)
    text = find_config(name).read_text(encoding="utf-8")
    return finish(draft, args, source=text, source_file=source_file)


def load_draft(path: str | os.PathLike[str]) -> tuple[Draft, str]:
    """Return the tree of a config before any override, and the config's name for people."""
    saved = run_config(os.fspath(path))
    if saved is not None:
        config = Config.from_json(saved)
        return Draft(clone(config.params), dict(config.provenance)), show(saved)
    file = find_config(path)
    export = load_export(file)
    return Draft(clone(export), file_origins(file, export)), show(file)


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
    resolve(draft)
    return Config(
        params=draft.tree,
        exp_name=full_name(draft),
        provenance={p: draft.origins.get(p, "config") for p in draft.tree.leaf_keys()},
        source=source,
        source_file=source_file,
        argv=tuple(args),
        notes=tuple(draft.notes),
        unchecked=dict(draft.unchecked),
        fields=draft.field_links(),
        references=frozenset(draft.references),
        declared=draft.declared,
    )
