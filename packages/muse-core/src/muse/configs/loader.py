"""Finding and executing config files.

A config is looked up on disk first, then in the installed namespace `muse.cfgs`, to which every
package adds its own. A load executes the file and all configs it imports anew, in modules that are
gone from `sys.modules` afterwards, so two loads share nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import itertools
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, MuseError, suggest

NAMESPACE = "muse.cfgs"
PRIVATE = "_muse_config_"
_lock = threading.RLock()
_numbers = itertools.count()


def find_config(name: str | os.PathLike[str]) -> Path:
    """Return the config file that `name` means.

    `name` is a file on disk (from the current folder), or, in the installed configs, a path such
    as `cfgs/model/bc_rnn.py` or `model/bc_rnn.py` (`.py` may be left out) or the module
    `muse.cfgs.model.bc_rnn`.

    Raises:
        ConfigError: there is none; the message lists where it looked and the nearest names.
    """
    found = look_up(name)
    if found is not None:
        return found
    text = os.fspath(name)
    available = installed_configs()
    tail = text.replace("\\", "/").removeprefix("cfgs/")
    near = suggest(tail, available) or suggest(Path(tail).name, {Path(a).name for a in available})
    raise ConfigError(
        f"config {text!r} not found; looked on disk at {Path(text).absolute()} and in the "
        f"installed configs {NAMESPACE} ({len(available)} there).{near}"
    )


def look_up(name: str | os.PathLike[str]) -> Path | None:
    """Return the config file that `name` means, or None."""
    text = os.fspath(name)
    on_disk = Path(text).expanduser()
    if on_disk.is_file():
        return on_disk
    if text == NAMESPACE or not text:
        return None
    if "/" not in text and not text.endswith(".py"):
        text = text.replace(".", "/").removeprefix("muse/")
    relative = text.removeprefix("./").removeprefix("muse/").removeprefix("cfgs/")
    for folder in namespace_folders():
        for candidate in (folder / relative, folder / f"{relative}.py"):
            if candidate.is_file() and _is_inside(candidate, folder):
                return candidate
    return None


def namespace_folders() -> list[Path]:
    """Return the folders that make up `muse.cfgs`, in import order."""
    try:
        spec = importlib.util.find_spec(NAMESPACE)
    except (ImportError, ValueError):
        return []
    if spec is None or spec.submodule_search_locations is None:
        return []
    return [Path(place) for place in spec.submodule_search_locations]


def installed_configs() -> list[str]:
    """Return every installed config as a path relative to `muse/cfgs`, sorted."""
    found = {
        file.relative_to(folder).as_posix()
        for folder in namespace_folders()
        for file in folder.rglob("*.py")
        if file.name != "__init__.py"
    }
    return sorted(found)


def load_export(file: Path) -> AttrDict:
    """Execute a config file and return its `export`, which belongs to the caller alone.

    Raises:
        ConfigError: one line with file and line number, when it has a syntax error, raises, or
            has no `export = AttrDict(…)`.
    """
    with _lock, _fresh_modules():
        module = _execute(file)
    if not hasattr(module, "export"):
        names = [n for n in vars(module) if not n.startswith("_")]
        raise ConfigError(
            f"{show(file)} is no config: it has no 'export = AttrDict(…)'."
            f"{suggest('export', names)}"
        )
    export = module.export
    if not isinstance(export, AttrDict):
        raise ConfigError(
            f"{show(file)}: export is a {type(export).__name__}, expected an AttrDict"
        )
    return export


def show(file: str | os.PathLike[str]) -> str:
    """Return a path for people: relative to the current folder, or to `muse/cfgs`."""
    path = Path(file).absolute()
    for folder in namespace_folders():
        if _is_inside(path, folder):
            return "cfgs/" + path.resolve().relative_to(folder.resolve()).as_posix()
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def module_name(file: Path) -> str | None:
    """Return the name under which an installed config can be imported, None for a file on disk."""
    path = file.resolve()
    for folder in namespace_folders():
        if _is_inside(path, folder):
            parts = path.relative_to(folder.resolve()).with_suffix("").parts
            if all(part.isidentifier() for part in parts):
                return ".".join((NAMESPACE, *parts))
    return None


def is_private(module: str | None) -> bool:
    """Whether a module is one that executing a config made, gone by now."""
    return bool(module) and str(module).startswith(PRIVATE)


def _execute(file: Path) -> ModuleType:
    try:
        name = module_name(file)
        if name is not None:
            return importlib.import_module(name)
        return _execute_private(file)
    except SyntaxError as error:
        where = f"{show(error.filename or file)}:{error.lineno}"
        raise ConfigError(f"{where}: syntax error: {error.msg}") from error
    except MuseError as error:
        raise ConfigError(f"{_place(error, file)}: {error}") from error
    except Exception as error:
        detail = f"{type(error).__name__}: {error}".rstrip(": ").replace("\n", " ")
        raise ConfigError(f"{_place(error, file)}: {detail}") from error


def _execute_private(file: Path) -> ModuleType:
    """Execute a file on disk; `from .other import export` reaches the files beside it."""
    package = ModuleType(f"{PRIVATE}{next(_numbers)}")
    package.__path__ = [str(file.resolve().parent)]
    name = f"{package.__name__}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{show(file)} is no config: expected a Python file (.py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[package.__name__] = package
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _fresh_modules() -> Iterator[None]:
    """Set the modules of `muse.cfgs` aside, and put everything back as it was on leaving."""
    root = NAMESPACE.partition(".")[0]
    leaf = NAMESPACE.rpartition(".")[2]
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_config(name)}
    owner = sys.modules.get(root)
    attribute = vars(owner).pop(leaf, None) if owner is not None else None
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for name in [n for n in sys.modules if _is_config(n)]:
            del sys.modules[name]
        sys.modules.update(before)
        owner = sys.modules.get(root)
        if owner is not None:
            vars(owner).pop(leaf, None)
            if attribute is not None:
                setattr(owner, leaf, attribute)


def _is_config(name: str) -> bool:
    return name == NAMESPACE or name.startswith((NAMESPACE + ".", PRIVATE))


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _place(error: BaseException, file: Path) -> str:
    """Return "file:line" of the innermost config on the way to an error."""
    configs = [folder.resolve() for folder in namespace_folders()] + [file.resolve().parent]
    place = f"{show(file)}"
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_absolute() and any(path.resolve().is_relative_to(c) for c in configs):
            place = f"{show(path)}:{frame.lineno}"
    return place
