"""`Config`: a config with every value worked out, and where each came from."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from muse.configs.serialize import decode, encode
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.core.params import Param

SCHEMA = 1


@dataclass
class Config:
    """A resolved config.

    Attributes:
        params: the values: Fields are values, groups hold `cls` and the defaults of their class.
        exp_name: name of the experiment, "" when the config gives none.
        provenance: leaf path → where its value came from: "default of RnnModel", "cfgs/a.py:12",
            "command line", "Field ← horizon".
        source: text of the config file, "" for a config made by a program.
        source_file: the config as the user named it.
        argv: command-line words applied to it.
        notes: what the user should know but need not mend.
        unchecked: group path → why it was not checked against its class (package missing).
        fields: path of each value a Field gave → (full paths of its anchors, its function as
            `encode` writes it, or None where that has no import path), so that a reloaded config
            can follow an override.
        references: paths of groups that are copies made by a Field.
        declared: node path → parameters a program declared for it (for help; not in the JSON).
    """

    params: AttrDict
    exp_name: str = ""
    provenance: dict[str, str] = field(default_factory=dict)
    source: str = ""
    source_file: str = ""
    argv: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unchecked: dict[str, str] = field(default_factory=dict)
    fields: dict[str, tuple[tuple[str, ...], Any]] = field(default_factory=dict)
    references: frozenset[str] = frozenset()
    declared: dict[str, dict[str, Param]] = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> str:
        """Return the whole as JSON text, from which `from_json` rebuilds it exactly.

        Raises:
            ConfigError: a value that no import path can name (lambda, closure, local class).
        """
        fields = {
            path: {"anchors": list(anchors), "fn": fn}
            for path, (anchors, fn) in self.fields.items()
        }
        content = {
            "schema": SCHEMA,
            "exp_name": self.exp_name,
            "source_file": self.source_file,
            "argv": list(self.argv),
            "params": encode(self.params),
            "fields": fields,
            "references": sorted(self.references),
            "notes": list(self.notes),
            "unchecked": self.unchecked,
            "provenance": self.provenance,
            "source": self.source,
        }
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, source: str | os.PathLike[str]) -> Config:
        """Rebuild a config from its JSON text, or from the path of a file that holds it.

        Raises:
            ConfigError: the file is missing or damaged, or a class it names cannot be imported.
        """
        text, where = _read(source)
        try:
            content = json.loads(text)
        except ValueError as error:
            raise ConfigError(f"{where} is damaged: not JSON ({error})") from error
        if not isinstance(content, dict) or "params" not in content:
            raise ConfigError(f"{where} is no config: expected an object with 'params'")
        if content.get("schema") != SCHEMA:
            raise ConfigError(
                f"{where} has schema {content.get('schema')!r}, this muse-core reads {SCHEMA}; "
                "install the version that wrote it"
            )
        try:
            return cls._from_content(content)
        except (KeyError, TypeError, AttributeError) as error:
            detail = f"{type(error).__name__}: {error}"
            raise ConfigError(f"{where} is damaged ({detail}); restore it") from error

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> Config:
        fields = {
            path: (tuple(link["anchors"]), link["fn"])
            for path, link in content.get("fields", {}).items()
        }
        return cls(
            params=decode(content["params"]),
            exp_name=content["exp_name"],
            provenance=dict(content.get("provenance", {})),
            source=content.get("source", ""),
            source_file=content.get("source_file", ""),
            argv=tuple(content.get("argv", ())),
            notes=tuple(content.get("notes", ())),
            unchecked=dict(content.get("unchecked", {})),
            fields=fields,
            references=frozenset(content.get("references", ())),
        )


def _read(source: str | os.PathLike[str]) -> tuple[str, str]:
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source, "the JSON text"
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except OSError as error:
        raise ConfigError(f"cannot read config {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is damaged: no UTF-8 text") from error
