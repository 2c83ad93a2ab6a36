"""An `AttrDict` as text to look at."""

from __future__ import annotations

from typing import Any

from muse.core.attrdict_base import PathDict
from muse.core.attrdict_ops import is_array


def tree_text(node: PathDict, str_max_len: int = 30, indent: str = "") -> str:
    """Return one line per name, children indented below their node.

    An array shows its shape and dtype, any other value the first `str_max_len` characters.
    """
    lines = []
    for key, value in node.items():
        if isinstance(value, PathDict):
            lines.append(f"{indent}{key}:" + ("" if value else " {}"))
            if value:
                lines.append(tree_text(value, str_max_len, indent + "  "))
        else:
            lines.append(f"{indent}{key}: {value_text(value, str_max_len)}")
    return "\n".join(lines)


def value_text(value: Any, max_len: int) -> str:
    """Return one line for a leaf."""
    if is_array(value):
        return f"{type(value).__name__}{tuple(value.shape)} {value.dtype}"
    text = " ".join(repr(value).split())
    return text if len(text) <= max_len else text[: max(max_len - 1, 0)] + "…"
