"""Layer arguments as JSON-able data and back."""

from __future__ import annotations

from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.core.params import Serializable, import_object, object_path

#: The key under which an encoded class, function or declaration names what it is.
TAG = "$"


def encode(value: Any) -> Any:
    """Return `value` as JSON-able data.

    Tuples become lists; classes and functions `{"$": path}`; declarations `{"$": path, …}`.

    Raises:
        ConfigError: for a value that JSON cannot hold and no import can reach.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, dict):
        if TAG in value:
            raise ConfigError(f"layer argument {value!r}: the key {TAG!r} is reserved")
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, Serializable) and not isinstance(value, type):
        return {TAG: object_path(type(value)), "config": value.to_config()}
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return value.item()
    return {TAG: object_path(value)}


def decode(value: Any) -> Any:
    """The inverse of `encode`."""
    if isinstance(value, list):
        return [decode(v) for v in value]
    if isinstance(value, AttrDict):
        value = value.to_dict()
    if isinstance(value, dict):
        if TAG not in value:
            return {k: decode(v) for k, v in value.items()}
        target = import_object(value[TAG])
        return target.from_config(value["config"]) if "config" in value else target
    return value
