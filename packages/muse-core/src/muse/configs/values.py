"""Reading the words of a command line as values of a config."""

from __future__ import annotations

import ast
import types
import typing
from collections.abc import Callable
from typing import Any, Union, get_args, get_origin

from muse.configs.classes import Unavailable, import_class
from muse.configs.field import Field
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, ParamError
from muse.core.params import Param


def param_for(name: str, default: Any) -> Param:
    """Return a declaration for a key that its group's class does not declare.

    The type is that of the value the config gives it. None is always allowed, and a value that
    says nothing about its type (None, a Field) allows anything.
    """
    if default is None or isinstance(default, Field):
        return Param(name, Any)
    if name == "cls":
        return Param(name, Any)
    if callable(default):
        return Param(name, Callable[..., Any] | None)
    if isinstance(default, bool):
        return Param(name, bool | None)
    for kind in (int, float, str, list, tuple):
        if isinstance(default, kind):
            return Param(name, kind | None)
    return Param(name, Any)


def is_flag(param: Param) -> bool:
    """Whether a parameter may be given as `--name` and `--no-name`."""
    return _allows(param.type, bool)


def is_list(param: Param) -> bool:
    """Whether a parameter takes several words."""
    return any(_allows(param.type, kind) for kind in (list, tuple, set))


def takes_objects(param: Param) -> bool:
    """Whether a parameter is a function or class, given by its import path.

    Where a text is allowed too, the import path stays a text, as in a config.
    """
    return not _allows(param.type, str) and any(
        option is type or Callable in (option, get_origin(option)) or option is typing.Callable
        for option in _options(param.type)
    )


def read_words(param: Param, words: list[str], owner: str) -> Any:
    """Return the value that the words after `--name` stand for.

    Raises:
        ParamError: they are not what the parameter allows.
    """
    if is_list(param):
        if len(words) == 1:
            whole = _literal(words[0])
            if isinstance(whole, (list, tuple)) or (whole is None and words[0].strip() == "None"):
                return param.validate(whole, owner)
        if len(words) != 1 or not _allows(param.type, str):
            return param.validate([_element(param, word, owner) for word in words], owner)
    if len(words) != 1:
        raise ParamError(f"{owner}: --{param.name} takes one value, got {words}")
    word = words[0]
    if takes_objects(param):
        imported = _imported(word)
        if imported is not None:
            return param.validate(imported, owner)
    return param.parse(word, owner)


def read_literal(text: str) -> Any:
    """Return the Python literal in `text`; a text that is none stands for itself."""
    named = {"true": True, "false": False, "none": None, "null": None}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        try:
            return float(text)  # inf, nan, 1_0e3
        except ValueError:
            if text[:1] in "[({'\"":
                raise ConfigError(
                    f"{text!r} is not a Python literal: expected such as 3, 1e-4, [1, 2], 'text'"
                ) from None
            return text
    return value


def fit_literal(param: Param, value: Any, text: str, owner: str) -> Any:
    """Return a literal (written as `text`) as its declaration wants it.

    A dict becomes a node for a parameter that is one; an import path becomes its object.
    """
    if isinstance(value, dict) and _allows(param.type, AttrDict):
        value = AttrDict.from_dict(value)
    if isinstance(value, str) and takes_objects(param):
        return read_words(param, [text], owner)
    return param.validate(value, owner)


def _element(param: Param, word: str, owner: str) -> Any:
    for option in _options(param.type):
        args = [a for a in get_args(option) if a is not Ellipsis]
        if get_origin(option) in (list, tuple, set) and args:
            return Param(param.name, args[0] if len(set(args)) == 1 else Any).parse(word, owner)
    return read_literal(word)


def _imported(word: str) -> Any:
    if "." not in word or word.replace(".", "").isdigit():
        return None
    try:
        return import_class(word)
    except (Unavailable, ConfigError):
        return None


def _literal(word: str) -> Any:
    try:
        return ast.literal_eval(word.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _options(expected: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    is_union = get_origin(expected) in (Union, types.UnionType)
    return get_args(expected) if is_union else (expected,)


def _allows(expected: Any, kind: type) -> bool:
    return any(option is kind or get_origin(option) is kind for option in _options(expected))
