"""`TeleopWindow`: shows an environment and reads keyboard and mouse."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from muse.envs.display import Window

#: What the window itself understands: the keys of each wish, and what help calls it. An
#: environment that uses a letter has it; the other key always works.
CONTROLS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "end": (("r", "return"), "end the episode"),
    "pause": (("p", "pause"), "pause"),
    "quit": (("q", "escape"), "quit"),
}
_PICTURE, _PANEL, _MARGIN, _LINE, _KEY = 600, 360, 14, 21, 95  # px
_CHARACTERS = 32  # of a line of help
_PATIENCE = 100  # ms; Python sees Ctrl-C only between two waits
_INK, _SOFT, _BACK, _CALL = (232, 235, 241), (140, 150, 168), (20, 23, 30), (245, 163, 83)


class TeleopWindow:
    """A window with the picture, what is going on, and what the keys do; a `UserInput`.

    Keys and buttons come from events, so that a tap shorter than a step is not lost.

    Args:
        title: the caption, and the first line.
        keys: what the environment's keys do (`teleop_keys`).
        fps: steps a second; `poll` waits as long as that takes.

    Raises:
        MissingExtraError: pygame is not installed.
        EnvError: there is no display to open it on.
    """

    def __init__(self, title: str, keys: Mapping[str, str], fps: float = 10.0) -> None:
        self._window = Window(title, "teleoperation", "run it where there is one; videos need none")
        import pygame

        self._pygame = pygame
        self._title, self._keys, self._fps = title, keys, fps
        self._wishes = {
            key: wish for wish, (names, _) in CONTROLS.items() for key in names if key not in keys
        }
        self._clock = pygame.time.Clock()
        self._font: Any = None
        self._picture = np.zeros((1, 1, 3), np.uint8)
        self._lines: Sequence[str] = ()
        self._box = (0, 0, 1, 1)  # of the picture: left, top, width, height, px
        self._mouse: tuple[int, int] | None = None
        self._buttons: set[int] = set()
        self._paused = self._wants_end = False
        self._down: set[str] = set()
        self._pressed: set[str] = set()
        #: Whether the person wants to leave, by key or by closing the window.
        self.wants_quit = False
        self._window.open((_PICTURE + _PANEL, _PICTURE))

    # ---- UserInput ---------------------------------------------------------------------------

    def poll(self) -> None:
        """Wait for the time of the next step and read the devices; as long as it is paused, stay.

        Seconds a step: 1 / fps.
        """
        self._clock.tick(self._fps)
        self._pressed = set()
        self._take(self._pygame.event.get())
        while self._paused and not self.wants_end:
            self._draw(("paused: p goes on",))
            self._take([self._pygame.event.wait(_PATIENCE)])

    def is_down(self, key: str) -> bool:
        """Return whether `key` is held, or was tapped since the poll before."""
        return key in self._down or key in self._pressed

    def was_pressed(self, key: str) -> bool:
        """Return whether `key` went down since the poll before."""
        return key in self._pressed

    @property
    def pointer(self) -> tuple[float, float] | None:
        """Where the mouse points in the picture: x and y from 0 (left, top) to 1; None outside."""
        if self._mouse is None:
            return None
        left, top, width, height = self._box
        x, y = (self._mouse[0] - left) / width, (self._mouse[1] - top) / height
        return (x, y) if 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 else None

    def is_button_down(self, button: int = 1) -> bool:
        """Return whether a mouse button is held: 1 left, 2 middle, 3 right."""
        return button in self._buttons

    @property
    def wants_end(self) -> bool:
        """Whether the person has asked to end the episode, or to quit."""
        return self._wants_end or self.wants_quit

    # ---- what a session needs ----------------------------------------------------------------

    def begin(self) -> None:
        """Forget the wishes and keys of the last episode."""
        self._wants_end = self._paused = False
        self._pressed = set()

    def show(self, picture: np.ndarray, lines: Sequence[str] = ()) -> None:
        """Show a picture (H, W, 3) uint8 and beside it `lines` of text."""
        self._picture, self._lines = picture, lines
        self._draw()

    def ask(self, answers: Mapping[str, str]) -> str | None:
        """Wait for one of the keys of `answers` (key -> what it does); None: the person quits."""
        self._draw([f"{key}: {text}" for key, text in answers.items()])
        while not self.wants_quit:
            event = self._pygame.event.wait(_PATIENCE)
            self._take([event])
            if event.type == self._pygame.KEYDOWN:
                name = self._pygame.key.name(event.key)
                if name in answers:
                    return name
        return None

    def close(self) -> None:
        """Close the window; closing again does nothing."""
        self._window.close()

    def __enter__(self) -> TeleopWindow:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- inside ------------------------------------------------------------------------------

    def _take(self, events: Sequence[Any]) -> None:
        pygame = self._pygame
        for event in events:
            if event.type == pygame.KEYDOWN:
                self._key(pygame.key.name(event.key))
            elif event.type == pygame.KEYUP:
                self._down.discard(pygame.key.name(event.key))
            elif event.type == pygame.MOUSEMOTION:
                self._mouse = event.pos
            elif event.type == pygame.MOUSEBUTTONDOWN:
                self._mouse = event.pos
                self._buttons.add(event.button)
            elif event.type == pygame.MOUSEBUTTONUP:
                self._buttons.discard(event.button)
            elif event.type == pygame.WINDOWLEAVE:
                self._mouse = None
            elif event.type == pygame.WINDOWFOCUSLOST:  # their KEYUP would go elsewhere
                self._down, self._buttons = set(), set()
            elif event.type == pygame.QUIT:
                self.wants_quit = True

    def _key(self, name: str) -> None:
        wish = self._wishes.get(name)
        if wish is None:
            self._down.add(name)
            self._pressed.add(name)
        elif wish == "pause":
            self._paused = not self._paused
        elif wish == "end":
            self._wants_end = True
        else:
            self.wants_quit = True

    def _draw(self, call: Sequence[str] = ()) -> None:
        """Draw picture and panel; `call` are lines that ask for a key."""
        pygame = self._pygame
        height, width = self._picture.shape[:2]
        scale = _PICTURE / max(height, width)
        self._box = (0, 0, round(width * scale), round(height * scale))
        help_lines = self._help()
        rows = 4 + len(self._lines) + len(call) + len(help_lines)
        tall = max(self._box[3], rows * _LINE + 2 * _MARGIN)
        screen = self._window.open((self._box[2] + _PANEL, tall))
        if self._font is None:
            pygame.font.init()
            self._font = pygame.font.Font(None, 22)
            self._bold = pygame.font.Font(None, 28)
        screen.fill(_BACK)
        picture = pygame.surfarray.make_surface(np.swapaxes(self._picture, 0, 1))
        screen.blit(pygame.transform.smoothscale(picture, self._box[2:]), self._box[:2])
        left, top = self._box[2] + _MARGIN, _MARGIN
        screen.blit(self._bold.render(self._title, True, _INK), (left, top))
        top += 2 * _LINE
        coloured = [(line, _INK) for line in self._lines]
        coloured += [(line, _CALL) for line in call] + [("", _SOFT)]
        for text, colour in coloured:
            screen.blit(self._font.render(text, True, colour), (left, top))
            top += _LINE
        for key, text in help_lines:
            screen.blit(self._font.render(key, True, _INK), (left, top))
            screen.blit(self._font.render(text, True, _SOFT), (left + _KEY, top))
            top += _LINE
        pygame.display.flip()

    def _help(self) -> list[tuple[str, str]]:
        """The lines about the keys: (key, what it does)."""
        own = [
            (next(key for key in names if key in self._wishes), text)
            for names, text in CONTROLS.values()
        ]
        lines: list[tuple[str, str]] = []
        for key, text in [*self._keys.items(), ("", ""), *own]:
            first, *others = textwrap.wrap(text, _CHARACTERS) or [""]
            lines += [(key, first), *(("", other) for other in others)]
        return lines
