"""`AttrDict` in other people's worlds: torch pytrees and tensordict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from muse.core.attrdict import AttrDict, FrozenAttrDict
from muse.core.attrdict_pytree import register_node
from muse.core.errors import MissingExtraError, UsageError


def register_pytree() -> None:
    """Tell torch how to walk an AttrDict, for `torch.utils._pytree`, `torch.func`, `torch.compile`
    and `torch.export`; calling it again changes nothing.

    Raises:
        MissingExtraError: without torch.
    """
    register_node(AttrDict)
    register_node(FrozenAttrDict)


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
