"""Real SDL events without a display, posted by an environment as it is stepped."""

from __future__ import annotations

from muse.core.params import Param
from muse.envs.simple.point_mass_env import PointMassEnv


def post(kind: str, **attributes) -> None:
    """Post an event: `post("KEYDOWN", key="r")`."""
    import pygame

    if "key" in attributes:
        attributes["key"] = pygame.key.key_code(attributes["key"])
    pygame.event.post(pygame.event.Event(getattr(pygame, kind), **attributes))


class PressingEnv(PointMassEnv):
    """Presses the keys of `script`, `step:key` by step over all episodes, counted from 1."""

    declared_params = (Param("script", list[str]),)

    def __init__(self, params, env_spec):
        super().__init__(params, env_spec)
        self._steps_taken = 0

    def _step(self, action):
        self._steps_taken += 1
        for line in self.params.script:
            step, _, key = line.partition(":")
            if int(step) == self._steps_taken:
                post("QUIT") if key == "close" else post("KEYDOWN", key=key)
        return super()._step(action)
