"""A window, opened with pygame only when the first picture is shown."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from muse.core.errors import EnvError, MissingExtraError

#: SDL falls back to this driver where there is no display: a window that nobody can see.
_NO_DISPLAY = "offscreen"


class Window:
    """Shows (H, W, 3) uint8 RGB pictures; follows their size and answers the window manager.

    Args:
        title: the caption.
        what: what opens it, for errors.
        instead: what to do where there is no display, for errors.

    Raises:
        MissingExtraError: when pygame is not installed.
        EnvError: when there is no display to open it on.
    """

    def __init__(
        self,
        title: str,
        what: str = "render=True",
        instead: str = "use render=False, render() gives pictures without a display",
    ) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # or importing it prints
        try:
            import pygame
        except ImportError as error:
            raise MissingExtraError(what, "muse-envs", "display") from error
        self._pygame = pygame
        self._title, self._what, self._instead = title, what, instead
        self._surface: Any = None

    @property
    def is_open(self) -> bool:
        return self._surface is not None

    def show(self, picture: np.ndarray) -> None:
        """Show `picture`, (H, W, 3) uint8."""
        surface = self.open((picture.shape[1], picture.shape[0]))
        # pygame keeps x first.
        self._pygame.surfarray.blit_array(surface, np.swapaxes(picture, 0, 1))
        self._pygame.display.flip()
        self._pygame.event.pump()

    def open(self, size: tuple[int, int]) -> Any:
        """Return the pygame surface of the window, which is opened or resized if need be.

        Args:
            size: width and height, px.
        """
        if self._surface is not None and self._surface.get_size() == size:
            return self._surface
        display = self._pygame.display
        try:
            display.init()
            if display.get_driver() == _NO_DISPLAY and "SDL_VIDEODRIVER" not in os.environ:
                display.quit()
                raise self._pygame.error("there is no display")
            self._surface = display.set_mode(size)
        except self._pygame.error as error:
            message = f"{self._what} cannot open a window ({error}); {self._instead}"
            raise EnvError(message) from error
        display.set_caption(self._title)
        return self._surface

    def close(self) -> None:
        """Close the window; closing again does nothing."""
        if self._surface is not None:
            self._surface = None
            self._pygame.display.quit()
