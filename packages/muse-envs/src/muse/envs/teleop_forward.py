"""A person's hands as the function that a policy is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.policy import next_count
from muse.envs.teleop.user_input import UserInput

#: `(model, obs, goal, memory) -> (action, memory)`.
TeleopForward = Callable[[Any, AttrDict, AttrDict, AttrDict], tuple[AttrDict, AttrDict]]


def teleop_forward(
    teleop_action: Callable[[UserInput, AttrDict], AttrDict], user_input: UserInput
) -> TeleopForward:
    """Return a function that polls `user_input` once a call and acts by `teleop_action`."""

    def forward(
        model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        user_input.poll()
        return teleop_action(user_input, obs), next_count(memory)

    return forward
