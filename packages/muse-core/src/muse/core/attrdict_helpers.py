"""Reading parameters out of an `AttrDict`, with defaults and with objects built on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError


def get_with_default(
    obj: AttrDict, attr: str, default: Any, map_fn: Callable[[Any], Any] | None = None
) -> Any:
    """Return the value at path `attr`, mapped by `map_fn`, or `default` as it is.

    None and an AttrDict without leaves count as missing; False, 0 and "" do not.
    """
    value = obj.get(attr)
    if value is None or (isinstance(value, AttrDict) and value.is_empty()):
        return default
    return value if map_fn is None else map_fn(value)


def get_required(obj: AttrDict, attr: str) -> Any:
    """Return the value at path `attr`, which must exist; the same as `obj[attr]`."""
    return obj[attr]


def get_cls_param_instance(
    params: AttrDict,
    cls_name: str,
    params_name: str | None,
    class_type: type,
    constructor: Callable[[type, AttrDict], Any] | None = None,
) -> Any:
    """Build the object whose class is at `cls_name` and whose parameters are at `params_name`.

    Args:
        params: holds both.
        cls_name: path of the class, or of its import path.
        params_name: path of its parameters; None: `params` without the class.
        class_type: what the class must derive from.
        constructor: called as `constructor(cls, cls_params)`; by default `cls(cls_params)`.

    Raises:
        ParamError: when the class is none or derives from something else.
    """
    from muse.core.params import import_object

    cls = params[cls_name]
    if isinstance(cls, str):
        cls = import_object(cls)
    if not isinstance(cls, type) or not issubclass(cls, class_type):
        raise ParamError(f"{cls_name} is {cls!r}, expected a subclass of {class_type.__name__}")
    if params_name is None:
        cls_params = params.node_leaf_without_keys([cls_name])
    else:
        cls_params = params[params_name]
    build: Callable[..., Any] = cls
    return build(cls_params) if constructor is None else constructor(cls, cls_params)


def get_or_instantiate_cls(
    params: AttrDict,
    attr_name: str | None,
    class_type: type,
    cls_name: str = "cls",
    params_name: str | None = None,
    constructor: Callable[[type, AttrDict], Any] | None = None,
) -> Any:
    """Return the object at path `attr_name`, building it when a config group stands there.

    Args:
        attr_name: path of the object or group; None: `params` itself is the group.
        class_type: what the object must be an instance of.
        cls_name, params_name, constructor: as for `get_cls_param_instance`, within the group.
    """
    value = params if attr_name is None else params[attr_name]
    if isinstance(value, class_type) and not (isinstance(value, AttrDict) and cls_name in value):
        return value
    if not isinstance(value, AttrDict):
        raise ParamError(
            f"{attr_name} is a {type(value).__name__}, expected a {class_type.__name__} or "
            f"a group with {cls_name!r}"
        )
    return get_cls_param_instance(value, cls_name, params_name, class_type, constructor)
