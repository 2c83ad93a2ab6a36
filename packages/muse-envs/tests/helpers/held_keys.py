"""`HeldKeys`: a person's keys for `Env.teleop_action`, without a window."""

from __future__ import annotations


class HeldKeys:
    """Some keys, held down all the time."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def is_down(self, key: str) -> bool:
        """Return whether `key` is one of them."""
        return key in self._keys

    def poll(self) -> None:
        """Nothing changes."""
