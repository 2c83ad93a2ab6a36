"""What a dataset of windows needs of the place its episodes lie in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from muse.datasets.storage.windows import Mask, Rows, WindowIndex


class Episodes(Protocol):
    """Whole episodes in memory, in a mapped file, or read as asked for."""

    @property
    def version(self) -> int:
        """Another number after each change of `starts` or `lengths`."""

    @property
    def starts(self) -> Rows:
        """First row of each episode, (E,); one episode's rows follow those of the one before."""

    @property
    def lengths(self) -> Rows:
        """Steps of each episode, (E,)."""

    def cut(
        self, names: Sequence[str], index: WindowIndex, windows: Rows
    ) -> tuple[list[NDArray[Any]], Mask | None]:
        """Return for each name its windows (B, H, …), and the padding mask (B, H) if any can be.

        Raises:
            IndexError: there is no such window.
        """

    def take(self, name: str, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows` (any shape) of a column, (*rows.shape, …)."""

    def episode(self, name: str, index: int) -> NDArray[Any]:
        """Return a copy of a column over one episode, (L, …)."""

    def onetime(self, name: str) -> NDArray[Any]:
        """Return the entries of all episodes, (E, …)."""

    def chunks(self, name: str, most_bytes: int) -> Iterator[NDArray[Any]]:
        """Yield a column piece by piece, in order, no more than about `most_bytes` at once."""

    def add_column(self, name: str, values: NDArray[Any]) -> None:
        """Add a column with one entry for each step of these episodes."""
