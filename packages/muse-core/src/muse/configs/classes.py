"""The class behind a group, and what it declares."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, MissingExtraError, suggest
from muse.core.params import Param, import_object


class Unavailable(Exception):
    """A class is in a package that is not installed; the text says which."""


def class_of(group: AttrDict, path: str) -> type | None:
    """Return the class of a group, or None when `cls` is not one (yet), such as a Field.

    Raises:
        Unavailable: its package, or something the package needs, is not installed.
        ConfigError: the package is there but has no such class.
    """
    cls = group.get("cls")
    if isinstance(cls, str):
        cls = import_class(cls, path)
    return cls if isinstance(cls, type) else None


def import_class(name: str, path: str = "") -> Any:
    """Import the object at dotted path `name` for the group at `path`; see `class_of`."""
    where = f"{path}/cls={name!r}" if path else repr(name)
    if "." not in name.strip(".") or not all(part.isidentifier() for part in name.split(".")):
        raise ConfigError(
            f"{where} is no import path: expected a class such as 'muse.models.rnn_model.RnnModel'"
        )
    try:
        return import_object(name)
    except MissingExtraError as error:
        raise Unavailable(str(error)) from error
    except ConfigError as error:
        if isinstance(error.__cause__, ImportError):
            raise Unavailable(str(error)) from error
        missing = _missing_module(name)
        if missing is None:
            raise ConfigError(f"{path + ': ' if path else ''}{error}") from error
        raise Unavailable(missing) from error
    except ImportError as error:
        raise Unavailable(f"cannot import {name!r}: {error}") from error
    except Exception as error:
        raise ConfigError(
            f"{where} cannot be imported: its module raised {type(error).__name__}: {error}"
        ) from error


def declarations(cls: type | None) -> dict[str, Param] | None:
    """Return what a class declares by name, or None if it declares nothing (no Configurable)."""
    listing = getattr(cls, "all_params", None)
    return None if listing is None else dict(listing())


def extra_declarations(cls: type, params: AttrDict) -> dict[str, Param]:
    """Return what a class declares for these values, beside `declarations`."""
    listing = getattr(cls, "extra_params", None)
    return {} if listing is None else dict(listing(params))


def known_declarations(group: AttrDict, path: str) -> dict[str, Param] | None:
    """Return the declarations of a group's class, None where they cannot be known."""
    try:
        return declarations(class_of(group, path))
    except Unavailable:
        return None


def _missing_module(name: str) -> str | None:
    """Say which package is missing, or return None (raise) when only the name is wrong."""
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        prefix = ".".join(parts[:count])
        try:
            spec = importlib.util.find_spec(prefix)
        except (ImportError, AttributeError, ValueError):
            continue
        if spec is None:
            continue
        locations = spec.submodule_search_locations
        if spec.origin is None and locations is not None:  # an open namespace: others may add to it
            return f"module {'.'.join(parts[: count + 1])!r} is not installed"
        if locations is not None and count < len(parts) - 1:
            names = [module.name for module in pkgutil.iter_modules(locations)]
            raise ConfigError(
                f"cannot import {name!r}: package {prefix!r} has no module {parts[count]!r}."
                f"{suggest(parts[count], names)}"
            )
        return None
    return f"package {parts[0]!r} is not installed"
