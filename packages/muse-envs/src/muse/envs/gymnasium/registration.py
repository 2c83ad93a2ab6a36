"""The environments of the catalogue under gymnasium ids."""

from __future__ import annotations

from typing import Any

from muse.core.errors import MissingExtraError
from muse.envs.catalogue import entries, find_entry
from muse.envs.env import make


def register() -> list[str]:
    """Give every environment of the catalogue its id in gymnasium's registry.

    `gymnasium.make("muse/PushT-v0", image=True, max_steps=100)` then builds `push-t` with its image
    observation and a parameter of its own. Nothing is imported before that; a second call does
    nothing.

    Returns:
        The ids.
    """
    try:
        import gymnasium
    except ImportError as error:
        raise MissingExtraError("muse.envs.gymnasium", "muse-envs", "gym") from error
    ids = []
    for entry in entries():
        ids.append(_id(entry.name))
        if ids[-1] not in gymnasium.registry:
            gymnasium.register(
                ids[-1],
                entry_point="muse.envs.gymnasium.registration:build",
                kwargs={"name": entry.name},
            )
    return ids


def build(name: str, render_mode: str | None = None, image: bool = False, **params: Any) -> Any:
    """Build the catalogue's environment `name` as a `gymnasium.Env`.

    Args:
        render_mode: "rgb_array" or None.
        image: with the image observation.
        params: parameters of the environment.
    """
    from muse.envs.gymnasium.gymnasium_env import GymnasiumEnv

    return GymnasiumEnv(make(find_entry(name).group(image=image, **params)), render_mode)


def _id(name: str) -> str:
    return f"muse/{''.join(part[:1].upper() + part[1:] for part in name.split('-'))}-v0"
