"""A window for `render=True`, opened with pygame only when the first picture is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.errors import EnvError, MissingExtraError


class Window:
    """Shows (H, W, 3) uint8 RGB pictures; follows their size and answers the window manager.

    Args:
        title: the caption.

    Raises:
        MissingExtraError: when pygame is not installed.
        EnvError: when there is no display to open it on.
    """

    def __init__(self, title: str) -> None:
        try:
            import pygame
        except ImportError as error:
            raise MissingExtraError("render=True", "muse-envs", "display") from error
        self._pygame = pygame
        self._title = title
        self._surface: Any = None

    @property
    def is_open(self) -> bool:
        return self._surface is not None

    def show(self, picture: np.ndarray) -> None:
        """Show `picture`, (H, W, 3) uint8."""
        size = (picture.shape[1], picture.shape[0])
        if self._surface is None or self._surface.get_size() != size:
            self._open(size)
        # pygame keeps x first.
        self._pygame.surfarray.blit_array(self._surface, np.swapaxes(picture, 0, 1))
        self._pygame.display.flip()
        self._pygame.event.pump()

    def close(self) -> None:
        """Close the window; closing again does nothing."""
        if self._surface is not None:
            self._surface = None
            self._pygame.display.quit()

    def _open(self, size: tuple[int, int]) -> None:
        try:
            self._pygame.display.init()
            self._surface = self._pygame.display.set_mode(size)
        except self._pygame.error as error:
            raise EnvError(
                f"render=True cannot open a window ({error}); use render=False, "
                "render() gives pictures without a display"
            ) from error
        self._pygame.display.set_caption(self._title)
