"""What a person holds down and points at."""

from __future__ import annotations

from typing import Protocol


class UserInput(Protocol):
    """Keyboard and mouse, as they were at the last `poll`.

    Keys are named as pygame names them: `a`, `left`, `space`, `left shift`.
    """

    def poll(self) -> None:
        """Read the state of the devices; once before each step."""

    def is_down(self, key: str) -> bool:
        """Return whether `key` is held down."""

    def was_pressed(self, key: str) -> bool:
        """Return whether `key` went down since the poll before."""

    @property
    def pointer(self) -> tuple[float, float] | None:
        """Where the mouse points in the picture: x and y from 0 (left, top) to 1; None outside."""

    def is_button_down(self, button: int = 1) -> bool:
        """Return whether a mouse button is held: 1 left, 2 middle, 3 right."""

    @property
    def wants_end(self) -> bool:
        """Whether the person has asked to end the episode."""
