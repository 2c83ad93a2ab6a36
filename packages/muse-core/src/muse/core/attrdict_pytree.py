"""Making a class of nodes known to torch's pytrees; depends on no class of nodes itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from muse.core.attrdict_base import PathDict, rebuild
from muse.core.errors import MissingExtraError


def register_node(cls: type[PathDict]) -> None:
    """Tell torch how to walk the nodes of a class; calling it again changes nothing.

    Raises:
        MissingExtraError: without torch.
    """
    try:
        from torch.utils import _pytree as pytree
    except ImportError:
        raise MissingExtraError("register_pytree()", "muse-data", "torch") from None
    if cls in pytree.SUPPORTED_NODES:
        return

    def unflatten(values: Iterable[Any], keys: list[str]) -> PathDict:
        return rebuild(cls, dict(zip(keys, values, strict=True)))

    def flatten_with_keys(tree: PathDict) -> tuple[list[tuple[Any, Any]], list[str]]:
        return [(pytree.MappingKey(k), v) for k, v in dict.items(tree)], list(tree)

    pytree.register_pytree_node(
        cls,
        lambda tree: (list(dict.values(tree)), list(tree)),
        unflatten,
        serialized_type_name=f"{cls.__module__}.{cls.__name__}",
        flatten_with_keys_fn=flatten_with_keys,
    )
