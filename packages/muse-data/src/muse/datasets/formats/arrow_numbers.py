"""Arrow arrays as numpy arrays of numbers."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def numbers(rows: Any) -> NDArray[Any]:
    """Return an arrow array of numbers, or of lists of lists of them, as one flat array.

    Raises:
        ValueError: values are missing, or are no numbers.
    """
    while str(rows.type).startswith(("fixed_size_list", "list", "large_list")):
        if rows.null_count:
            raise ValueError(f"{rows.null_count} values are missing")
        rows = rows.flatten()
    if rows.null_count:
        raise ValueError(f"{rows.null_count} values are missing")
    values: NDArray[Any] = rows.to_numpy(zero_copy_only=False)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"values of {values.dtype}, expected numbers")
    return values
