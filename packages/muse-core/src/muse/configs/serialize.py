"""Values of a config as JSON, and back, exactly.

Nodes are JSON objects, and so are the scalars and lists JSON knows. All else is an object with one
key that starts with `$`:

| value                | JSON                                                     |
|----------------------|----------------------------------------------------------|
| class, function      | `{"$import": "package.module.name"}`                     |
| functools.partial    | `{"$partial": {"func": …, "args": […], "kwargs": {…}}}`  |
| Serializable object  | `{"$object": {"cls": "package.module.Class", "config": …}}` |
| tuple, set, frozenset| `{"$tuple": […]}`, `{"$set": […]}`, `{"$frozenset": […]}`|
| inf, -inf, nan       | `{"$float": "inf"}`                                      |
| numpy array          | `{"$array": {"dtype": "<f4", "shape": […], "data": …}}`  |
| numpy scalar, dtype  | `{"$scalar": {"dtype": …, "data": …}}`, `{"$dtype": …}`  |
| plain dict           | `{"$dict": [[key, value], …]}`                           |
| path, bytes          | `{"$path": "…"}`, `{"$bytes": "base64"}`                 |
"""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from muse.configs.loader import is_private
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.core.params import Serializable, import_object, object_path

_ADVICE = (
    "move it to the top level of an importable module (functools.partial of such a function is "
    "fine), or compute the value with a Field"
)


