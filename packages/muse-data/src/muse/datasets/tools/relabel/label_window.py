"""A window in which a person marks steps of episodes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError, UsageError
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.tools.relabel.click_labels import ClickLabels

HELP = "m mark, backspace unmark, f toggle, n/p step, ]/[ two steps, q next episode, esc quit"
_WIDTH, _BAR, _TEXT = 640, 28, 26  # px
_INK, _SOFT, _BACK = (232, 235, 241), (120, 130, 150), (20, 23, 30)
_MARK, _CURSOR = (245, 163, 83), (110, 162, 255)
_SAVE_EVERY = 20  # changes
_PATIENCE = 100  # ms; Python sees Ctrl-C only between two waits


class LabelWindow:
    """Shows a camera and the timeline of an episode, and takes the keys of `HELP`.

    Args:
        source: the episodes.
        image_key: the picture column to show.
        labels: what is marked; saved at every episode's end and every few changes.
        flip: turn pictures upside down, as some simulators render them.

    Raises:
        MissingExtraError: pygame is not installed.
        UsageError: there is no display.
    """

    def __init__(
        self, source: EpisodeSource, image_key: str, labels: ClickLabels, flip: bool = False
    ) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # or importing it prints
        try:
            import pygame
        except ImportError as error:
            raise MissingExtraError("the labeller", "muse-data", "label") from error
        self._pygame = pygame
        self._source, self._image_key, self._labels, self._flip = source, image_key, labels, flip
        shape = next(c.shape for c in source.columns() if c.name == image_key)
        self._picture_size = (_WIDTH, round(_WIDTH * shape[0] / shape[1]))
        self._screen: Any = None
        self._frames: NDArray[np.uint8] = np.zeros((0, *shape), np.uint8)
        self._changes = 0
        self.episode = self.step = 0
        keys = pygame
        self._actions: Mapping[int, Callable[[], None]] = {
            keys.K_m: lambda: self._mark(True),
            keys.K_BACKSPACE: lambda: self._mark(False),
            keys.K_f: lambda: self._mark(not self._labels.of(self.episode)[self.step]),
            keys.K_n: lambda: self._go(1),
            keys.K_p: lambda: self._go(-1),
            keys.K_RIGHTBRACKET: lambda: self._go(2),
            keys.K_LEFTBRACKET: lambda: self._go(-2),
        }

    def run(self, first: int) -> None:
        """Label from episode `first` on, until the last one is done or the person quits."""
        self._open_window()
        try:
            for episode in range(first, len(self._source.lengths)):
                self._open_episode(episode)
                if not self._label_episode():
                    return
                self._labels.finish(episode)
        finally:
            self._labels.save()
            self._pygame.quit()

    def _label_episode(self) -> bool:
        """Take keys until the episode is done; return False to quit."""
        pygame = self._pygame
        while True:
            self._draw()
            event = pygame.event.wait(_PATIENCE)
            if event.type == pygame.QUIT:
                return False
            if event.type != pygame.KEYDOWN:
                continue
            if event.key == pygame.K_ESCAPE:
                return False
            if event.key == pygame.K_q:
                return True
            if event.key in self._actions:
                self._actions[event.key]()

    def _open_window(self) -> None:
        pygame = self._pygame
        pygame.font.init()
        width, height = self._picture_size
        try:
            pygame.display.init()
            # Without a display SDL falls back to a window that nobody can see.
            if pygame.display.get_driver() == "offscreen" and "SDL_VIDEODRIVER" not in os.environ:
                raise pygame.error("there is no display")
            self._screen = pygame.display.set_mode((width, height + _BAR + 2 * _TEXT))
        except pygame.error as error:
            raise UsageError(
                f"the labeller cannot open a window ({error}); run it where there is a display"
            ) from error
        pygame.display.set_caption(f"{self._source.path.name} – clicks")
        pygame.key.set_repeat(300, 40)
        self._font = pygame.font.Font(None, 22)

    def _open_episode(self, episode: int) -> None:
        frames = self._source.read(self._image_key, episode)
        self._frames = frames[:, ::-1] if self._flip else frames
        self.episode, self.step = episode, 0

    def _mark(self, value: bool) -> None:
        self._labels.of(self.episode)[self.step] = value
        self._changes += 1
        if self._changes % _SAVE_EVERY == 0:
            self._labels.save()

    def _go(self, by: int) -> None:
        self.step = max(0, min(len(self._frames) - 1, self.step + by))

    # -- drawing -----------------------------------------------------------------------------

    def _draw(self) -> None:
        pygame, screen = self._pygame, self._screen
        screen.fill(_BACK)
        frame = np.broadcast_to(self._frames[self.step], (*self._frames.shape[1:3], 3))
        picture = pygame.surfarray.make_surface(np.swapaxes(frame, 0, 1))  # pygame keeps x first
        screen.blit(pygame.transform.scale(picture, self._picture_size), (0, 0))
        if self._labels.of(self.episode)[self.step]:
            pygame.draw.rect(screen, _MARK, (0, 0, *self._picture_size), 6)
        self._draw_timeline()
        length = len(self._frames)
        done = f"{self._labels.count} of {len(self._source.lengths)} labelled"
        lines = (
            (f"episode {self.episode}, step {self.step} of {length}, {done}", _INK),
            (HELP, _SOFT),
        )
        for row, (text, colour) in enumerate(lines):
            top = self._picture_size[1] + _BAR + row * _TEXT
            screen.blit(self._font.render(text, True, colour), (8, top + 4))
        pygame.display.flip()

    def _draw_timeline(self) -> None:
        length, top = len(self._frames), self._picture_size[1]
        width = _WIDTH / length
        for step in np.flatnonzero(self._labels.of(self.episode)).tolist():
            box = (step * width, top + 6, max(2.0, width), _BAR - 12)
            self._pygame.draw.rect(self._screen, _MARK, box)
        at = (self.step + 0.5) * width
        self._pygame.draw.line(self._screen, _CURSOR, (at, top), (at, top + _BAR), 2)
