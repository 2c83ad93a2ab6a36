"""mkdocs hook: the reference pages, made at build time from what the code says of itself.

`mkdocs.yml` names this file under `hooks`. Nothing it makes is committed: a page for each part of
the namespace `muse` (docstrings, signatures, declared parameters), one for the commands (their
`-h`) and one for the configs that are shipped. All six packages must be installed.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from reference_text import module_section  # noqa: E402

#: Page → (title, the packages and modules it describes).
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "core": ("muse.core", ("muse.core",)),
    "configs": ("muse.configs", ("muse.configs",)),
    "experiments": ("muse.experiments", ("muse.experiments",)),
    "utils": ("muse.utils", ("muse.utils",)),
    "datasets": ("muse.datasets", ("muse.datasets",)),
    "envs": ("muse.envs", ("muse.envs",)),
    "models": ("muse.models", ("muse.models", "muse.grouped_models")),
    "policies": ("muse.policies", ("muse.policies",)),
    "metrics": ("muse.metrics, muse.rewards", ("muse.metrics", "muse.rewards")),
    "trainers": ("muse.trainers", ("muse.trainers",)),
}
SKIPPED = ("commands", "__main__")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("collect", "-h"),
    ("data", "-h"),
    *(
        ("data", name, "-h")
        for name in (
            *("import", "export", "convert", "info", "view", "stats", "split", "merge", "filter"),
            *("edit", "relabel", "play", "replay", "download", "recover"),
        )
    ),
    ("envs", "-h"),
    *(("envs", name, "-h") for name in ("list", "info", "play", "expert", "check", "video")),
    ("train", "-h"),
    ("eval", "-h"),
    ("envs", "-h"),
    ("envs", "play", "-h"),
    ("envs", "expert", "-h"),
    ("envs", "check", "-h"),
    ("resolve", "-h"),
    ("doctor", "-h"),
    ("train", "cfgs/exp/quickstart/bc_rnn.py", "-h"),
    ("train", "cfgs/exp/quickstart/bc_rnn.py", "%trainer", "-h"),
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the reference to the navigation."""
    entries = [{"Commands": "reference/commands.md"}, {"Configs": "reference/cfgs.md"}]
    entries += [{title: f"reference/{page}.md"} for page, (title, _) in PAGES.items()]
    assert config.nav is not None
    config.nav.append({"Reference": entries})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages themselves."""
    texts = {page: _namespace_page(*entry) for page, entry in PAGES.items()}
    texts |= {"commands": _commands_page(), "cfgs": _cfgs_page()}
    for page, text in texts.items():
        files.append(File.generated(config, f"reference/{page}.md", content=text))
    return files


def _namespace_page(title: str, roots: tuple[str, ...]) -> str:
    sections = [
        section
        for root in roots
        for name in _module_names(root)
        if (section := module_section(importlib.import_module(name)))
    ]
    return "\n\n".join([f"# {title}", *sections]) + "\n"


def _module_names(root: str) -> list[str]:
    """The modules below `root`: first those whose names packages hand on, then what is inside."""
    package: ModuleType = importlib.import_module(root)
    names = {root}
    for place in package.__path__:
        base = Path(place)
        for path in base.rglob("*.py"):
            parts = path.relative_to(base).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if not any(part.startswith("_") or part in SKIPPED for part in parts):
                names.add(".".join([root, *parts]))
    handed_on = {root} | {
        getattr(getattr(package, public), "__module__", "")
        for package in map(importlib.import_module, sorted(names))
        if hasattr(package, "__path__")
        for public in getattr(package, "__all__", ())
    }
    return sorted(names, key=lambda name: (name not in handed_on, name))


def _commands_page() -> str:
    lines = [
        "# Commands",
        "",
        "What each command says of itself with `-h`. After a config, `-h` lists what can be set",
        "there; the last two are examples.",
    ]
    for words in COMMANDS:
        lines += ["", f"## muse {' '.join(words)}", "", "```text", _muse(*words), "```"]
    return "\n".join(lines) + "\n"


def _muse(*words: str) -> str:
    environment = {**os.environ, "COLUMNS": "96"}
    command = [sys.executable, "-m", "muse.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"muse {' '.join(words)} failed: {done.stderr}")
    return done.stdout.rstrip()


def _cfgs_page() -> str:
    """Every config in the installed namespace `muse.cfgs` with the first line of its docstring."""
    import ast

    rows: dict[str, str] = {}
    for place in importlib.import_module("muse.cfgs").__path__:
        for path in Path(place).rglob("*.py"):
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            rows[f"cfgs/{path.relative_to(place).as_posix()}"] = text.partition("\n")[0]
    lines = [
        "# Configs",
        "",
        "The configs that Muse ships. They are found by these names from any folder; those below",
        "`cfgs/exp` and `cfgs/exp_hvs` are whole experiments, the others are groups of one.",
        "",
        "| config | what it describes |",
        "|---|---|",
        *(f"| `{name}` | {rows[name]} |" for name in sorted(rows)),
    ]
    return "\n".join(lines) + "\n"