def encode(value: Any, path: str = "") -> Any:
    """Return `value` as what `json.dumps` can write.

    Args:
        path: where in the config it is, for the error.

    Raises:
        ConfigError: a value that no import path can name, such as a lambda or a local class.
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, AttrDict):
        if any(key.startswith("$") for key in value):
            return {"$node": [[k, encode(v, _join(path, k))] for k, v in value.items()]}
        return {key: encode(item, _join(path, key)) for key, item in value.items()}
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value, path)
    if isinstance(value, np.generic):
        return _encode_scalar(value, path)
    if isinstance(value, np.dtype):
        return {"$dtype": value.str}
    if isinstance(value, Path):
        return {"$path": str(value)}
    if isinstance(value, Serializable) and not isinstance(value, type):
        config = encode(dict(value.to_config()), path)
        return {"$object": {"cls": _name(type(value), path), "config": config}}
    if callable(value):
        return {"$import": _name(value, path)}
    raise ConfigError(
        f"{path}: {value!r} ({type(value).__name__}) cannot be written to config.json; expected "
        "numbers, texts, lists, arrays, classes, functions or an object with to_config/from_config"
    )


def decode(value: Any, path: str = "") -> Any:
    """Return the value that `encode` wrote.

    Raises:
        ConfigError: a class or function it names cannot be imported, or the text is damaged.
    """
    if isinstance(value, list):
        return [decode(item, f"{path}[{i}]") for i, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        tag, content = next(iter(value.items()))
        if tag.startswith("$"):
            return _decode_tagged(tag, content, path)
    out = AttrDict()
    for key, item in value.items():
        out[key] = decode(item, _join(path, key))
    return out


def _decode_tagged(tag: str, content: Any, path: str) -> Any:
    decoder = _DECODERS.get(tag)
    if decoder is None:
        raise ConfigError(
            f"{path}: unknown tag {tag!r}; expected one of {', '.join(_DECODERS)}. Was it written "
            "by a newer muse-core?"
        )
    try:
        return decoder(content, path)
    except ConfigError as error:
        text = str(error) if str(error).startswith(path) else f"{path}: {error}"
        raise ConfigError(text) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path}: damaged {tag} value {content!r} ({type(error).__name__}: {error})"
        ) from error


def _join(path: str, key: object) -> str:
    return f"{path}/{key}" if path else str(key)


def _name(value: Any, path: str) -> str:
    """Return the import path of a class or function after checking that it leads back to it."""
    if is_private(getattr(value, "__module__", None)):
        raise ConfigError(
            f"{path}: {value.__qualname__!r} is defined in the config file itself, which cannot be "
            f"imported from elsewhere; {_ADVICE}"
        )
    try:
        name = object_path(value)
        same = import_object(name)
    except ConfigError as error:
        raise ConfigError(f"{path}: {value!r} has no import path; {_ADVICE}") from error
    if same is not value and not _is_same(same, value):
        raise ConfigError(f"{path}: import path {name!r} leads to another object; {_ADVICE}")
    return name


def _is_same(found: Any, value: Any) -> bool:
    """Whether an import found the same thing: an equal bound classmethod, or what a config in
    `muse.cfgs` defines, which every load executes anew."""
    if str(value.__module__).startswith("muse.cfgs."):
        if isinstance(found, FunctionType) and isinstance(value, FunctionType):
            return found.__code__ == value.__code__ and value.__closure__ is None
        if isinstance(found, type) and isinstance(value, type):
            return found.__qualname__ == value.__qualname__
    return bool(found == value)


def _encode_items(tag: str) -> Callable[[Any, str], Any]:
    def encode_items(value: Any, path: str) -> Any:
        items = value if tag == "$tuple" else sorted(value, key=repr)
        return {tag: [encode(item, f"{path}[{i}]") for i, item in enumerate(items)]}

    return encode_items


def _encode_list(value: list[Any], path: str) -> Any:
    return [encode(item, f"{path}[{i}]") for i, item in enumerate(value)]


def _encode_dict(value: dict[Any, Any], path: str) -> Any:
    return {"$dict": [[encode(k, path), encode(v, _join(path, k))] for k, v in value.items()]}


def _encode_partial(value: functools.partial[Any], path: str) -> Any:
    return {
        "$partial": {
            "func": encode(value.func, path),
            "args": _encode_list(list(value.args), path),
            "kwargs": {k: encode(v, _join(path, k)) for k, v in value.keywords.items()},
        }
    }


def _encode_array(value: np.ndarray[Any, Any], path: str) -> Any:
    return {
        "$array": {
            "dtype": _plain_dtype(value.dtype, path),
            "shape": list(value.shape),
            "data": _encode_list(value.reshape(-1).tolist(), path),
        }
    }


def _encode_scalar(value: np.generic, path: str) -> Any:
    item = value.item()
    return {"$scalar": {"dtype": _plain_dtype(value.dtype, path), "data": encode(item, path)}}


def _plain_dtype(dtype: np.dtype[Any], path: str) -> str:
    if dtype.kind not in "biufU":
        raise ConfigError(f"{path}: an array of {dtype} cannot be written to config.json")
    return dtype.str


def _decode_array(content: Any, path: str) -> Any:
    flat = np.array(decode(content["data"], path), dtype=np.dtype(content["dtype"]))
    return flat.reshape(content["shape"])


def _decode_scalar(content: Any, path: str) -> Any:
    return np.dtype(content["dtype"]).type(decode(content["data"], path))


def _decode_partial(content: Any, path: str) -> Any:
    func = decode(content["func"], path)
    kwargs = {k: decode(v, _join(path, k)) for k, v in content["kwargs"].items()}
    return functools.partial(func, *decode(content["args"], path), **kwargs)


def _decode_object(content: Any, path: str) -> Any:
    cls = import_object(content["cls"])
    return cls.from_config(decode(content["config"], path))


_ENCODERS: dict[type, Callable[[Any, str], Any]] = {
    list: _encode_list,
    tuple: _encode_items("$tuple"),
    set: _encode_items("$set"),
    frozenset: _encode_items("$frozenset"),
    dict: _encode_dict,
    bytes: lambda value, path: {"$bytes": base64.b64encode(value).decode("ascii")},
    functools.partial: _encode_partial,
    np.ndarray: _encode_array,
}

_DECODERS: dict[str, Callable[[Any, str], Any]] = {
    "$node": lambda content, path: AttrDict([(k, decode(v, _join(path, k))) for k, v in content]),
    "$float": lambda content, path: float(content),
    "$tuple": lambda content, path: tuple(decode(content, path)),
    "$set": lambda content, path: set(decode(content, path)),
    "$frozenset": lambda content, path: frozenset(decode(content, path)),
    "$dict": lambda content, path: {decode(k, path): decode(v, path) for k, v in content},
    "$bytes": lambda content, path: base64.b64decode(content),
    "$path": lambda content, path: Path(content),
    "$dtype": lambda content, path: np.dtype(content),
    "$import": lambda content, path: import_object(content),
    "$partial": _decode_partial,
    "$object": _decode_object,
    "$array": _decode_array,
    "$scalar": _decode_scalar,
}
