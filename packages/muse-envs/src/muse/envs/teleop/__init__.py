"""A person at the keyboard and mouse as a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.teleop.teleop_policy import TeleopPolicy as TeleopPolicy
    from muse.envs.teleop.teleop_session import TeleopSession as TeleopSession
    from muse.envs.teleop.teleop_window import TeleopWindow as TeleopWindow
    from muse.envs.teleop.user_input import UserInput as UserInput

# Lazy: `muse.envs.env` imports `user_input` from here, and the others import `muse.envs.env`.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "teleop_policy": ("TeleopPolicy",),
        "teleop_session": ("TeleopSession",),
        "teleop_window": ("TeleopWindow",),
        "user_input": ("UserInput",),
    },
)
