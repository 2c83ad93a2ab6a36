"""What an environment raises when its simulator breaks in the middle of an episode."""

from __future__ import annotations

from muse.core.errors import EnvError


class SimulatorError(EnvError):
    """The simulator has left the finite numbers or refuses to go on.

    Raised in `_step`, it ends the episode with `failed`; raised in `_reset`, it reaches the user.
    """
