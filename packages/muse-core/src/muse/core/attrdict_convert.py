"""`AttrDict` in other people's worlds: torch pytrees and tensordict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.attrdict_base import rebuild
from muse.core.errors import MissingExtraError, UsageError


def register_pytree() -> None:
    """Tell torch how to walk an AttrDict, for `torch.utils._pytree`, `torch.func`, `torch.compile`
    and `torch.export`; calling it again changes nothing.

    Raises:
        MissingExtraError: without torch.
    """
    from muse.core.attrdict_frozen import FrozenAttrDict

    register_node(AttrDict)
    register_node(FrozenAttrDict)


def register_node(cls: type[AttrDict]) -> None:
    """`register_pytree` for one class."""
    try:
        from torch.utils import _pytree as pytree
    except ImportError:
        raise MissingExtraError("register_pytree()", "muse-data", "torch") from None
    if cls in pytree.SUPPORTED_NODES:
        return

    def unflatten(values: Iterable[Any], keys: list[str]) -> AttrDict:
        return rebuild(cls, dict(zip(keys, values, strict=True)))

    def flatten_with_keys(tree: AttrDict) -> tuple[list[tuple[Any, Any]], list[str]]:
        return [(pytree.MappingKey(k), v) for k, v in dict.items(tree)], list(tree)

    pytree.register_pytree_node(
        cls,
        lambda tree: (list(tree.values()), list(tree)),
        unflatten,
        serialized_type_name=f"{cls.__module__}.{cls.__name__}",
        flatten_with_keys_fn=flatten_with_keys,
    )


def to_tensordict(tree: AttrDict, batch_size: Iterable[int] = ()) -> Any:
    """Return a `tensordict.TensorDict`; every leaf must be a tensor or array with that batch.

    Raises:
        MissingExtraError: without the package tensordict.
    """
    tensordict = _tensordict()
    return tensordict.TensorDict(tree.to_dict(), batch_size=list(batch_size))


def from_tensordict(source: Any) -> AttrDict:
    """Return the AttrDict of a `tensordict.TensorDict`, sharing its tensors.

    Raises:
        MissingExtraError: without the package tensordict.
        UsageError: for anything but a tensordict.
    """
    tensordict = _tensordict()
    if not isinstance(source, tensordict.TensorDictBase):
        raise UsageError(f"from_tensordict: got a {type(source).__name__}, expected a TensorDict")
    out = AttrDict()
    for key, value in source.items():
        is_node = isinstance(value, tensordict.TensorDictBase)
        out[key] = from_tensordict(value) if is_node else value
    return out


def _tensordict() -> Any:
    try:
        import tensordict
    except ImportError:
        raise MissingExtraError("a TensorDict", "muse-envs", "torchrl") from None
    return tensordict
