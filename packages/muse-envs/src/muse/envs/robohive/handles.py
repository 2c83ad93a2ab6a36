"""Handles of RoboHive's kitchen and appliances, and how a gripper may hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Handle:
    """One thing to take and move along its joint.

    Args:
        site: of the model, in its middle.
        shut: how the hand may be yawed about it where the joint is at 0, rad; 0 is straight in.
        open: the same where the joint is at its end. A round bar lets the hand turn about it.
        pitches: how the hand may be pitched, rad; below 0 it comes from above.
    """

    site: str
    shut: tuple[float, ...] = (-0.3, 0.0, 0.3)
    open: tuple[float, ...] = (-0.3, 0.0, 0.3)
    pitches: tuple[float, ...] = (0.0,)


_ALL_ROUND = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)
_FROM_ABOVE = (-0.8, -0.4, 0.0)
# A door is pulled from its free edge, where a finger hooks the bar, and the hand stays outside.
_EDGE, _BEHIND = (0.3, 0.6, 0.9), (0.3, 0.6, 0.9, 1.2, 1.5, 1.8)


def _mirrored(yaws: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(-yaw for yaw in yaws)


#: Joint -> its handle. The knobs and the kettle have none: they want other motions.
HANDLES: Mapping[str, Handle] = {
    "lightswitch_joint": Handle("light_site"),
    "slidedoor_joint": Handle("slide_site", _ALL_ROUND, _ALL_ROUND, _FROM_ABOVE),
    "leftdoorhinge": Handle("leftdoor_site", _EDGE, _BEHIND, _FROM_ABOVE),
    "rightdoorhinge": Handle("rightdoor_site", _mirrored(_EDGE), _mirrored(_BEHIND), _FROM_ABOVE),
    "micro0joint": Handle("microhandle_site", _EDGE, _BEHIND, _FROM_ABOVE),
}
